using System.Globalization;
using Weir.Runtime;
using Weir.StateStore;

namespace Weir.Hosting;

/// <summary>What a checkpoint says of itself, put together by operator and edge; readable without the job's code.</summary>
internal sealed record CheckpointDetails
{
    public required CheckpointEntry Summary { get; init; }

    public required string Life { get; init; }

    public string? ClusterId { get; init; }

    public required int MaxParallelism { get; init; }

    /// <summary>What it waited for, in one sentence.</summary>
    public string? Verdict { get; init; }

    public required IReadOnlyList<OperatorDetails> Operators { get; init; }

    public required IReadOnlyList<EdgeDetails> Edges { get; init; }
}

internal sealed record OperatorDetails(string Id, int Parallelism, int Finished, IReadOnlyList<SplitDetails> Splits, IReadOnlyList<StateDetails> States);

internal sealed record SplitDetails(int Subtask, string Split, long Position, long? StopAt);

/// <param name="Name">The state's name.</param>
/// <param name="Key">Codec of its keys; null where it has none.</param>
/// <param name="Value">Codec of its values.</param>
/// <param name="Entries">Keys, or entries, of all subtasks.</param>
/// <param name="Bytes">As stored.</param>
/// <param name="Sample">The first entries, where records were asked for.</param>
internal sealed record StateDetails(string Name, string? Key, string Value, long Entries, long Bytes, IReadOnlyList<RawEntry> Sample);

internal sealed record EdgeDetails(string Id, string? Kind, string Codec, IReadOnlyList<ChannelDetails> Channels);

/// <param name="From">The subtask that wrote them.</param>
/// <param name="To">The subtask that was to read them.</param>
/// <param name="Layer">What is read to its end before the next.</param>
/// <param name="Records">How many.</param>
/// <param name="Bytes">As stored.</param>
/// <param name="LieIn">Folders of other checkpoints that they lie in.</param>
/// <param name="Sample">The first records, where they were asked for.</param>
internal sealed record ChannelDetails(int From, int To, int Layer, long Records, long Bytes, IReadOnlyList<string> LieIn, IReadOnlyList<RawRecord> Sample);

/// <summary>Bytes as hexadecimal digits: what they mean, only the job's codecs know.</summary>
internal sealed record RawEntry(string? Key, string Value);

/// <param name="Timestamp">In ms since 1970.</param>
/// <param name="Hash">The key's.</param>
/// <param name="Bytes">Hexadecimal digits; null where it is a watermark.</param>
internal sealed record RawRecord(long Timestamp, uint Hash, string? Bytes);

/// <summary>Reads the details of one checkpoint.</summary>
/// <param name="storage">Where it lies.</param>
/// <param name="folder">Its folder.</param>
/// <param name="metadata">What it says of itself.</param>
/// <param name="records">How many records and entries to show of each channel and state.</param>
internal sealed class CheckpointReading(ICheckpointStorage storage, string folder, CheckpointMetadata metadata, int records)
{
    // More is told by its length: a value may have megabytes.
    private const int BytesShown = 256;

    /// <param name="onlyOperator">The one to show; null shows all.</param>
    /// <param name="onlyEdge">The one to show; null shows all.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="JobException">There is no such operator or edge in it.</exception>
    /// <exception cref="CheckpointStorageException">Bytes that were to be shown are damaged, or the store does not answer.</exception>
    public async Task<CheckpointDetails> ReadAsync(string? onlyOperator, string? onlyEdge, CancellationToken cancellation)
    {
        Check(onlyOperator, "operator", metadata.Operators.Select(one => one.Id));
        Check(onlyEdge, "edge with records in flight", metadata.Edges.Select(edge => edge.EdgeId));
        // One that asks for an operator does not want all edges, and the other way round.
        var operators = metadata.Operators.Where(one => onlyOperator is null ? onlyEdge is null : one.Id == onlyOperator);
        var edges = metadata.Edges.Where(edge => onlyEdge is null ? onlyOperator is null : edge.EdgeId == onlyEdge);
        return new CheckpointDetails
        {
            Summary = CheckpointCatalog.Describe(folder, metadata),
            Life = metadata.LifeId,
            ClusterId = metadata.ClusterId,
            MaxParallelism = metadata.MaxParallelism,
            Verdict = metadata.Report?.Verdict,
            Operators = await EachAsync(operators, one => OperatorAsync(one, cancellation)).ConfigureAwait(false),
            Edges = await EachAsync(edges, edge => EdgeAsync(edge, cancellation)).ConfigureAwait(false),
        };
    }

    private static void Check(string? asked, string what, IEnumerable<string> there)
    {
        if (asked is not null && !there.Contains(asked))
        {
            throw new JobException(JobFailure.Configuration, $"There is no {what} '{asked}' in the checkpoint; there {(there.Any() ? $"are {string.Join(", ", there)}" : "is none")}.");
        }
    }

    private static async Task<IReadOnlyList<TResult>> EachAsync<T, TResult>(IEnumerable<T> all, Func<T, Task<TResult>> read)
    {
        var results = new List<TResult>();
        foreach (var one in all)
        {
            results.Add(await read(one).ConfigureAwait(false));
        }
        return results;
    }

    private async Task<OperatorDetails> OperatorAsync(OperatorMetadata one, CancellationToken cancellation)
    {
        var keyed = one.Subtasks.SelectMany(subtask => subtask.State).GroupBy(part => part.StateName).Select(state => StateAsync(
            state.Key, state.First().KeyCodec, state.First().ValueCodec, [.. state.Select(part => (part.Handle, part.Entries))], (payload, max) => StoredEntries.OfKeys(payload, max), cancellation));
        var apart = one.Subtasks.SelectMany(subtask => subtask.OperatorState).GroupBy(part => part.StateName).Select(state => StateAsync(
            state.Key, state.First().KeyCodec, state.First().ValueCodec, [.. state.Select(part => (part.Handle, (long)part.Entries))], (payload, max) => StoredEntries.OfOperator(payload, state.First().KeyCodec is not null, max), cancellation));
        return new OperatorDetails(
            one.Id,
            one.Parallelism,
            one.Subtasks.Count(subtask => subtask.Finished),
            [.. one.Subtasks.SelectMany(subtask => subtask.Splits.Select(split => new SplitDetails(subtask.Index, split.Split, split.Position, split.StopAt)))],
            await EachAsync(keyed.Concat(apart), state => state).ConfigureAwait(false));
    }

    private async Task<StateDetails> StateAsync(
        string name, CodecId? key, CodecId value, (SegmentHandle Handle, long Entries)[] parts, Func<ReadOnlyMemory<byte>, int, IReadOnlyList<StoredEntry>> read, CancellationToken cancellation)
    {
        var sample = new List<RawEntry>();
        foreach (var (handle, _) in parts.TakeWhile(_ => sample.Count < records))
        {
            var payload = await SegmentReader.ReadAsync(storage, folder, handle, cancellation).ConfigureAwait(false);
            sample.AddRange(Read(handle, () => read(payload, records - sample.Count)).Select(entry => new RawEntry(entry.Key is { } bytes ? Hex(bytes) : null, Hex(entry.Value))));
        }
        return new StateDetails(name, key?.ToString(), value.ToString(), parts.Sum(part => part.Entries), parts.Sum(part => (long)part.Handle.Length), sample);
    }

    private async Task<EdgeDetails> EdgeAsync(EdgeMetadata edge, CancellationToken cancellation) => new(
        edge.EdgeId,
        edge.Kind,
        edge.RecordCodec.ToString(),
        await EachAsync(edge.Channels, channel => ChannelAsync(edge, channel, cancellation)).ConfigureAwait(false));

    private async Task<ChannelDetails> ChannelAsync(EdgeMetadata edge, ChannelMetadata channel, CancellationToken cancellation)
    {
        var sample = new List<RawRecord>();
        foreach (var segment in channel.Segments.TakeWhile(_ => sample.Count < records))
        {
            var payload = await SegmentReader.ReadAsync(storage, folder, segment.Handle, cancellation).ConfigureAwait(false);
            sample.AddRange(Read(segment.Handle, () => StoredRecords.Of(payload, edge.RecordCodec, records - sample.Count)).Select(record => new RawRecord(record.Timestamp, record.Hash, record.Bytes is { } bytes ? Hex(bytes) : null)));
        }
        return new ChannelDetails(
            channel.From,
            channel.To,
            channel.Layer,
            channel.Segments.Sum(segment => segment.Records),
            channel.Segments.Sum(segment => segment.Bytes),
            [.. channel.Segments.Select(segment => CheckpointPaths.ReferencedFolder(segment.Handle.File)).OfType<string>().Distinct()],
            sample);
    }

    private static IReadOnlyList<T> Read<T>(SegmentHandle handle, Func<IReadOnlyList<T>> read)
    {
        try
        {
            return read();
        }
        catch (Exception broken) when (broken is InvalidDataException or CodecException)
        {
            throw new CheckpointStorageException(StorageFailure.Damaged, handle.File, $"The segment at offset {handle.Offset} of {handle.File} can't be read: {broken.Message}.", broken);
        }
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => bytes.Length <= BytesShown
        ? Convert.ToHexStringLower(bytes.Span)
        : string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(bytes.Span[..BytesShown])}.. ({bytes.Length} bytes)");
}
