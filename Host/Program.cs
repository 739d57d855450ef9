using Microsoft.Extensions.Hosting;

// The folder of the program, wherever it was started from: a Windows service starts in the system's.
var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddWeir().AddManagement();
return await builder.Build().RunWeirAsync(args);
