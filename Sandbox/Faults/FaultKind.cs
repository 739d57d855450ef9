namespace Weir.Sandbox.Faults;

/// <summary>What may go wrong with a request.</summary>
public enum FaultKind
{
    /// <summary>The connection breaks, and the request was never there.</summary>
    DropBefore,

    /// <summary>The request is carried out, and the connection breaks before its reply.</summary>
    DropAfter,

    /// <summary>The request is carried out, and its reply comes late.</summary>
    DelayReply,

    /// <summary>The connection breaks at once, and the request is carried out late: by then its sender may have sent it again, or gone on.</summary>
    CarryOutLate,

    /// <summary>The request is not carried out, and answered by an error.</summary>
    Error,

    /// <summary>The whole broker stands still: nothing is carried out, and nothing answered.</summary>
    Stall,

    /// <summary>The broker goes away and comes back: all connections break, new ones are refused meanwhile; records, offsets and transactions stay.</summary>
    Restart,
}
