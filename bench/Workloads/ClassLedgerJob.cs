using System.Buffers.Binary;
using Weir.Jobs;

namespace Weir.Bench;

/// <summary>The ledger with an object for each record, and bytes of its own for each value: what that costs beside structs whose bytes lie in the batch.</summary>
internal sealed class ClassLedgerJob : IJob
{
    public void Build(JobBuilder job) => job
        .FromKafka("in", BookingMessages.Instance)
        .KeyBy(booking => booking.Account)
        .Process<BookingBalance, Booking>("balances")
        .ToKafka("out", BookingMessages.Instance, (in booking, partitions) => (int)((ulong)booking.Account % (ulong)partitions));
}

/// <summary>A ledger entry as most people would write it.</summary>
internal sealed record Booking(long Account, long Seq, long CreatedMs, long Amount, long Balance, byte[] Padding);

internal sealed class BookingBalance(KeyedState state) : KeyedProcess<long, Booking, Booking>
{
    private readonly ValueState<long> _balance = state.Value<long>("balance");

    public override void Process(in Booking record, KeyedContext<long, Booking> context) => context.Emit(record with { Balance = _balance.Value += record.Amount });
}

/// <summary>The same messages as the ledger's.</summary>
internal sealed class BookingMessages : MessageCodec<Booking>
{
    public static BookingMessages Instance { get; } = new();

    public override Codec<Booking> Records { get; } = new InFlight();

    public override Booking Decode(in Message message) => Read(BinaryPrimitives.ReadInt64BigEndian(message.Key), message.Value);

    public override bool EncodeKey(in Booking record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        output.WriteInt64(record.Account);
        return true;
    }

    public override bool EncodeValue(in Booking record, ReadOnlySpan<byte> bytes, ByteArena output)
    {
        Write(record, output);
        return true;
    }

    private static Booking Read(long account, ReadOnlySpan<byte> value) => new(
        account,
        BinaryPrimitives.ReadInt64BigEndian(value),
        BinaryPrimitives.ReadInt64BigEndian(value[8..]),
        BinaryPrimitives.ReadInt64BigEndian(value[16..]),
        BinaryPrimitives.ReadInt64BigEndian(value[24..]),
        value[32..].ToArray());

    private static void Write(Booking record, ByteArena output)
    {
        output.WriteInt64(record.Seq);
        output.WriteInt64(record.CreatedMs);
        output.WriteInt64(record.Amount);
        output.WriteInt64(record.Balance);
        output.Append(record.Padding);
    }

    private sealed class InFlight : Codec<Booking>
    {
        public override CodecId Id => new("bench.booking", 1);

        public override void Encode(in Booking value, ReadOnlySpan<byte> bytes, ByteArena output)
        {
            output.WriteInt64(value.Account);
            Write(value, output);
        }

        public override Booking Decode(ReadOnlySpan<byte> encoded) => Read(BinaryPrimitives.ReadInt64BigEndian(encoded), encoded[8..]);
    }
}
