using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Weir.Hosting;
using Weir.Runtime;
using Weir.StateStore;
using Weir.StateStore.Azure;

namespace Microsoft.Extensions.Hosting;

/// <summary>Adds Azure Blob Storage to a program, as the place where checkpoints lie.</summary>
public static class WeirAzureExtensions
{
    private const string Scheme = "azure://";

    /// <summary>Puts checkpoints into a container of Azure Blob Storage where the section <c>Weir:Checkpoints:Azure</c> names an account; else they lie in the folder, as before.</summary>
    /// <param name="builder">What <c>AddWeir</c> returned.</param>
    /// <remarks>
    /// <c>ServiceUri</c> alone takes the credential that the machine has: a managed identity, the environment's, a developer's (DefaultAzureCredential). It needs
    /// the role Storage Blob Data Contributor. What an operator spills, and nothing else, still lies in <c>Weir:Checkpoints:Directory</c>.
    /// </remarks>
    public static WeirBuilder AddAzureBlobCheckpoints(this WeirBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<WeirOptions>().PostConfigure(options =>
        {
            options.Checkpoints.Azure.IsThere = true;
            if (!IsReadable(options.Checkpoints.Azure.ConnectionString))
            {
                options.Problems.Add("Weir:Checkpoints:Azure:ConnectionString can't be read: copy it anew from the account's access keys.");
            }
        });
        builder.Services.AddSingleton<ICheckpointStorage>(services =>
        {
            var checkpoints = services.GetRequiredService<IOptions<WeirOptions>>().Value.Checkpoints;
            return checkpoints.Azure.IsSet
                ? new AzureBlobStorage(Container(checkpoints.Azure), checkpoints.Azure.Prefix, services.GetRequiredService<MemoryUse>().UploadBytes, services.GetRequiredService<TimeProvider>())
                : new LocalStorage(checkpoints.Directory);
        });
        builder.Services.AddSingleton(services => new StoreScheme(Scheme, place => Open(place, services.GetRequiredService<IOptions<WeirOptions>>().Value.Checkpoints.Azure)));
        return builder;
    }

    /// <summary>The store of <c>azure://container/prefix</c> in the account that is configured.</summary>
    private static AzureBlobStorage Open(string place, AzureBlobOptions configured)
    {
        if (!configured.IsSet)
        {
            throw new JobException(JobFailure.Configuration, $"{place} is in the account that Weir:Checkpoints:Azure names, and none is set: set ServiceUri or ConnectionString there.");
        }
        string[] parts = place[Scheme.Length..].Trim('/').Split('/', 2);
        try
        {
            var options = new AzureBlobOptions { ServiceUri = configured.ServiceUri, SasToken = configured.SasToken, ConnectionString = configured.ConnectionString, Container = parts[0] };
            return new AzureBlobStorage(Container(options), parts.Length > 1 ? parts[1] : "");
        }
        catch (ArgumentException refused)
        {
            throw new JobException(JobFailure.Configuration, $"{place} is no place in a container: write azure://CONTAINER/PREFIX. {refused.Message}", refused);
        }
    }

    private static bool IsReadable(string connection)
    {
        try
        {
            return connection.Length == 0 || new BlobServiceClient(connection).Uri is not null;
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException)
        {
            return false;
        }
    }

    internal static BlobContainerClient Container(AzureBlobOptions options)
    {
        var client = AzureBlobStorage.CreateClientOptions();
        if (options.ConnectionString.Length > 0)
        {
            return new BlobContainerClient(options.ConnectionString, options.Container, client);
        }
        var container = new BlobUriBuilder(new Uri(options.ServiceUri)) { BlobContainerName = options.Container };
        if (options.SasToken.Length > 0)
        {
            container.Query = options.SasToken.TrimStart('?');
            return new BlobContainerClient(container.ToUri(), client);
        }
        return new BlobContainerClient(container.ToUri(), new DefaultAzureCredential(), client);
    }
}
