using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Commits a transaction, or aborts it.</summary>
internal static class EndTxnApi
{
    public static ValueTask Handle(Exchange exchange)
    {
        var request = exchange.Read();
        string transactionalId = request.String();
        long producerId = request.Int64();
        short epoch = request.Int16();
        bool isCommit = request.Bool();
        ErrorCode error;
        lock (exchange.Broker.Gate)
        {
            error = exchange.Refusal != ErrorCode.None ? exchange.Refusal : exchange.Broker.Transactions.End(transactionalId, producerId, epoch, isCommit);
        }
        exchange.Response.Int32(0);
        exchange.Response.Error(Fencing.In(error, isNewEnough: exchange.Version >= 2));
        exchange.Response.Tags();
        return ValueTask.CompletedTask;
    }
}
