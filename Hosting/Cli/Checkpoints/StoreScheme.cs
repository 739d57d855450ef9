using Weir.StateStore;

namespace Weir.Hosting;

/// <summary>A kind of store that the command line can name beside folders.</summary>
/// <param name="Prefix">What a name of one begins with, such as <c>azure://</c>.</param>
/// <param name="Open">Opens the one of a whole name.</param>
internal sealed record StoreScheme(string Prefix, Func<string, ICheckpointStorage> Open);
