namespace Weir.Sandbox.Wire;

/// <summary>A frame is not what its API and version say: its connection is closed, and nothing else happens.</summary>
internal sealed class MalformedFrameException(string message) : Exception(message);
