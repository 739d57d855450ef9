using System.Globalization;

namespace Weir.Jobs;

/// <summary>What the ledger is fed where it is shown: bookings as a function of their number, and its output in words.</summary>
public static class LedgerSample
{
    /// <summary>Accounts that there are.</summary>
    public const long Accounts = 10_000;

    /// <summary>The topic that the ledger reads.</summary>
    public const string Input = "in";

    /// <summary>The topic that it writes.</summary>
    public const string Output = "out";

    /// <summary>The booking of a number: always the same one, but for the time.</summary>
    /// <param name="seq">From 0 on.</param>
    /// <param name="createdMs">When it was made, in ms since 1970.</param>
    public static LedgerEntry Booking(long seq, long createdMs) =>
        new(LedgerWorkload.AccountOf(seq, Accounts), seq, createdMs, LedgerWorkload.AmountOf(seq), Balance: 0, default);

    /// <summary>An entry in words: <c>account 4711 balance 52,190</c>.</summary>
    public static string Describe(LedgerEntry entry) => string.Create(CultureInfo.InvariantCulture, $"account {entry.Account} balance {entry.Balance:N0}");
}
