using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Gives a producer its id and epoch; with a transactional id, takes that from whoever had it.</summary>
internal static class InitProducerIdApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var request = exchange.Read();
        string? transactionalId = request.NullableString();
        int timeoutMs = request.Int32();
        long knownId = exchange.Version >= 3 ? request.Int64() : -1;
        short knownEpoch = exchange.Version >= 3 ? request.Int16() : (short)-1;
        var error = exchange.Refusal;
        long producerId = -1;
        short epoch = -1;
        lock (exchange.Broker.Gate)
        {
            if (error != ErrorCode.None)
            {
                // It gets none.
            }
            else if (transactionalId is null)
            {
                (producerId, epoch) = (exchange.Broker.Transactions.NewProducerId(), 0);
            }
            else
            {
                (long, short)? known = knownId >= 0 ? (knownId, knownEpoch) : null;
                error = exchange.Broker.Transactions.Init(transactionalId, timeoutMs, known, out producerId, out epoch);
            }
        }
        exchange.Response.Int32(0);
        exchange.Response.Error(Fencing.In(error, isNewEnough: exchange.Version >= 4));
        exchange.Response.Int64(producerId);
        exchange.Response.Int16(epoch);
        exchange.Response.Tags();
        return ValueTask.CompletedTask;
    }
}
