using Microsoft.Extensions.Hosting;
using Weir.Jobs;

// The folder of the program, wherever it was started from: a Windows service starts in the system's.
var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
var weir = builder.AddWeir().AddManagement();
foreach (var job in JobCatalog.All)
{
    weir.OfferJob(job.Name, _ => job.Make(new JobParameters()));
}
return await builder.Build().RunWeirAsync(args);
