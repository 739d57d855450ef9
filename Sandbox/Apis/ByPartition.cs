using Weir.Sandbox.Wire;

namespace Weir.Sandbox.Apis;

/// <summary>Reads the fields of one partition, and writes its answer; the tagged fields of both are not its business.</summary>
internal delegate void AnswerPartition(string topic, ref RequestReader request);

/// <summary>Answers a request that lists topics and their partitions, by a response that lists the same.</summary>
internal static class ByPartition
{
    public static void Answer(ref RequestReader request, ResponseWriter response, AnswerPartition answer)
    {
        int topics = request.ArrayLength();
        response.Array(topics);
        for (; topics > 0; topics--)
        {
            string topic = request.String();
            response.String(topic);
            int partitions = request.ArrayLength();
            response.Array(partitions);
            for (; partitions > 0; partitions--)
            {
                answer(topic, ref request);
                request.Tags();
                response.Tags();
            }
            request.Tags();
            response.Tags();
        }
    }
}
