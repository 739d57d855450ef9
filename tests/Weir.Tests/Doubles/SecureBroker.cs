using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Weir.Tests.Doubles;

/// <summary>A real Kafka of one's own whose listeners speak TLS and ask for a password by SCRAM-SHA-512, each with another certificate of one authority.</summary>
/// <remarks>A fixture: shared by the tests of a class, which are skipped where Kafka can't be started from a folder.</remarks>
public sealed class SecureBroker : IAsyncLifetime
{
    internal const string User = "weir";

    /// <summary>Has no other occurrence anywhere, so that one in a log is a leak.</summary>
    internal const string Password = "q7-Zebra-crossing-41";

    private static readonly string[] s_listeners = [nameof(Good), nameof(Expired), nameof(Elsewhere)];

    private readonly string _folder = Directory.CreateTempSubdirectory("weir-tls-").FullName;
    private readonly int[] _ports = [KafkaFolderBroker.FreePort(), KafkaFolderBroker.FreePort(), KafkaFolderBroker.FreePort()];
    private KafkaFolderBroker? _broker;
    private string? _missing;

    /// <summary>The listener with nothing of this, for what a test does beside the clients under test; skips the test where there is no broker.</summary>
    public string Plain
    {
        get
        {
            Assert.SkipWhen(_missing is not null, $"A broker whose settings are the test's is needed: {_missing}");
            return _broker!.Bootstrap;
        }
    }

    /// <summary>The listener whose certificate is as it should be.</summary>
    public string Good => $"127.0.0.1:{_ports[0]}";

    /// <summary>The one whose certificate ended yesterday.</summary>
    public string Expired => $"127.0.0.1:{_ports[1]}";

    /// <summary>The one whose certificate is another host's.</summary>
    public string Elsewhere => $"127.0.0.1:{_ports[2]}";

    /// <summary>The authority that signed all three, as a PEM file.</summary>
    public string Authority => Path.Combine(_folder, "authority.pem");

    /// <summary>One that signed none.</summary>
    public string OtherAuthority => Path.Combine(_folder, "other.pem");

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        try
        {
            await StartAsync();
        }
        catch (NoBrokerException none)
        {
            _missing = none.Message;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Kills it, and starts it again on the same ports and data: all clients connect anew.</summary>
    public async Task RestartAsync()
    {
        _broker!.Kill();
        await _broker.RestartAsync();
    }

    private async Task StartAsync()
    {
        var now = DateTimeOffset.UtcNow;
        using var authority = NewAuthority(now);
        using var other = NewAuthority(now);
        await File.WriteAllTextAsync(Authority, authority.ExportCertificatePem());
        await File.WriteAllTextAsync(OtherAuthority, other.ExportCertificatePem());
        await WriteAsync(_folder, nameof(Good), Sign(authority, "localhost", IPAddress.Loopback, now.AddYears(1)));
        await WriteAsync(_folder, nameof(Expired), Sign(authority, "localhost", IPAddress.Loopback, now.AddDays(-1)));
        await WriteAsync(_folder, nameof(Elsewhere), Sign(authority, "elsewhere.example", null, now.AddYears(1)));
        _broker = await KafkaFolderBroker.StartOwnAsync(new BrokerWishes
        {
            Listeners = [.. s_listeners.Zip(_ports, static (name, port) => (name.ToUpperInvariant(), "SASL_SSL", port))],
            Settings = [.. s_listeners.SelectMany(name => SettingsOf(name, _folder))],
            Format = ["--add-scram", $"SCRAM-SHA-512=[name={User},password={Password}]"],
        });
    }

    private static IEnumerable<string> SettingsOf(string listener, string folder)
    {
#pragma warning disable CA1308 // Kafka wants the listener's name so.
        string prefix = $"listener.name.{listener.ToLowerInvariant()}";
#pragma warning restore CA1308
        return
        [
            $"{prefix}.ssl.keystore.type=PEM",
            $"{prefix}.ssl.keystore.location={PemOf(folder, listener)}",
            $"{prefix}.sasl.enabled.mechanisms=SCRAM-SHA-512",
            $"{prefix}.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;",
        ];
    }

    private static string PemOf(string folder, string listener) => Path.Combine(folder, $"{listener}.pem");

    private static async Task WriteAsync(string folder, string listener, (ECDsa Key, X509Certificate2 Certificate) signed)
    {
        using (signed.Key)
        using (signed.Certificate)
        {
            await File.WriteAllTextAsync(PemOf(folder, listener), $"{signed.Key.ExportPkcs8PrivateKeyPem()}\n{signed.Certificate.ExportCertificatePem()}\n");
        }
    }

    private static X509Certificate2 NewAuthority(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Test authority {Guid.NewGuid():N}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        return request.CreateSelfSigned(now.AddDays(-30), now.AddYears(2));
    }

    private static (ECDsa Key, X509Certificate2 Certificate) Sign(X509Certificate2 authority, string host, IPAddress? address, DateTimeOffset until)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        if (address is not null)
        {
            names.AddIpAddress(address);
        }
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false)); // a server's
        return (key, request.Create(authority, authority.NotBefore.AddDays(1), until, RandomNumberGenerator.GetBytes(8)));
    }
}
