// Three at a time on two cores: some tests wait for minutes until a broker deletes what is old, and leave the cores to others.
[assembly: CollectionBehavior(MaxParallelThreads = 3)]
