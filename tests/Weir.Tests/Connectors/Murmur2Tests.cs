using System.Text;
using Weir.Connectors.Kafka.Sink;

namespace Weir.Tests.Connectors;

public sealed class Murmur2Tests
{
    /// <summary>The values of Kafka's own tests (UtilsTest.testMurmur2).</summary>
    [Theory]
    [InlineData("21", -973932308)]
    [InlineData("foobar", -790332482)]
    [InlineData("a-little-bit-long-string", -985981536)]
    [InlineData("a-little-bit-longer-string", -1486304829)]
    [InlineData("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971)]
    [InlineData("abc", 479470107)]
    public void A_key_has_the_hash_that_Javas_client_gives_it(string key, int hash) => Assert.Equal(hash, (int)Murmur2.Hash(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public void Every_key_has_a_partition()
    {
        for (int i = 0; i < 1000; i++)
        {
            Assert.InRange(Murmur2.Partition(Encoding.UTF8.GetBytes($"key-{i}"), 7), 0, 6);
        }
    }
}
