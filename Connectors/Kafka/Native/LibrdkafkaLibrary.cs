using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Weir.Connectors.Kafka.Native;

/// <summary>Finds librdkafka, the one file of several that loads here, and checks its version.</summary>
/// <remarks>
/// Several builds come with the package: one linked to a Kerberos library of a certain name, one for older systems, one for musl.
/// The first that loads is taken, beside the assembly (where a publish for one runtime puts it) or below <c>runtimes</c>.
/// </remarks>
internal static class LibrdkafkaLibrary
{
    /// <summary>2.13.0: older ones were never tried with Weir.</summary>
    private const int VersionMin = 0x020d0000;

    private static readonly string[] Builds = ["librdkafka", "centos8-librdkafka", "alpine-librdkafka"];
    private static readonly Lazy<string> Loaded = new(Check);
    private static readonly List<string> Tried = [];
    private static string _path = "";

    /// <summary>Which file was taken and its version, for the log.</summary>
    /// <exception cref="DllNotFoundException">None loads; lists what was tried.</exception>
    public static string Load() => Loaded.Value;

    // A resolver belongs to the assembly and must be there before its first call into the library, whoever makes it; and the heap is bounded while there are few threads.
#pragma warning disable CA2255
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Register()
    {
        NativeHeap.Bound();
        NativeLibrary.SetDllImportResolver(typeof(LibrdkafkaLibrary).Assembly, Resolve);
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search) => name == Librdkafka.Name ? Open() : 0;

    private static nint Open()
    {
        lock (Tried)
        {
            Tried.Clear();
            foreach (string path in Candidates())
            {
                if (!File.Exists(path))
                {
                    Tried.Add($"{path}: not there");
                    continue;
                }
                try
                {
                    nint handle = NativeLibrary.Load(path);
                    _path = path;
                    return handle;
                }
                catch (Exception failure) when (failure is DllNotFoundException or BadImageFormatException)
                {
                    Tried.Add($"{path}: {failure.Message}");
                }
            }
            throw new DllNotFoundException($"librdkafka, Kafka's client library, does not load here. Tried:\n  {string.Join("\n  ", Tried)}");
        }
    }

    private static IEnumerable<string> Candidates()
    {
        string extension = OperatingSystem.IsWindows() ? ".dll" : OperatingSystem.IsMacOS() ? ".dylib" : ".so";
        string beside = AppContext.BaseDirectory;
        string runtimes = Path.Combine(beside, "runtimes", PortableRuntime(), "native");
        return from folder in new[] { beside, runtimes } from build in Builds select Path.Combine(folder, build + extension);
    }

    private static string PortableRuntime()
    {
        string system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        return $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
    }

    private static unsafe string Check()
    {
        NativeHeap.KeepTrimmed();
        int version = Librdkafka.rd_kafka_version();
        string text = Marshal.PtrToStringUTF8((nint)Librdkafka.rd_kafka_version_str()) ?? "?";
        return version >= VersionMin
            ? $"librdkafka {text} from {_path}"
            : throw new DllNotFoundException($"librdkafka {text} from {_path} is too old: Weir needs 2.13 or newer.");
    }
}
