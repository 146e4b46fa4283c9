using System.Reflection;

namespace AnomalySharp.Reproduction;

/// <summary>Every experiment of this assembly, found by its type.</summary>
public static class ExperimentCatalog
{
    /// <summary>All of them, in order of their names.</summary>
    public static IReadOnlyList<Experiment> All { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetTypes()
            .Where(type => type.IsSubclassOf(typeof(Experiment)) && !type.IsAbstract)
            .Select(type => (Experiment)Activator.CreateInstance(type)!)
            .OrderBy(experiment => experiment.Name, StringComparer.Ordinal),
    ];

    /// <summary>The experiment called <paramref name="name"/>.</summary>
    /// <exception cref="OptionException">There is none.</exception>
    public static Experiment Find(string name) => All.FirstOrDefault(experiment => experiment.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new OptionException(
            $"There is no experiment '{name}'. The experiments are: {string.Join(", ", All.Select(one => one.Name))}; 'all' runs all.");
}
