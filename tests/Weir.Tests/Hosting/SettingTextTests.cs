using CsCheck;
using Weir.Hosting;

namespace Weir.Tests.Hosting;

public sealed class SettingTextTests
{
    [Theory]
    [InlineData("00:00:10", 10_000)]
    [InlineData("250ms", 250)]
    [InlineData("1.5s", 1_500)]
    [InlineData("5min", 300_000)]
    [InlineData("10m", 600_000)]
    [InlineData("30 s", 30_000)]
    [InlineData("1d", 86_400_000)]
    public void A_duration_has_a_unit(string text, double ms)
    {
        Assert.True(SettingText.TryDuration(text, out var value));
        Assert.Equal(ms, value.TotalMilliseconds);
    }

    [Theory]
    [InlineData("10")]
    [InlineData("10 parsecs")]
    [InlineData("-5s")]
    [InlineData("s")]
    [InlineData("99999999999999d")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(SettingText.TryDuration(text, out _));

    [Fact]
    public void Any_number_of_bytes_is_read_as_written() =>
        Gen.Long.Sample(bytes => SettingText.TrySize(bytes.ToString(System.Globalization.CultureInfo.InvariantCulture), out long value) && value == bytes);

    [Theory]
    [InlineData("64MiB", 64L << 20)]
    [InlineData("1.5 GiB", 3L << 29)]
    [InlineData("32kb", 32L << 10)]
    public void A_size_may_have_a_unit(string text, long bytes)
    {
        Assert.True(SettingText.TrySize(text, out long value));
        Assert.Equal(bytes, value);
    }

    [Theory]
    [InlineData("Weir:Kafka:Client:sasl.password")]
    [InlineData("Weir:Kafka:Client:SaslUsername")]
    [InlineData("Weir:Kafka:Client:ssl.key.location")]
    [InlineData("Weir:Storage:ClientSecret")]
    public void Secrets_are_masked(string path) => Assert.Equal("***", SettingText.Masked(path, "hunter2"));

    [Fact]
    public void What_is_no_secret_is_shown() => Assert.Equal("a:9092", SettingText.Masked("Weir:Kafka:BootstrapServers", "a:9092"));
}
