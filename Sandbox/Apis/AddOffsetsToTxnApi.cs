using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Makes a group's offsets part of a transaction.</summary>
internal static class AddOffsetsToTxnApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var request = exchange.Read();
        string transactionalId = request.String();
        long producerId = request.Int64();
        short epoch = request.Int16();
        string group = request.String();
        ErrorCode error;
        lock (exchange.Broker.Gate)
        {
            error = exchange.Refusal != ErrorCode.None ? exchange.Refusal : exchange.Broker.Transactions.AddOffsets(transactionalId, producerId, epoch, group);
        }
        exchange.Response.Int32(0);
        exchange.Response.Error(Fencing.In(error, isNewEnough: exchange.Version >= 2));
        exchange.Response.Tags();
        return ValueTask.CompletedTask;
    }
}
