using Azure;
using Azure.Storage.Blobs.Models;

namespace Weir.StateStore.Azure;

/// <summary>The one place that knows what Azure's errors mean for a checkpoint.</summary>
internal static class BlobFaults
{
    /// <summary>Whether a conditional write failed since the name is taken: by somebody, or by this very write, whose answer was lost.</summary>
    /// <remarks>Who commits a blob discards the blocks that others have staged for its name; their own commit then finds no such blocks.</remarks>
    public static bool IsTaken(RequestFailedException failure) =>
        failure.Status is 409 or 412 && failure.ErrorCode is null or "BlobAlreadyExists" or "ConditionNotMet" or "UnauthorizedBlobOverwrite"
        || failure.ErrorCode == BlobErrorCode.InvalidBlockList;

    public static CheckpointStorageException Exists(string name, string location, Exception? inner = null) =>
        new(StorageFailure.Exists, name, $"{name} exists in {location}.", inner);

    public static CheckpointStorageException Missing(string name, string location, Exception? inner = null) =>
        new(StorageFailure.Missing, name, $"There is no {name} in {location}.", inner);

    public static CheckpointStorageException TooShort(string name, string location, long offset, int length, Exception? inner = null) =>
        new(StorageFailure.Damaged, name, $"{name} in {location} is too short; {length} bytes at {offset} were asked for.", inner);

    /// <summary>The failure in the port's words; null where it is none of the store's: the caller gave up, or it is translated already.</summary>
    public static CheckpointStorageException? Translate(Exception failure, string name, string location, CancellationToken cancellation) => failure switch
    {
        RequestFailedException { Status: 404 } => Missing(name, location, failure),
        RequestFailedException { Status: 416 } => new(StorageFailure.Damaged, name, $"{name} in {location} is shorter than what was asked for.", failure),
        RequestFailedException answered => new(IsRefusal(answered) ? StorageFailure.Refused : StorageFailure.Unavailable, name, $"{name} in {location}: {Short(answered)}", failure),
        // After its own retries the client says all their failures in one.
        AggregateException all => Translate(all.InnerExceptions[^1], name, location, cancellation),
        // Its time-outs cancel tokens of its own.
        OperationCanceledException when !cancellation.IsCancellationRequested => new(StorageFailure.Unavailable, name, $"{name} in {location}: no answer in time.", failure),
        EndOfStreamException or IOException or HttpRequestException => new(StorageFailure.Unavailable, name, $"{name} in {location}: {failure.Message}", failure),
        _ when failure.GetType().Namespace == "Azure.Identity" => new(StorageFailure.Refused, name, $"{name} in {location}: no credential: {FirstLine(failure.Message)}", failure),
        _ => null,
    };

    private static bool IsRefusal(RequestFailedException failure) => failure.Status is 400 or 401 or 403 or 405 or 413
        || failure.ErrorCode is "ContainerDisabled" or "AccountIsDisabled" or "InsufficientAccountPermissions" or "BlobImmutableDueToPolicy";

    // The whole message repeats the request's headers.
    private static string Short(RequestFailedException failure) =>
        failure.Status == 0 ? FirstLine(failure.Message) : $"{failure.Status} {failure.ErrorCode ?? FirstLine(failure.Message)}";

    private static string FirstLine(string message) => message.Split('\n', 2)[0].Trim();
}
