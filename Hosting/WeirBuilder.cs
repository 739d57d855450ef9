using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;

namespace Weir.Hosting;

/// <summary>Names the jobs of a program.</summary>
public sealed partial class WeirBuilder
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    internal WeirBuilder(IServiceCollection services) => Services = services;

    /// <summary>The program's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Adds a job, made by dependency injection; it runs unless <c>Weir:Jobs:&lt;name&gt;:Enabled</c> is false.</summary>
    /// <typeparam name="TJob">The job.</typeparam>
    /// <param name="name">The job's name: part of its checkpoint folder, its commits topic and its transactional ids. It may not change while state is kept.</param>
    /// <exception cref="ArgumentException">The name can't be part of a topic's name, or is taken.</exception>
    public WeirBuilder AddJob<TJob>(string name)
        where TJob : class, IJob => Add(new(name, services => ActivatorUtilities.CreateInstance<TJob>(services), OnlyWhenConfigured: false));

    /// <inheritdoc cref="AddJob{TJob}(string)"/>
    /// <param name="name">The job's name.</param>
    /// <param name="create">Makes the job.</param>
    public WeirBuilder AddJob(string name, Func<IServiceProvider, IJob> create) => Add(new(name, create, OnlyWhenConfigured: false));

    /// <summary>Adds a job that runs only where <c>Weir:Jobs:&lt;name&gt;</c> is there: for programs that carry a catalog of jobs.</summary>
    /// <param name="name">The job's name.</param>
    /// <param name="create">Makes the job.</param>
    /// <exception cref="ArgumentException">The name can't be part of a topic's name, or is taken.</exception>
    public WeirBuilder OfferJob(string name, Func<IServiceProvider, IJob> create) => Add(new(name, create, OnlyWhenConfigured: true));

    private WeirBuilder Add(JobRegistration registration)
    {
        if (!ValidName().IsMatch(registration.Name))
        {
            throw new ArgumentException($"'{registration.Name}' is no job name: use 1 to 100 letters, digits, '-' and '_', beginning with a letter or digit.", nameof(registration));
        }
        if (!_names.Add(registration.Name))
        {
            throw new ArgumentException($"There are two jobs of the name '{registration.Name}'.", nameof(registration));
        }
        Services.AddSingleton(registration);
        return this;
    }

    // 100: a topic's name has 249 at most, and the commits topic adds a prefix.
    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$")]
    private static partial Regex ValidName();
}
