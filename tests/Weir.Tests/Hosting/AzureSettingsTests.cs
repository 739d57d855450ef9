using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weir.Hosting;
using Weir.StateStore;
using Weir.StateStore.Azure;

namespace Weir.Tests.Hosting;

public sealed class AzureSettingsTests
{
    private const string Emulator = "UseDevelopmentStorage=true";

    [Theory]
    [InlineData("https://one.blob.core.windows.net/jobs", "ServiceUri", "https://one.blob.core.windows.net", "Container", "jobs")]
    [InlineData("https://one.blob.core.windows.net/weir-checkpoints/eu/1", "ServiceUri", "https://one.blob.core.windows.net/", "SasToken", "?sv=1&sig=secret", "Prefix", "eu/1")]
    [InlineData("http://127.0.0.1:10000/devstoreaccount1/weir-checkpoints", "ConnectionString", Emulator)]
    public void Checkpoints_lie_where_the_settings_say(string location, params string[] settings)
    {
        using var host = Script(settings).Builder.Build();

        var storage = Assert.IsType<AzureBlobStorage>(host.Services.GetRequiredService<ICheckpointStorage>());
        Assert.Equal(location, storage.Location);
    }

    [Fact]
    public void Without_an_account_they_lie_in_the_folder()
    {
        using var host = Script().Builder.Build();

        Assert.IsType<LocalStorage>(host.Services.GetRequiredService<ICheckpointStorage>());
    }

    [Fact]
    public void A_program_that_has_no_use_for_the_account_refuses_it() => Assert.Contains(
        "call AddAzureBlobCheckpoints",
        Assert.Single(new SettingsScript(("Weir:Checkpoints:Azure:ServiceUri", "https://one.blob.core.windows.net")).Problems()),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("ConnectionString can't be read", "ConnectionString", "no-secret-is-shown")]
    [InlineData("both say where the account is", "ConnectionString", Emulator, "ServiceUri", "https://one.blob.core.windows.net")]
    [InlineData("SasToken is set without", "SasToken", "sig=no-secret-is-shown")]
    [InlineData("a signature belongs into SasToken", "ServiceUri", "https://one.blob.core.windows.net/?sig=no-secret-is-shown")]
    [InlineData("no container's name", "ServiceUri", "https://one.blob.core.windows.net", "Container", "Not_One")]
    public void What_does_not_fit_is_said(string part, params string[] settings)
    {
        string problem = Assert.Single(Script(settings).Problems());

        Assert.Contains(part, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("no-secret-is-shown", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Its_secrets_are_not_shown()
    {
        var script = Script("ConnectionString", "hunter2", "SasToken", "hunter2");
        var (_, text, errors) = await script.RunAsync("config");

        Assert.Contains("Weir:Checkpoints:Azure:SasToken", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", text + errors, StringComparison.Ordinal);
    }

    private static SettingsScript Script(params string[] settings)
    {
        var script = new SettingsScript([.. settings.Chunk(2).Select(pair => ($"Weir:Checkpoints:Azure:{pair[0]}", pair[1]))]);
        script.Weir.AddAzureBlobCheckpoints();
        return script;
    }
}
