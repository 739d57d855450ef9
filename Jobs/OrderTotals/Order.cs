using System.Text.Json.Serialization;

namespace Weir.Jobs;

/// <summary>An order, as version 1 of the job knew it.</summary>
/// <param name="Account">Whose it is.</param>
/// <param name="Cents">What it costs.</param>
public sealed record OrderV1(string Account, long Cents);

/// <summary>An order.</summary>
/// <param name="Account">Whose it is.</param>
/// <param name="Cents">What it costs.</param>
/// <param name="Currency">In which currency.</param>
public sealed record Order(string Account, long Cents, string Currency = "EUR")
{
    /// <summary>As it was written by version 1 of the job.</summary>
    public static Codec<OrderV1> CodecV1 { get; } = Weir.Codec.Json(OrdersJson.Default.OrderV1, "order", version: 1);

    /// <summary>As it is written now: the name is the same, the version another one, since the bytes are.</summary>
    public static Codec<Order> Codec { get; } = Weir.Codec.Json(OrdersJson.Default.Order, "order", version: 2);
}

/// <summary>What is kept of an account.</summary>
/// <param name="Cents">The sum of its orders.</param>
/// <param name="Orders">How many there were, since version 2 counts them.</param>
public readonly record struct RunningTotal(long Cents, long Orders)
{
    /// <summary>Its memory as it is.</summary>
    public static Codec<RunningTotal> Codec { get; } = Weir.Codec.Fixed<RunningTotal>(new CodecId("running-total", 1));
}

/// <summary>Where an account stands after an order.</summary>
/// <param name="Account">The account.</param>
/// <param name="Cents">The sum of its orders.</param>
/// <param name="Orders">How many there were; 0 where version 1 of the job wrote it.</param>
public sealed record AccountTotal(string Account, long Cents, long Orders)
{
    /// <summary>As JSON.</summary>
    public static Codec<AccountTotal> Codec { get; } = Weir.Codec.Json(OrdersJson.Default.AccountTotal);
}

/// <summary>The JSON of orders and totals.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(OrderV1))]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(AccountTotal))]
public sealed partial class OrdersJson : JsonSerializerContext;
