using System.Globalization;
using AnomalySharp.Persistence;

namespace AnomalySharp.Torch.Training;

/// <summary>What a generator drew from the same codes after some epochs, a row for each: for pictures only, which can be looked at.</summary>
internal sealed class GeneratedSamples(SampleShape shape)
{
    /// <summary>Samples in a row.</summary>
    public const int Shown = 8;

    /// <summary>The epoch of the weights that stayed, which early stopping chose.</summary>
    public const int Final = 0;

    private readonly List<int> _epochs = [];
    private readonly List<float> _values = [];

    /// <summary>Adds a row, unless it is there.</summary>
    public void Add(int epoch, ReadOnlySpan<float> generated)
    {
        if (shape.Rank != 3 || _epochs.Contains(epoch)) return;
        _epochs.Add(epoch);
        _values.AddRange(generated[..(Shown * shape.Length)]);
    }

    /// <summary>As a report shows it; null where there is nothing to show.</summary>
    public SampleFinding? Describe() => _epochs.Count == 0 ? null : new SampleFinding(
        "Generated samples",
        "What the generator made of the same eight codes as its training went on: these should come to look like the training pictures, and differ.",
        new Samples(_values.ToArray(), shape),
        [.. _epochs.Select(epoch => epoch == Final ? "the model" : string.Create(CultureInfo.InvariantCulture, $"epoch {epoch}"))]);

    public void WriteState(TensorState state)
    {
        if (shape.Rank != 3) return;
        state.Set<int>("epochs", [.. _epochs]);
        state.Set<float>("values", [.. _values]);
    }

    /// <exception cref="ModelFileException">An array is missing or of the wrong size.</exception>
    public void ReadState(TensorState state)
    {
        _epochs.Clear();
        _values.Clear();
        if (shape.Rank != 3) return;
        int[] epochs = state.Get<int>("epochs");
        _values.AddRange(state.Get<float>("values", checked(epochs.Length * Shown * shape.Length)));
        _epochs.AddRange(epochs);
    }
}
