using Microsoft.Extensions.Hosting;
using Weir_Job1;

// The folder of the program, wherever it was started from: a service starts in the system's.
var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddWeir().AddManagement().AddJob<OrderTotals>("name-of-job")
    .AddSandbox(sandbox => sandbox          // only in the environment Development, and where no Kafka is set: what goes in, and what is shown
        .Feed("orders", Messages.Order, number => new Order(Account: number % 10, Amount: number % 100))
        .Show("totals", Messages.Total, total => $"account {total.Account} has {total.Sum}"));
return await builder.Build().RunWeirAsync(args);
