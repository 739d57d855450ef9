using Microsoft.Extensions.DependencyInjection;

namespace Weir.Runtime.Operators;

/// <summary>Makes users' operators: the subtask's state is handed over, all else a constructor asks for comes from the host's services.</summary>
internal static class ProcessFactory<TProcess>
{
    // An operator without state need not ask for it; the activator refuses an argument that no constructor takes.
    private static readonly bool s_takesState =
        typeof(TProcess).GetConstructors().Any(constructor => constructor.GetParameters().Any(parameter => parameter.ParameterType == typeof(KeyedState)));

    public static TProcess Make(IServiceProvider? services, KeyedState state) =>
        s_takesState
            ? ActivatorUtilities.CreateInstance<TProcess>(services ?? NoServices.Instance, state)
            : ActivatorUtilities.CreateInstance<TProcess>(services ?? NoServices.Instance);

    private sealed class NoServices : IServiceProvider
    {
        public static readonly NoServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }
}
