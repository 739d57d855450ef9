using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Says what is spoken.</summary>
internal static class ApiVersionsApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        Write(exchange.Response, exchange.Version, ErrorCode.None);
        return ValueTask.CompletedTask;
    }

    public static void Write(ResponseWriter response, short version, ErrorCode error)
    {
        response.Error(error);
        response.Array(ApiTable.All.Count);
        foreach (var api in ApiTable.All)
        {
            response.Int16((short)api.Key);
            // librdkafka takes a broker without the first Produce for one that can't decompress; Kafka 4 says 0 for that reason, and speaks 3 (KAFKA-18659).
            response.Int16(api.Key == ApiKey.Produce ? 0 : api.VersionMin);
            response.Int16(api.VersionMax);
            response.Tags();
        }
        if (version >= 1)
        {
            response.Int32(0); // Throttled for no time.
        }
        response.Tags();
    }
}
