namespace Weir.StateStore;

/// <summary>A state that an operator declared: what a plan shows, and a restore compares.</summary>
/// <param name="Name">Its name within the operator.</param>
/// <param name="ValueCodec">Name and version of its values' bytes.</param>
public sealed record StateDeclaration(string Name, CodecId ValueCodec);
