using Weir.StateStore;

namespace Weir.Tests.StateStore;

public sealed class SegmentTests : IDisposable
{
    private readonly TemporaryFolder _root = new();
    private readonly LocalStorage _storage;

    public SegmentTests() => _storage = new LocalStorage(_root.Path, fsync: false);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _root.Dispose();

    [Fact]
    public async Task What_writers_that_share_a_file_wrote_reads_back()
    {
        byte[][] payloads = [[], [1], Pattern(5000), Pattern(1 << 20), Pattern(3_000_000), [7, 8]];
        var handles = new List<SegmentHandle>();
        await using (var file = await _storage.CreateAsync("chk/state-0", Cancellation))
        {
            foreach (var half in payloads.Chunk(3))
            {
                var writer = new SegmentWriter(file, "state-0");
                foreach (byte[] payload in half)
                {
                    writer.Begin().Append(payload);
                    handles.Add(await writer.EndAsync(Cancellation));
                    handles.Add(await writer.AppendAsync([payload.AsMemory(0, payload.Length / 2), payload.AsMemory(payload.Length / 2)], Cancellation));
                }
                await writer.FlushAsync(Cancellation);
            }
            await file.CommitAsync(Cancellation);
        }
        for (int i = 0; i < handles.Count; i++)
        {
            Assert.Equal(payloads[i / 2], (await SegmentReader.ReadAsync(_storage, "chk", handles[i], Cancellation)).ToArray());
        }
    }

    [Fact]
    public async Task Both_ways_of_writing_give_the_same_bytes()
    {
        var begun = await WriteAsync("a", async writer =>
        {
            writer.Begin().Append([1, 2, 3]);
            return await writer.EndAsync(Cancellation);
        });
        var appended = await WriteAsync("b", async writer => await writer.AppendAsync([new byte[] { 1 }, new byte[] { 2, 3 }], Cancellation));
        Assert.Equal(begun with { File = "b" }, appended);
        Assert.Equal(await AllAsync("a"), await AllAsync("b"));
    }

    [Fact]
    public async Task Every_flipped_bit_is_noticed()
    {
        var handle = await WriteSmallAsync();
        byte[] bytes = await AllAsync("state-0");
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] damaged = [.. bytes];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            await _storage.WriteAsync("chk/state-0", damaged, replace: true, Cancellation);
            await MustBeDamagedAsync(handle);
        }
    }

    [Fact]
    public async Task Every_truncation_is_noticed()
    {
        var handle = await WriteSmallAsync();
        byte[] bytes = await AllAsync("state-0");
        for (int length = 0; length < bytes.Length; length++)
        {
            await _storage.WriteAsync("chk/state-0", bytes.AsMemory(0, length), replace: true, Cancellation);
            await MustBeDamagedAsync(handle);
        }
    }

    [Fact]
    public async Task A_handle_that_points_elsewhere_is_noticed()
    {
        var handle = await WriteSmallAsync();
        await MustBeDamagedAsync(handle with { Offset = 1 });
        await MustBeDamagedAsync(handle with { Offset = -1 });
        await MustBeDamagedAsync(handle with { Length = handle.Length - 1 });
        await MustBeDamagedAsync(handle with { Length = int.MaxValue });
        await MustBeDamagedAsync(handle with { Length = -1 });
        await MustBeDamagedAsync(handle with { Crc = handle.Crc + 1 });
    }

    [Fact]
    public async Task A_payload_beyond_the_bound_is_refused()
    {
        await using var file = await _storage.CreateAsync("chk/large", Cancellation);
        var writer = new SegmentWriter(file, "large");
        writer.Begin().Claim(SegmentWriter.PayloadBytesMax + 1);
        await Assert.ThrowsAsync<ArgumentException>(async () => await writer.EndAsync(Cancellation));
    }

    [Fact]
    public void The_checksum_is_crc_32c()
    {
        Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));
        Assert.Equal(0u, Crc32C.Of([]));
        Assert.Equal(0x8A9136AAu, Crc32C.Of(new byte[32]));
    }

    private async Task MustBeDamagedAsync(SegmentHandle handle)
    {
        var damage = await Assert.ThrowsAsync<CheckpointStorageException>(async () => await SegmentReader.ReadAsync(_storage, "chk", handle, Cancellation));
        Assert.Equal(StorageFailure.Damaged, damage.Reason);
        Assert.Contains("chk/state-0", damage.Message, StringComparison.Ordinal);
    }

    private async Task<SegmentHandle> WriteSmallAsync() => await WriteAsync("state-0", async writer =>
    {
        writer.Begin().Append("the payload"u8);
        return await writer.EndAsync(Cancellation);
    });

    private async Task<SegmentHandle> WriteAsync(string name, Func<SegmentWriter, Task<SegmentHandle>> write)
    {
        await using var file = await _storage.CreateAsync($"chk/{name}", Cancellation);
        var writer = new SegmentWriter(file, name);
        var handle = await write(writer);
        await writer.FlushAsync(Cancellation);
        await file.CommitAsync(Cancellation);
        return handle;
    }

    private async Task<byte[]> AllAsync(string name) =>
        await _storage.ReadAsync($"chk/{name}", 0, (int)(await _storage.LengthAsync($"chk/{name}", Cancellation))!.Value, Cancellation);

    private static byte[] Pattern(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }
}
