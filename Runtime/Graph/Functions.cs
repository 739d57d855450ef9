namespace Weir;

/// <summary>Makes something of a record that is handed over in place, without a copy.</summary>
/// <param name="record">Borrowed until this returns.</param>
public delegate TOut RecordFunc<T, out TOut>(in T record);

/// <summary>Makes any number of records of one.</summary>
/// <param name="record">Borrowed until this returns.</param>
/// <param name="output">Takes the records made; not to be kept.</param>
public delegate void FlatMapFunc<T, TOut>(in T record, Collector<TOut> output);

/// <summary>Adds a record to what was gathered of its key so far.</summary>
/// <param name="accumulated">What was gathered so far.</param>
/// <param name="record">Borrowed until this returns.</param>
public delegate TState AccumulateFunc<TState, T>(TState accumulated, in T record);
