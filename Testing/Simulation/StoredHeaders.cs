using System.Text;

namespace Weir.Testing;

/// <summary>Headers as a reader sees them.</summary>
internal sealed class StoredHeaders(IReadOnlyList<TestHeader> headers) : MessageHeaders
{
    private readonly byte[][] _names = [.. headers.Select(header => Encoding.UTF8.GetBytes(header.Name))];

    public override bool TryRead(int index, out MessageHeader header)
    {
        if (index >= headers.Count)
        {
            header = default;
            return false;
        }
        var value = headers[index].Value;
        header = new MessageHeader { Name = _names[index], Value = value.GetValueOrDefault().Span, HasValue = value is not null };
        return true;
    }
}

/// <summary>Headers as a writer gives them.</summary>
internal sealed class WrittenHeaders : HeaderOutput
{
    private readonly List<TestHeader> _headers = [];

    public IReadOnlyList<TestHeader> Taken => [.. _headers];

    public override void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _headers.Add(new TestHeader(Encoding.UTF8.GetString(name), value.ToArray()));

    public override void AddNull(ReadOnlySpan<byte> name) => _headers.Add(new TestHeader(Encoding.UTF8.GetString(name), null));
}
