namespace Weir.Tests.Graph;

public sealed class JobBuilderTests
{
    [Fact]
    public void A_source_and_a_sink_are_called_by_their_names_and_others_by_kind_and_number()
    {
        var plan = GraphScript.Plan(job => job.Numbers("in").Map(n => n + 1).Filter(n => n > 0).Map(n => -n).ToNowhere("out"));
        Assert.Equal(["in", "map-1", "filter-1", "map-2", "out"], plan.Operators.Select(node => node.Id));
    }

    [Fact]
    public void An_id_that_is_given_replaces_the_default()
    {
        var plan = GraphScript.Plan(job => job.Numbers("in").WithId("a").Map(n => n).WithId("b").ToNowhere("out").WithId("c"));
        Assert.Equal(["a", "b", "c"], plan.Operators.Select(node => node.Id));
        Assert.Equal(["in", "map", "out"], plan.Operators.Select(node => node.Name));
    }

    [Fact]
    public void Two_operators_of_one_id_are_refused() => Assert.Equal(
        "Job 'test' can't be built. Two operators have the id 'topic': a source and a sink; give one of them another with WithId(..).",
        GraphScript.Refusal(job => job.Numbers("topic").ToNowhere("topic")));

    [Theory]
    [InlineData("")]
    [InlineData("a->b")]
    [InlineData("a b")]
    [InlineData("größe")]
    public void An_id_that_no_file_may_be_called_is_refused(string id) => Assert.Contains(
        $"'{id}' is no operator id: it has 1 to 100 letters, digits, '.', '_' and '-'.",
        GraphScript.Refusal(job => job.Numbers().WithId(id).ToNowhere()),
        StringComparison.Ordinal);

    [Fact]
    public void A_key_type_without_a_codec_is_refused() => Assert.Equal(
        "Job 'test' can't be built. Operator 'sum' is keyed by Version, which has no key codec; " +
        "key by an integer, Guid, string or byte[], or add one to the job's Codecs with AddKey(..).",
        GraphScript.Refusal(job => job.Numbers().KeyBy(n => new Version((int)n, 0)).Aggregate("sum", 0L, (sum, n) => sum + n, (_, sum) => sum).ToNowhere()));

    [Fact]
    public void A_record_type_without_a_codec_is_refused_where_it_leaves_its_task() => Assert.Equal(
        "Job 'test' can't be built. Operator 'map-1' sends List<Version> to 'nowhere', a type without a codec; " +
        "give it one with WithCodec(..), or add one to the job's Codecs.",
        GraphScript.Refusal(job => job.Numbers().Map(_ => new List<Version>()).Rebalance().ToNowhere()));

    [Fact]
    public void A_record_type_without_a_codec_may_pass_through_a_chain() =>
        Assert.Equal(["numbers -> map-1 -> nowhere"], GraphScript.Plan(job => job.Numbers().Map(_ => new Version()).ToNowhere()).Chains());

    [Fact]
    public void A_codec_is_taken_from_the_stream_then_from_the_source_then_from_the_registry()
    {
        var (given, ofSource, registered) = (Fixed("given"), Fixed("source"), Fixed("registered"));
        var plan = GraphScript.Plan(job =>
        {
            job.Codecs.Add(registered);
            job.From(new NoSource<long>("a", ofSource)).WithCodec(given).Rebalance().ToNowhere("x");
            job.From(new NoSource<long>("b", ofSource)).Rebalance().ToNowhere("y");
            job.From(new NoSource<long>("c")).Rebalance().ToNowhere("z");
        });
        Assert.Equal(["given", "source", "registered"], plan.Edges.Select(edge => edge.CodecId.Name));
    }

    [Fact]
    public void Where_nobody_else_knows_a_codec_the_log_does_that_the_records_go_to()
    {
        var plan = GraphScript.Plan(job => job.From(new NoSource<Version>("a")).Rebalance().ToKafka("out", new VersionCodec()));
        Assert.Equal(["version"], plan.Edges.Select(edge => edge.CodecId.Name));
    }

    [Fact]
    public void A_filter_stores_records_as_the_operator_before_it()
    {
        var plan = GraphScript.Plan(job => job.From(new NoSource<Version>("a", new VersionCodec())).Filter(v => v.Major > 0).Throttle(5).Rebalance().ToNowhere());
        Assert.Equal(["version"], plan.Edges.Select(edge => edge.CodecId.Name));
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        string refusal = GraphScript.Refusal(job =>
        {
            job.Numbers("a").WithParallelism(0).ToNowhere("a");
            job.Numbers("b").Rebalance().WithParallelism(2).ToNowhere();
            job.Numbers("c").Map(n => n);
        });
        Assert.Equal(
            """
            Job 'test' can't be built, for 4 reasons.
            - WithParallelism is about the operator right before it, but what comes before it is a union, a partitioning or a KeyBy after 'b'; move it to an operator.
            - Operator 'a' has parallelism 0; it is a number from 1 to MaxParallelism, 128.
            - Two operators have the id 'a': a source and a sink; give one of them another with WithId(..).
            - What operator 'map-1' emits goes nowhere; end the stream with To(..).
            """.ReplaceLineEndings("\n"),
            refusal);
    }

    [Fact]
    public void A_job_without_a_source_is_refused() =>
        Assert.Equal("Job 'test' can't be built. The job has no source; begin a stream with From(..).", GraphScript.Refusal(_ => { }));

    [Theory]
    [InlineData(1)]
    [InlineData(32769)]
    public void Key_groups_beyond_what_state_is_made_for_are_refused(int maxParallelism) => Assert.Contains(
        $"MaxParallelism is {maxParallelism}; it is a number from 2 to 32768.",
        GraphScript.Refusal(job => job.Numbers().ToNowhere(), maxParallelism: maxParallelism),
        StringComparison.Ordinal);

    [Fact]
    public void An_operator_whose_constructor_throws_is_refused_by_its_id() => Assert.Equal(
        "Job 'test' can't be built. Operator 'broken' can't be made: no licence",
        GraphScript.Refusal(job => job.Numbers().KeyBy(n => n).Process<Broken, long>("broken").ToNowhere()));

    [Fact]
    public void A_state_whose_type_has_no_codec_is_refused_by_its_operator() => Assert.Contains(
        "Operator 'versions' can't be made: ",
        GraphScript.Refusal(job => job.Numbers().KeyBy(n => n).Aggregate("versions", new Version(), (version, _) => version, (key, _) => key).ToNowhere()),
        StringComparison.Ordinal);

    [Fact]
    public void A_message_key_without_a_codec_is_refused() => Assert.Contains(
        "The messages of sink 'out' are keyed by Version, which has no key codec",
        GraphScript.Refusal(job => job.Numbers().ToKafka("out", Codec.Int64, key: n => new Version((int)n, 0))),
        StringComparison.Ordinal);

    [Fact]
    public void An_operator_that_asks_for_a_service_nobody_has_is_refused_by_its_id() => Assert.Contains(
        "Operator 'priced' can't be made: Unable to resolve service for type 'System.Version'",
        GraphScript.Refusal(job => job.Numbers().KeyBy(n => n).Process<NeedsService, long>("priced").ToNowhere()),
        StringComparison.Ordinal);

    [Fact]
    public void An_operator_that_asks_for_no_state_is_made_without() =>
        Assert.Empty(GraphScript.Plan(job => job.Numbers().KeyBy(n => n).Process<Stateless, long>("plain").ToNowhere()).Operators[1].States);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_throttle_needs_a_rate(double rate) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => GraphScript.Plan(job => job.Numbers().Throttle(rate).ToNowhere()));

    [Fact]
    public void Streams_of_two_jobs_do_not_join()
    {
        DataStream<long>? other = null;
        GraphScript.Plan(job => (other = job.Numbers()).ToNowhere());
        Assert.Throws<ArgumentException>(() => GraphScript.Plan(job => job.Numbers().Union(other!).ToNowhere()));
    }

    private static Codec<long> Fixed(string name) => Codec.Fixed<long>(new CodecId(name, 1));

    private sealed class VersionCodec : Codec<Version>
    {
        public override CodecId Id => new("version", 1);

        public override void Encode(in Version value, ReadOnlySpan<byte> bytes, ByteArena output) => throw new NotSupportedException();

        public override Version Decode(ReadOnlySpan<byte> encoded) => throw new NotSupportedException();
    }

    private class Stateless : KeyedProcess<long, long, long>
    {
        public override void Process(in long record, KeyedContext<long, long> context) => context.Emit(in record);
    }

    private sealed class Broken : Stateless
    {
        public Broken(KeyedState state) => throw new InvalidOperationException(state is null ? "no state" : "no licence");
    }

    private sealed class NeedsService(KeyedState state, Version version) : Stateless
    {
        public override string ToString() => $"{state} {version}";
    }
}
