using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>How a producer is told that another has its id: versions that do not know the code for it get the older one (KIP-588).</summary>
internal static class Fencing
{
    public static ErrorCode In(ErrorCode error, bool isNewEnough) => error == ErrorCode.ProducerFenced && !isNewEnough ? ErrorCode.InvalidProducerEpoch : error;
}
