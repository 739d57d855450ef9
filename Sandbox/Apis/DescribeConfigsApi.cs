using System.Globalization;
using Weir.Sandbox.Transactions;
using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Says how topics, and the broker, are set.</summary>
internal static class DescribeConfigsApi
{
    /// <summary>Where a setting comes from, in the protocol's numbers.</summary>
    public const int SetOnTopic = 1;

    /// <inheritdoc cref="SetOnTopic"/>
    public const int ByDefault = 5;

    private const int TopicResource = 2;
    private const int BrokerResource = 4;

    public static ValueTask Handle(Exchange exchange)
    {
        var request = exchange.Read();
        var asked = new List<(int Type, string Name, HashSet<string>? Keys)>();
        for (int left = request.ArrayLength(); left > 0; left--)
        {
            int type = request.Int8();
            string name = request.String();
            int count = request.ArrayLength();
            var keys = count < 0 ? null : new HashSet<string>();
            for (int i = 0; i < count; i++)
            {
                keys!.Add(request.String());
            }
            request.Tags();
            asked.Add((type, name, keys));
        }
        var response = exchange.Response;
        response.Int32(0);
        response.Array(asked.Count);
        lock (exchange.Broker.Gate)
        {
            foreach (var (type, name, keys) in asked)
            {
                var settings = Find(exchange.Broker, type, name);
                response.Error(settings is null ? (type == TopicResource ? ErrorCode.UnknownTopicOrPartition : ErrorCode.InvalidRequest) : ErrorCode.None);
                response.String(settings is null ? $"There is no {name}." : null);
                response.Int8(type);
                response.String(name);
                Write(response, exchange.Version, [.. (settings ?? []).Where(setting => keys is null || keys.Contains(setting.Name))]);
                response.Tags();
            }
        }
        response.Tags();
        return ValueTask.CompletedTask;
    }

    private static IEnumerable<(string Name, string Value, bool IsSet)>? Find(BrokerState broker, int type, string name) => type switch
    {
        TopicResource => broker.Topics.Find(name)?.Settings.All,
        BrokerResource =>
        [
            ("auto.create.topics.enable", broker.Options.CreatesTopics ? "true" : "false", true),
            ("num.partitions", broker.Options.DefaultPartitions.ToString(CultureInfo.InvariantCulture), true),
            ("transaction.max.timeout.ms", TransactionCoordinator.TimeoutMsMax.ToString(CultureInfo.InvariantCulture), false),
        ],
        _ => null,
    };

    private static void Write(ResponseWriter response, short version, (string Name, string Value, bool IsSet)[] settings)
    {
        response.Array(settings.Length);
        foreach (var (name, value, isSet) in settings)
        {
            response.String(name);
            response.String(value);
            response.Bool(false); // Read-only.
            response.Int8(isSet ? SetOnTopic : ByDefault);
            response.Bool(false); // Sensitive.
            response.Array(0); // Synonyms.
            if (version >= 3)
            {
                response.Int8(0); // Of no said type.
                response.String(null);
            }
            response.Tags();
        }
    }
}
