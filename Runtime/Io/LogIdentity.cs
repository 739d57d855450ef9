namespace Weir.Runtime;

/// <summary>A log as such: one that was deleted and made again has the same name, and is another one.</summary>
/// <param name="Name">Its name; for Kafka the topic's.</param>
/// <param name="Id">What no other log has, nor ever will; for Kafka the topic id.</param>
public sealed record LogIdentity(string Name, string Id);
