namespace Weir.Testing;

/// <summary>Code that blocks, in a simulation of one thread: it has a thread of its own, which runs only while the simulation's waits for it.</summary>
internal sealed class Coroutine : IDisposable
{
    [ThreadStatic]
    private static Coroutine? s_current;

    private readonly SemaphoreSlim _goOn = new(0);
    private readonly SemaphoreSlim _yielded = new(0);
    private readonly TaskCompletionSource _over = new();
    private readonly Thread _thread;
    private bool _isOver;
    private bool _isAbandoned;

    public Coroutine(Action run)
    {
        _thread = new Thread(() => Run(run)) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>The one whose code this is; null on the simulation's own thread.</summary>
    public static Coroutine? Current => s_current;

    /// <summary>Completes when the code has returned.</summary>
    public Task Over => _over.Task;

    /// <summary>The simulation's thread lets it go on, until it yields or is over.</summary>
    public void GoOn()
    {
        if (_isOver)
        {
            return;
        }
        _goOn.Release();
        _yielded.Wait();
        if (_isOver)
        {
            _ = _over.TrySetResult();
        }
    }

    /// <summary>Its own thread lets the simulation go on.</summary>
    public void Yield()
    {
        if (!_isAbandoned)
        {
            _yielded.Release();
            _goOn.Wait();
        }
        if (_isAbandoned)
        {
            throw new OperationCanceledException("The process is gone.");
        }
    }

    /// <summary>It will never be let go on as if nothing had happened: its thread ends.</summary>
    public void Dispose()
    {
        if (!_isOver)
        {
            _isAbandoned = true;
            _goOn.Release();
        }
        _thread.Join();
        _goOn.Dispose();
        _yielded.Dispose();
    }

    private void Run(Action run)
    {
        s_current = this;
        _goOn.Wait();
        if (!_isAbandoned)
        {
            try
            {
                run();
            }
            catch (OperationCanceledException) when (_isAbandoned)
            {
                // Nobody is there to be told.
            }
        }
        _isOver = true;
        _yielded.Release();
    }
}
