namespace Weir.Tests.Simulation;

/// <summary>Chance from a seed by SplitMix64: neighbouring seeds have nothing in common, unlike those of the framework's generator.</summary>
internal sealed class SeededChance(long seed) : Random
{
    private ulong _state = (ulong)seed;

    public override int Next() => (int)(Draw() >> 33);

    public override int Next(int maxValue) => Next(0, maxValue);

    public override int Next(int minValue, int maxValue) => minValue + (int)(Draw() % (ulong)(maxValue - minValue));

    public override double NextDouble() => Sample();

    public override void NextBytes(Span<byte> buffer)
    {
        for (int index = 0; index < buffer.Length; index++)
        {
            buffer[index] = (byte)Draw();
        }
    }

    protected override double Sample() => (Draw() >> 11) * (1.0 / (1UL << 53));

    private ulong Draw()
    {
        unchecked
        {
            ulong value = _state += 0x9e3779b97f4a7c15;
            value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
            value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
            return value ^ (value >> 31);
        }
    }
}
