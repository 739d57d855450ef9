using Microsoft.Extensions.DependencyInjection;

namespace Weir.Runtime.Operators;

/// <summary>Makes users' operators: what belongs to the subtask is handed over, all else a constructor asks for comes from the host's services.</summary>
internal static class ProcessFactory<TProcess>
{
    // The activator refuses an argument that no constructor takes.
    private static readonly HashSet<Type> s_asked = [.. typeof(TProcess).GetConstructors().SelectMany(constructor => constructor.GetParameters()).Select(parameter => parameter.ParameterType)];

    public static TProcess Make(ProcessParts parts)
    {
        object?[] mayAsk = [parts.Keyed, parts.Operator, parts.Subtask];
        object[] arguments = [.. mayAsk.OfType<object>().Where(part => s_asked.Contains(part.GetType()))];
        return ActivatorUtilities.CreateInstance<TProcess>(parts.Services ?? NoServices.Instance, arguments);
    }

    private sealed class NoServices : IServiceProvider
    {
        public static readonly NoServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }
}
