namespace Weir.Runtime;

/// <summary>What a job's parts have done since the process started, all attempts of it, and hold now: for measurements. A snapshot.</summary>
/// <param name="Sources">Each source.</param>
/// <param name="Sinks">Each sink.</param>
/// <param name="Tasks">Each task.</param>
/// <param name="Buffers">The batches of all gates.</param>
/// <param name="OverflowBytes">Memory in bytes that is taken for what single records made beyond their gates' batches.</param>
public sealed record JobFigures(IReadOnlyList<SourceFigures> Sources, IReadOnlyList<SinkFigures> Sinks, IReadOnlyList<TaskFigures> Tasks, BufferFigures Buffers, long OverflowBytes);

/// <summary>What a source did.</summary>
/// <param name="Name">Its name in the job.</param>
/// <param name="Records">Records taken from it.</param>
/// <param name="Watermark">How far event time has come, where the source's task makes watermarks: of its subtasks the one that holds it back. Null where there is none yet.</param>
/// <param name="IsIdle">Whether nothing waits for it, since it brings no records; false where its task makes no watermarks.</param>
public sealed record SourceFigures(string Name, long Records, DateTimeOffset? Watermark, bool IsIdle);

/// <summary>What a sink did.</summary>
/// <param name="Name">Its name in the job.</param>
/// <param name="Records">Records given to it.</param>
public sealed record SinkFigures(string Name, long Records);

/// <summary>What the subtasks of a task spent their time with, together: of four subtasks it grows by 4 s a second.</summary>
/// <param name="Name">The ids of its operators.</param>
/// <param name="Busy">They ran.</param>
/// <param name="Queued">They had something to do, and waited for a core.</param>
/// <param name="Backpressured">They waited for room behind them.</param>
/// <param name="Idle">They waited for records.</param>
public sealed record TaskFigures(string Name, TimeSpan Busy, TimeSpan Queued, TimeSpan Backpressured, TimeSpan Idle);

/// <summary>Batches of all gates of a job, now.</summary>
/// <param name="Used">Those that are being filled, or not read yet.</param>
/// <param name="Free">Those that may still be filled.</param>
/// <param name="Overdraft">Those beyond what the gates have, which single records made.</param>
public sealed record BufferFigures(long Used, long Free, long Overdraft);
