using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Weir.Hosting;
using Weir.Jobs;

namespace Weir.Tests.Hosting;

/// <summary>A program with two jobs, started with some settings.</summary>
internal sealed class SettingsScript
{
    private readonly HostApplicationBuilder _builder = Host.CreateEmptyApplicationBuilder(null);
    private IHost? _host;

    public SettingsScript(params (string Path, string? Value)[] settings)
    {
        _builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Path, setting.Value)));
        Weir = _builder.AddWeir().AddJob("orders", _ => new CountJob(records: 1000)).OfferJob("sample", _ => new CountJob(records: 1000));
    }

    public HostApplicationBuilder Builder => _builder;

    public WeirBuilder Weir { get; }

    /// <summary>What the program does with arguments: its exit code, and what it says.</summary>
    public async Task<(int Code, string Output, string Errors)> RunAsync(params string[] args)
    {
        _host ??= _builder.Build();
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = await WeirCommandLine.InvokeAsync(_host, args, new System.CommandLine.InvocationConfiguration { Output = output, Error = errors });
        return (code, output.ToString(), errors.ToString());
    }

    public WeirOptions Options()
    {
        using var host = _builder.Build();
        return host.Services.GetRequiredService<IOptions<WeirOptions>>().Value;
    }

    public string[] Problems() => [.. Assert.Throws<OptionsValidationException>(Options).Failures];

    public string[] JobsThatRun()
    {
        using var host = _builder.Build();
        var options = host.Services.GetRequiredService<IOptions<WeirOptions>>().Value;
        return [.. host.Services.GetServices<JobRegistration>().Where(job => job.Runs(options)).Select(job => job.Name)];
    }
}
