using AnomalySharp.Networks;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Prediction;

/// <summary>
/// One network that predicts any group of a sample's features from the others: hidden features go in as 0, their mean under the usual scaling, beside
/// one input for each group that says which is hidden.
/// </summary>
internal sealed class MaskedPrediction : IDisposable
{
    private readonly int[] _groupOf;
    private readonly int[][] _features;
    private readonly int[] _hidden;

    private MaskedPrediction(int[] groupOf, int groups, IReadOnlyList<int> hidden, int seed)
    {
        (_groupOf, Groups, _hidden) = (groupOf, groups, [.. hidden]);
        _features = [.. Enumerable.Range(0, groups).Select(group => (int[])[.. Enumerable.Range(0, groupOf.Length).Where(j => groupOf[j] == group)])];
        DenseLayer[] layers = [.. hidden.Select(units => new DenseLayer(units, Activation.Tanh)), new DenseLayer(groupOf.Length)];
        Network = new DenseNetwork(groupOf.Length + groups, layers, seed);
    }

    /// <summary>Values of a sample and one per group → a value for each of the sample's.</summary>
    public DenseNetwork Network { get; }

    /// <summary>Number of groups, each of one feature or more.</summary>
    public int Groups { get; }

    private int Width => _groupOf.Length;

    /// <summary>An untrained network, and features dealt at random to groups of about the same size.</summary>
    public static MaskedPrediction Create(int width, int groups, IReadOnlyList<int> hidden, Random random)
    {
        int[] groupOf = [.. Enumerable.Range(0, width).Select(j => j % groups)];
        if (groups < width) random.Shuffle(groupOf);
        return new MaskedPrediction(groupOf, groups, hidden, random.Next());
    }

    /// <summary>The network's input where sample i hides group <paramref name="hidden"/>[i].</summary>
    public void Hide(ReadOnlySpan<float> samples, ReadOnlySpan<int> hidden, Span<float> input)
    {
        int size = Network.InputSize;
        for (int i = 0; i < hidden.Length; i++)
        {
            Span<float> row = input.Slice(i * size, size);
            samples.Slice(i * Width, Width).CopyTo(row);
            row[Width..].Clear();
            row[Width + hidden[i]] = 1;
            foreach (int j in _features[hidden[i]]) row[j] = 0;
        }
    }

    /// <summary>The mean of (x̂ − x)² over the hidden features, and its gradient at x̂, which is 0 at the others.</summary>
    /// <param name="predicted">x̂.</param>
    /// <param name="samples">x.</param>
    /// <param name="hidden">The group that each sample hides.</param>
    /// <param name="gradient">Receives the gradient; may be where <paramref name="predicted"/> is.</param>
    public double Loss(ReadOnlySpan<float> predicted, ReadOnlySpan<float> samples, ReadOnlySpan<int> hidden, Span<float> gradient)
    {
        int count = 0;
        foreach (int group in hidden) count += _features[group].Length;
        double sum = 0;
        for (int i = 0; i < hidden.Length; i++)
        {
            for (int j = 0; j < Width; j++)
            {
                int at = i * Width + j;
                float difference = _groupOf[j] == hidden[i] ? predicted[at] - samples[at] : 0;
                sum += (double)difference * difference;
                gradient[at] = 2 * difference / count;
            }
        }
        return sum / count;
    }

    /// <summary>(x − x̂)² of every value, each predicted with its own group hidden.</summary>
    public void SquaredErrors(ReadOnlySpan<float> samples, int count, Span<float> squares)
    {
        float[] input = new float[count * Network.InputSize], predicted = new float[count * Width];
        int[] hidden = new int[count];
        for (int group = 0; group < Groups; group++)
        {
            Array.Fill(hidden, group);
            Hide(samples, hidden, input);
            Network.Infer(input, count, predicted);
            for (int i = 0; i < count; i++)
            {
                foreach (int j in _features[group])
                {
                    float difference = samples[i * Width + j] - predicted[i * Width + j], square = difference * difference;
                    // Finite weights: what is not a number is a difference of infinities, a sample too far away for float32.
                    squares[i * Width + j] = square <= float.MaxValue ? square : float.MaxValue;
                }
            }
        }
    }

    public void WriteState(TensorState state)
    {
        NetworkWidths.Write(state, _hidden, Width);
        state.Set<int>("groups", _groupOf);
        state.AddPart("network", Network.WriteState);
    }

    /// <exception cref="ModelFileException">An array is missing, of the wrong size, or says what is impossible.</exception>
    public static MaskedPrediction Read(TensorState state, int width)
    {
        int[] groupOf = state.Get<int>("groups", width);
        int groups = groupOf.Max() + 1;
        if (groupOf.Min() < 0 || groups > width || groupOf.Distinct().Count() != groups)
        {
            throw new ModelFileException("The model's groups of features are not numbered without gaps. It was altered.");
        }
        (int[] hidden, _) = NetworkWidths.Read(state);
        MaskedPrediction read = new(groupOf, groups, hidden, 0);
        try
        {
            NetworkWidths.ReadInto(read.Network, state.GetPart("network"));
            return read;
        }
        catch
        {
            read.Dispose();
            throw;
        }
    }

    public void Dispose() => Network.Dispose();
}
