namespace Weir.Jobs;

/// <summary>Topic <c>lines</c> to topic <c>words</c>: after each word how often it came so far.</summary>
public sealed class WordCountJob : IJob
{
    private static readonly char[] s_separators = [' ', '\t', ',', ';', '.', ':', '!', '?', '"', '(', ')'];

    /// <inheritdoc/>
    public void Build(JobBuilder job)
    {
        ArgumentNullException.ThrowIfNull(job);
        job.FromKafka("lines", Codec.Utf8)
            .FlatMap<string>(EmitWords).WithId("split")
            .KeyBy(word => word)
            .Aggregate("counts", 0L, (count, _) => count + 1, (word, count) => new WordTotal(word, count))
            .ToKafka("words", Codec.Json(WordCountJson.Default.WordTotal), key: total => total.Word);
    }

    private static void EmitWords(in string line, Collector<string> output)
    {
        foreach (string word in line.Split(s_separators, StringSplitOptions.RemoveEmptyEntries))
        {
            output.Emit(word);
        }
    }
}
