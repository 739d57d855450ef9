using Weir.Sandbox.Log;
using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Makes topics.</summary>
internal static class CreateTopicsApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var (wanted, isCheckOnly) = Read(exchange);
        var response = exchange.Response;
        response.Int32(0);
        response.Array(wanted.Count);
        lock (exchange.Broker.Gate)
        {
            foreach (var topic in wanted)
            {
                Write(response, exchange.Version, topic, Create(exchange.Broker, topic, isCheckOnly));
            }
        }
        response.Tags();
        return ValueTask.CompletedTask;
    }

    private static (List<Wanted> Topics, bool IsCheckOnly) Read(Exchange exchange)
    {
        var request = exchange.Read();
        var wanted = new List<Wanted>();
        for (int left = request.ArrayLength(); left > 0; left--)
        {
            string name = request.String();
            int partitions = request.Int32();
            short replicas = request.Int16();
            int assigned = request.ArrayLength();
            for (int i = 0; i < assigned; i++)
            {
                request.Int32();
                for (int nodes = request.ArrayLength(); nodes > 0; nodes--)
                {
                    request.Int32();
                }
                request.Tags();
            }
            var settings = new Dictionary<string, string>();
            for (int i = request.ArrayLength(); i > 0; i--)
            {
                string setting = request.String();
                if (request.NullableString() is { } value)
                {
                    settings[setting] = value;
                }
                request.Tags();
            }
            request.Tags();
            wanted.Add(new Wanted(name, assigned > 0 ? assigned : partitions, replicas, settings));
        }
        request.Int32(); // Its time-out: nothing takes time here.
        return (wanted, request.Bool());
    }

    private static Answer Create(BrokerState broker, Wanted wanted, bool isCheckOnly)
    {
        if (wanted.Replicas is not (-1 or 0 or 1))
        {
            return new Answer(ErrorCode.InvalidReplicationFactor, $"Replication factor {wanted.Replicas}: there is one node.", null);
        }
        if (TopicSettings.TryMake(wanted.Settings, out string fault) is not { } settings)
        {
            return new Answer(ErrorCode.InvalidConfig, fault, null);
        }
        if (isCheckOnly && broker.Topics.Find(wanted.Name) is null)
        {
            return new Answer(Topic.IsName(wanted.Name) ? ErrorCode.None : ErrorCode.InvalidTopic, null, null);
        }
        var error = broker.Topics.Create(wanted.Name, wanted.Partitions == -1 ? broker.Options.DefaultPartitions : wanted.Partitions, settings, out var created);
        return new Answer(error, error == ErrorCode.None ? null : $"{error}: {wanted.Name}", created);
    }

    private static void Write(ResponseWriter response, short version, Wanted wanted, Answer answer)
    {
        response.String(wanted.Name);
        if (version >= 7)
        {
            response.Uuid(answer.Created?.Id ?? Guid.Empty);
        }
        response.Error(answer.Error);
        response.String(answer.Message);
        if (version >= 5)
        {
            response.Int32(answer.Created?.Partitions.Count ?? -1);
            response.Int16(answer.Created is null ? -1 : 1);
            WriteSettings(response, answer.Created?.Settings);
        }
        response.Tags();
    }

    private static void WriteSettings(ResponseWriter response, TopicSettings? settings)
    {
        if (settings is null)
        {
            response.Array(-1);
            return;
        }
        response.Array(settings.All.Count);
        foreach (var (name, value, isSet) in settings.All)
        {
            response.String(name);
            response.String(value);
            response.Bool(false); // Read-only.
            response.Int8(isSet ? DescribeConfigsApi.SetOnTopic : DescribeConfigsApi.ByDefault);
            response.Bool(false); // Sensitive.
            response.Tags();
        }
    }

    private sealed record Wanted(string Name, int Partitions, short Replicas, Dictionary<string, string> Settings);

    private sealed record Answer(ErrorCode Error, string? Message, Topic? Created);
}
