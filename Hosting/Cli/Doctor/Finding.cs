using Weir.Runtime;

namespace Weir.Hosting;

/// <summary>One line of the doctor.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="Verdict">How it is.</param>
/// <param name="Found">What was found, in a sentence.</param>
/// <param name="Fix">What to do about it; null where there is nothing to do.</param>
internal sealed record Finding(string Check, Verdict Verdict, string Found, string? Fix = null)
{
    /// <summary>What the program ends with where this is the worst.</summary>
    public int ExitCode { get; init; }

    public static Finding Pass(string check, string found) => new(check, Verdict.Pass, found);

    public static Finding Warn(string check, string found, string fix) => new(check, Verdict.Warn, found, fix);

    /// <summary>A setting, here or at the brokers, that does not fit.</summary>
    public static Finding Fail(string check, string found, string fix) => new(check, Verdict.Fail, found, fix) { ExitCode = Hosting.ExitCode.Configuration };

    /// <summary>Something that does not answer, or does not let us in.</summary>
    public static Finding Away(string check, string found, string fix) => new(check, Verdict.Fail, found, fix) { ExitCode = Hosting.ExitCode.Unreachable };

    public static Finding Unknown(string check, string found, string fix) => new(check, Verdict.Unknown, found, fix);

    /// <summary>What a job would end with; its sentence says what to do.</summary>
    public static Finding Of(string check, JobException failure) => new(check, Verdict.Fail, failure.Message) { ExitCode = Hosting.ExitCode.Of(failure.Reason) };
}

/// <summary>How something is.</summary>
internal enum Verdict
{
    /// <summary>Well.</summary>
    Pass,

    /// <summary>It can't be told from here.</summary>
    Unknown,

    /// <summary>Jobs run, but something may come of it.</summary>
    Warn,

    /// <summary>Jobs do not run, or lose what they should keep.</summary>
    Fail,
}
