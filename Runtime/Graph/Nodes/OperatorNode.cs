using Weir.Runtime.Operators;
using Weir.Runtime.Tasks;
using Weir.StateStore;

namespace Weir.Runtime.Graph;

/// <summary>An operator as declared: its id, its parallelism, and how the operator of one subtask is made.</summary>
internal abstract class OperatorNode(string kind, string? name = null)
{
    private readonly List<(OutputTag Tag, object Output)> _sides = [];
    private string? _id;

    /// <summary>What it is, in one word: source, map, process ...</summary>
    public string Kind { get; } = kind;

    /// <summary>The name of its source or sink; else its kind.</summary>
    public string Name { get; } = name ?? kind;

    /// <summary>The name that is an id unless another is given; null numbers the operators of a kind.</summary>
    public string? DefaultId { get; } = name;

    public string? GivenId { get; set; }

    public int? GivenParallelism { get; set; }

    /// <summary>Unique in the job: what restores its state.</summary>
    public string Id => _id ?? throw new InvalidOperationException("Operators have ids once the job has declared all of them.");

    /// <summary>What a sentence calls it before it has an id.</summary>
    public string Label => _id ?? GivenId ?? Name;

    public int Parallelism { get; private set; }

    /// <summary>What leads here, as declared.</summary>
    public List<Connection> Inputs { get; } = [];

    /// <summary>What leads on from here, as declared.</summary>
    public List<Connection> Outputs { get; } = [];

    /// <summary>What leads on from its main output.</summary>
    public IReadOnlyList<Connection> MainOutputs => Outputs.FindAll(output => output.Tag is null);

    /// <summary>Whether a side output leads on from here, or from an operator that it is chained behind.</summary>
    public bool LeadsAside => Outputs.Exists(output => output.Tag is not null) || (Inputs is [{ IsChained: true } before] && before.From.LeadsAside);

    /// <summary>Whether it may emit to side outputs.</summary>
    public virtual bool HasSideOutputs => false;

    /// <summary>Those that the job reads.</summary>
    public IEnumerable<OutputTag> SideOutputs => _sides.Select(side => side.Tag);

    public virtual bool IsSource => false;

    public virtual bool IsSink => false;

    /// <summary>The source or sink is a log, so the job's pointer is kept there, too.</summary>
    public virtual bool IsLog => false;

    /// <summary>A sink whose output becomes visible with the checkpoint's commit.</summary>
    public virtual bool IsTransactional => false;

    /// <summary>The keyed states it declares; known once the plan is made.</summary>
    public virtual IReadOnlyList<StateDeclaration> States => [];

    /// <summary>The states it declares apart from keys; known once the plan is made.</summary>
    public virtual IReadOnlyList<OperatorStateDeclaration> OperatorStates => [];

    public virtual bool HasKeyedState => false;

    /// <summary>Name and version of its keys' bytes and hash; null where it has no keyed state.</summary>
    public virtual CodecId? KeyCodecId => null;

    /// <summary>Looks for what is missing to run it.</summary>
    public virtual void Prepare(PlanCheck check)
    {
    }

    /// <summary>Makes the operator of one subtask.</summary>
    /// <param name="context">The subtask.</param>
    /// <param name="outputs">Where what it emits goes.</param>
    /// <param name="state">Its keyed state in this subtask; null where it has none.</param>
    /// <returns>An <see cref="IOperator"/> that is the <c>Collector</c> of what it takes; of a source, its <c>SourceOutput</c>.</returns>
    public abstract object Build(SubtaskContext context, in OperatorOutputs outputs, KeyedState? state);

    /// <summary>Makes the head of a task of which this is the first operator.</summary>
    public abstract TaskHead CreateTaskHead();

    /// <summary>Makes the keyed state of one subtask; only of an operator that has some.</summary>
    public virtual KeyedState OpenState(CodecRegistry codecs, KeyGroups groups, KeyGroupRange range, StateBudget budget) => throw new InvalidOperationException($"Operator '{Id}' has no keyed state.");

    /// <summary>What it emits to a side output.</summary>
    public StreamOutput<T> SideOutput<T>(OutputTag<T> tag)
    {
        if (_sides.Find(side => side.Tag.IsSame(tag)).Output is StreamOutput<T> known)
        {
            return known;
        }
        var output = new StreamOutput<T>(this, tag) { Codec = tag.Codec };
        _sides.Add((tag, output));
        return output;
    }

    internal void Settle(string id, int parallelism) => (_id, Parallelism) = (id, parallelism);
}
