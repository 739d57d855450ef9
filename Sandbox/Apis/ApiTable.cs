using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>What the broker speaks: each API with its versions, as Kafka 4.1 has them up to the newest whose fields are of use here.</summary>
internal static class ApiTable
{
    public static IReadOnlyList<Api> All { get; } =
    [
        new(ApiKey.Produce, 3, 9, FlexibleFrom: 9, ProduceApi.Handle),
        new(ApiKey.Fetch, 4, 12, FlexibleFrom: 12, FetchApi.HandleAsync),
        new(ApiKey.ListOffsets, 1, 7, FlexibleFrom: 6, ListOffsetsApi.Handle),
        new(ApiKey.Metadata, 0, 12, FlexibleFrom: 9, MetadataApi.Handle),
        new(ApiKey.OffsetCommit, 2, 8, FlexibleFrom: 8, OffsetCommitApi.Handle),
        new(ApiKey.OffsetFetch, 1, 7, FlexibleFrom: 6, OffsetFetchApi.Handle),
        new(ApiKey.FindCoordinator, 0, 3, FlexibleFrom: 3, FindCoordinatorApi.Handle),
        new(ApiKey.DescribeGroups, 0, 5, FlexibleFrom: 5, DescribeGroupsApi.Handle),
        new(ApiKey.ListGroups, 0, 4, FlexibleFrom: 3, ListGroupsApi.Handle),
        new(ApiKey.ApiVersions, 0, 3, FlexibleFrom: 3, ApiVersionsApi.Handle),
        new(ApiKey.CreateTopics, 2, 7, FlexibleFrom: 5, CreateTopicsApi.Handle),
        new(ApiKey.DeleteTopics, 1, 5, FlexibleFrom: 4, DeleteTopicsApi.Handle),
        new(ApiKey.DeleteRecords, 0, 2, FlexibleFrom: 2, DeleteRecordsApi.Handle),
        new(ApiKey.InitProducerId, 0, 4, FlexibleFrom: 2, InitProducerIdApi.Handle),
        new(ApiKey.AddPartitionsToTxn, 0, 3, FlexibleFrom: 3, AddPartitionsToTxnApi.Handle),
        new(ApiKey.AddOffsetsToTxn, 0, 3, FlexibleFrom: 3, AddOffsetsToTxnApi.Handle),
        new(ApiKey.EndTxn, 0, 3, FlexibleFrom: 3, EndTxnApi.Handle),
        new(ApiKey.TxnOffsetCommit, 0, 3, FlexibleFrom: 3, TxnOffsetCommitApi.Handle),
        new(ApiKey.DescribeConfigs, 1, 4, FlexibleFrom: 4, DescribeConfigsApi.Handle),
        new(ApiKey.CreatePartitions, 0, 3, FlexibleFrom: 2, CreatePartitionsApi.Handle),
        new(ApiKey.DeleteGroups, 0, 2, FlexibleFrom: 2, DeleteGroupsApi.Handle),
        new(ApiKey.DescribeCluster, 0, 0, FlexibleFrom: 0, DescribeClusterApi.Handle),
    ];

    public static Api? Find(ApiKey key) => All.FirstOrDefault(api => api.Key == key);
}
