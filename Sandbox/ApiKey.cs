namespace Weir.Sandbox;

/// <summary>The APIs that the broker answers, by their number in the protocol (kafka.apache.org/protocol, API Keys).</summary>
public enum ApiKey : short
{
    /// <summary>Appends records.</summary>
    Produce = 0,

    /// <summary>Hands out records.</summary>
    Fetch = 1,

    /// <summary>Says where partitions begin and end.</summary>
    ListOffsets = 2,

    /// <summary>Says which topics and nodes there are.</summary>
    Metadata = 3,

    /// <summary>Commits a group's offsets.</summary>
    OffsetCommit = 8,

    /// <summary>Says what a group committed.</summary>
    OffsetFetch = 9,

    /// <summary>Says who coordinates a group or a transactional id.</summary>
    FindCoordinator = 10,

    /// <summary>Says how groups are.</summary>
    DescribeGroups = 15,

    /// <summary>Says which groups there are.</summary>
    ListGroups = 16,

    /// <summary>Says what is spoken.</summary>
    ApiVersions = 18,

    /// <summary>Makes topics.</summary>
    CreateTopics = 19,

    /// <summary>Deletes topics.</summary>
    DeleteTopics = 20,

    /// <summary>Deletes records up to an offset.</summary>
    DeleteRecords = 21,

    /// <summary>Gives a producer its id and epoch.</summary>
    InitProducerId = 22,

    /// <summary>Makes partitions part of a transaction.</summary>
    AddPartitionsToTxn = 24,

    /// <summary>Makes a group's offsets part of a transaction.</summary>
    AddOffsetsToTxn = 25,

    /// <summary>Commits or aborts a transaction.</summary>
    EndTxn = 26,

    /// <summary>Commits a group's offsets in a transaction.</summary>
    TxnOffsetCommit = 28,

    /// <summary>Says how topics and the broker are set.</summary>
    DescribeConfigs = 32,

    /// <summary>Gives topics more partitions.</summary>
    CreatePartitions = 37,

    /// <summary>Forgets groups.</summary>
    DeleteGroups = 42,

    /// <summary>Says which nodes there are.</summary>
    DescribeCluster = 60,
}
