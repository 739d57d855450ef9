using System.Text.Json.Serialization;
using Weir;

namespace Weir_Job1;

/// <summary>What comes in.</summary>
public sealed record Order(long Account, long Amount);

/// <summary>What goes out.</summary>
public sealed record Total(long Account, long Sum);

/// <summary>How they are read and written.</summary>
public static class Messages
{
    public static Codec<Order> Order { get; } = Codec.Json(MessagesJson.Default.Order);

    public static Codec<Total> Total { get; } = Codec.Json(MessagesJson.Default.Total);
}

[JsonSerializable(typeof(Order)), JsonSerializable(typeof(Total))]
internal sealed partial class MessagesJson : JsonSerializerContext;
