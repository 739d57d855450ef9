namespace Weir;

/// <summary>A pipeline: says what is read, what is done with it, and where it goes.</summary>
public interface IJob
{
    /// <summary>Declares the job's graph; called once when the job is built. It runs nothing and does no I/O.</summary>
    void Build(JobBuilder job);
}
