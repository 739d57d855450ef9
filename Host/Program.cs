using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Weir.Demos;
using Weir.Jobs;

// The folder of the program, wherever it was started from: a Windows service starts in the system's.
var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
var demos = new DemoCommand();
var demo = demos.Read(args);
var weir = builder.AddWeir().AddManagement().AddTelemetry().AddAzureBlobCheckpoints().AddSandbox(sandbox => sandbox
    .Feed(LedgerSample.Input, LedgerMessages.Instance, number => LedgerSample.Booking(number, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()), perSecond: 20_000)
    .Show(LedgerSample.Output, LedgerMessages.Instance, LedgerSample.Describe));
foreach (var job in JobCatalog.All)
{
    weir.OfferJob(job.Name, _ => job.Make(demo.Parameters));
}
builder.Services.AddSingleton(demos.Bind);
demo.AddTo(builder);
return await builder.Build().RunWeirAsync(args);
