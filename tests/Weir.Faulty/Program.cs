using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Weir.Faulty;

// A program whose job does what no operator should, for tests of what a host does then: --Fault:Kind=Throw|Hang|None.
var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddWeir().AddManagement().AddJob("faulty", _ => new FaultyJob(builder.Configuration.GetValue<FaultKind>("Fault:Kind")));
return await builder.Build().RunWeirAsync(args);
