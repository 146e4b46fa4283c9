using System.Collections.Concurrent;

namespace AnomalySharp.Reproduction;

/// <summary>Where data sets lie, and those that were read, for cells that share one.</summary>
/// <param name="folders">Folders to look in, the first one first.</param>
public sealed class DataStore(params IReadOnlyList<string> folders)
{
    private readonly ConcurrentDictionary<string, Lazy<object>> _read = new();

    /// <summary>Folders to look in, the first one first.</summary>
    public IReadOnlyList<string> Folders => folders;

    /// <summary>The path of a file given relative to a data folder; null where no folder has it.</summary>
    public string? Find(string relative) => folders.Select(folder => Path.Combine(folder, relative)).FirstOrDefault(File.Exists);

    /// <summary>The same, where it must be there.</summary>
    /// <exception cref="DataException">It is not.</exception>
    public string Require(string relative) => Find(relative)
        ?? throw new DataException($"'{relative}' is in none of the data folders ({string.Join(", ", folders)}). Name the folder with --data.");

    /// <summary>What <paramref name="read"/> gives, read once and kept for the cells that follow until <see cref="Clear"/>.</summary>
    public T Get<T>(string key, Func<T> read) where T : class
    {
        Lazy<object> entry = _read.GetOrAdd(key, _ => new Lazy<object>(() => read()));
        try
        {
            return (T)entry.Value;
        }
        catch
        {
            // A cancelled or failed reading must not be remembered.
            _read.TryRemove(KeyValuePair.Create(key, entry));
            throw;
        }
    }

    /// <summary>Lets go of everything that was read.</summary>
    public void Clear() => _read.Clear();
}
