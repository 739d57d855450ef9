using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Weir.Connectors.Kafka;
using Weir.Hosting;
using Weir.Tests.Doubles;

namespace Weir.Tests.Connectors;

/// <summary>A whole program against a real Kafka that speaks TLS and asks for a password by SCRAM-SHA-512.</summary>
public sealed class SecuredKafkaTests(SecureBroker broker) : IClassFixture<SecureBroker>
{
    [Fact]
    public async Task Who_is_let_in_copies_each_record_once_life_after_life_and_with_either_reader()
    {
        await using var kafka = KafkaScript.At(broker.Plain);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        using var program = Program(kafka, input, output, broker.Good);
        program.Settings[$"Jobs:{kafka.Job}:Sources:in:End"] = "Current";
        var expected = new List<string>();
        foreach (var reader in (SourceReader[])[SourceReader.Split, SourceReader.Legacy, SourceReader.Split])
        {
            string[] some = [.. Enumerable.Range(expected.Count, 500).Select(static number => $"n{number}")];
            kafka.Produce(input, 0, some);
            expected.AddRange(some);
            program.Settings[$"Jobs:{kafka.Job}:Sources:in:Reader"] = reader.ToString();

            int code = await program.RunAsync();

            Assert.True(code == ExitCode.Success, string.Join('\n', program.Lines));
            Assert.Equal(expected, kafka.Committed(output, 0));
        }
        SaysNoSecret(program);
    }

    [Fact]
    public async Task Who_is_turned_away_ends_with_3_and_what_to_do_however_long_it_may_wait_for_brokers()
    {
        await using var kafka = KafkaScript.At(broker.Plain);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        await RefusedAsync(program => program.Settings["Kafka:Client:SaslPassword"] = SecureBroker.Password + "-not", "sasl.password");
        await RefusedAsync(program => program.Settings["Kafka:Client:SaslUsername"] = "nobody", "sasl.username");
        await RefusedAsync(program => program.Settings["Kafka:Client:SaslMechanism"] = "PLAIN", "sasl.mechanism");
        await RefusedAsync(program => program.Settings["Kafka:Client:ssl.ca.location"] = broker.OtherAuthority, "certificate verify failed", "ssl.ca.location");
        await RefusedAsync(program => program.Settings["Kafka:BootstrapServers"] = broker.Expired, "certificate verify failed", "have not expired");
        await RefusedAsync(program => program.Settings["Kafka:BootstrapServers"] = broker.Elsewhere, "certificate verify failed", "host names");

        async Task RefusedAsync(Action<ProgramScript> spoil, params string[] words)
        {
            using var program = Program(kafka, input, output, broker.Good);
            spoil(program);
            Assert.Equal(ExitCode.Unreachable, await program.RunAsync());
            TestContext.Current.TestOutputHelper?.WriteLine(program.Ending);
            Assert.All(words, word => Assert.Contains(word, program.Ending, StringComparison.Ordinal));
            Assert.Contains("exit code 3", program.Ending, StringComparison.Ordinal);
            SaysNoSecret(program);
        }
    }

    [Theory]
    [InlineData(SourceReader.Split)]
    [InlineData(SourceReader.Legacy)]
    public async Task Who_is_turned_away_while_it_reads_ends_with_3(SourceReader reader)
    {
        await using var kafka = KafkaScript.At(broker.Plain);
        var (input, output) = (await kafka.TopicAsync(1), await kafka.TopicAsync(1));
        kafka.Produce(input, 0, ["one"]);
        using var program = Program(kafka, input, output, broker.Good);
        program.Settings[$"Jobs:{kafka.Job}:Sources:in:Reader"] = reader.ToString();
        program.Settings[$"Jobs:{kafka.Job}:CheckpointInterval"] = "8min";      // none comes meanwhile, so that only reading can find out
        var run = program.RunAsync();
        while (kafka.Written(output, 0).Count == 0 && !run.IsCompleted)
        {
            await Task.Yield();
        }

        await PasswordIsAsync(kafka, "another");
        try
        {
            await broker.RestartAsync();
            Assert.Equal(ExitCode.Unreachable, await run);
        }
        finally
        {
            await PasswordIsAsync(kafka, SecureBroker.Password);
        }
        Assert.Contains("Source in can't read", program.Ending, StringComparison.Ordinal);
        Assert.Contains("sasl.password", program.Ending, StringComparison.Ordinal);
        SaysNoSecret(program);
    }

    private static Task PasswordIsAsync(KafkaScript kafka, string password) => kafka.Admin.AlterUserScramCredentialsAsync([new UserScramCredentialUpsertion
    {
        User = SecureBroker.User,
        ScramCredentialInfo = new ScramCredentialInfo { Mechanism = ScramMechanism.ScramSha512, Iterations = 4096 },
        Password = Encoding.UTF8.GetBytes(password),
    }]);

    private static void SaysNoSecret(ProgramScript program) => Assert.DoesNotContain(program.Lines, static line => line.Contains(SecureBroker.Password, StringComparison.OrdinalIgnoreCase));

    private ProgramScript Program(KafkaScript kafka, string input, string output, string bootstrap)
    {
        var program = new ProgramScript(kafka.Job, input, output);
        program.Settings["Kafka:BootstrapServers"] = bootstrap;
        program.Settings["Kafka:Client:SecurityProtocol"] = "SaslSsl";
        program.Settings["Kafka:Client:SaslMechanism"] = "ScramSha512";
        program.Settings["Kafka:Client:SaslUsername"] = SecureBroker.User;
        program.Settings["Kafka:Client:SaslPassword"] = SecureBroker.Password;
        program.Settings["Kafka:Client:ssl.ca.location"] = broker.Authority;
        return program;
    }
}
