using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;
using AnomalySharp.Neighbors;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>Where LUNAR's negative samples come from.</summary>
public enum NegativeSamples
{
    /// <summary>Half of them uniform, half perturbed.</summary>
    Mixed,

    /// <summary>Uniform in the box that the training samples fill.</summary>
    Uniform,

    /// <summary>Training samples with normal noise in three of ten features, at random.</summary>
    Subspace,
}

/// <summary>Options of the detector <c>lunar</c>; defaults are those of the authors' code, except for the training.</summary>
[Detector(
    "lunar",
    Family = DetectorFamily.FeatureLearning,
    Summary = "Learns from distances to the nearest neighbours to tell samples from made-up ones; what looks made up is abnormal.",
    Paper = "Goodge, Hooi, Ng, Ng: LUNAR: Unifying Local Outlier Detection Methods via Graph Neural Networks. AAAI 2022")]
public sealed record LunarOptions : NetworkDetectorOptions
{
    /// <summary>
    /// 40 epochs of batches of 256 with Adam at 10⁻³, a tenth held out to stop by. The code has 200 steps over all samples at once, with an ℓ2
    /// penalty of 0.1.
    /// </summary>
    public LunarOptions() => (Epochs, BatchSize) = (40, 256);

    /// <summary>Neighbours whose distances are looked at. The default value is 20, and no more than the other samples.</summary>
    [Description("Neighbours whose distances are looked at; at most the number of the other samples."), Range(1, 10_000)]
    public int K { get; init; } = 20;

    /// <summary>Where negative samples come from. The default value is <see cref="NegativeSamples.Mixed"/>.</summary>
    [Description("Where the made-up samples come from: uniform in the box of the data, or samples with noise in some features, or both.")]
    public NegativeSamples Negatives { get; init; } = NegativeSamples.Mixed;

    /// <summary>Negative samples per training sample. The default value is 1.</summary>
    [Description("Made-up samples per training sample."), Range(0.01, 100)]
    public double NegativeRatio { get; init; } = 1;

    /// <summary>ε: deviation of the noise and margin of the box, in units of the range of a feature. The default value is 0.1.</summary>
    [Description("Deviation of the noise in made-up samples and margin of their box, in units of a feature's range."), Range(1e-6, 100)]
    public double Epsilon { get; init; } = 0.1;

    /// <summary>Widths of the hidden layers, with tanh. The default value is four of 256.</summary>
    [Description("Widths of the hidden layers."), Range(1, 65_536)]
    public IReadOnlyList<int> Hidden { get; init; } = [256, 256, 256, 256];

    /// <inheritdoc/>
    public override FeatureScaling PreferredScaling => FeatureScaling.MinMax;

    /// <inheritdoc/>
    protected override Detector Create() => new Lunar(this);
}

/// <summary>
/// One layer of message passing on the graph of k nearest neighbours: the messages are the distances d₁ ≤ … ≤ d_k, a network gives each of them a
/// weight α (a softmax), and the score is Σ α_j d_j. It is learnt by telling training samples from negative ones: σ(a·score + b) is to be 0 and 1.
/// </summary>
/// <remarks>
/// The variant of the authors' code that weighs distances, which most users of the method have, and not that whose network gives the score itself:
/// where training samples are contaminated, that one learns that what is very far is usual. Departures: distances are in units of the training
/// samples' mean, so that they mean the same whatever the scaling; a and b are learnt, where the code normalises over the batch.
/// </remarks>
internal sealed class Lunar(LunarOptions options) : Detector
{
    private const double PerturbedShare = 0.3;

    /// <summary>Distances count as no longer than this many usual ones: the functions of the network have long been flat there.</summary>
    private const float LongestDistance = 1e6f;

    private NeighborIndex? _index;
    private DenseNetwork? _network, _scale;
    private int _k;
    private float _unit = 1;

    public override int MinimumSamples => 3;

    protected override void FitCore(Samples samples, FitContext context)
    {
        _index = new NeighborIndex(samples.Values.Span, samples.Shape.Length);
        _k = Math.Min(options.K, samples.Count - 1);
        float[] negatives = Negatives(samples, context.CreateRandom(-2));
        float[] positive = Distances(samples.Values, context), negative = Distances(negatives, context);
        _unit = 1;
        double mean = positive.Average(distance => (double)distance);
        if (mean > 0 && mean < float.MaxValue) _unit = (float)mean;
        Build(context.CreateRandom(-1).Next());
        // Each with its label behind it: what is held out is known by its values alone.
        int count = samples.Count, width = _k + 1, all = count + negative.Length / _k;
        float[] labelled = new float[checked(all * width)];
        for (int i = 0; i < all; i++)
        {
            Messages(i < count ? positive.AsSpan(i * _k, _k) : negative.AsSpan((i - count) * _k, _k), labelled.AsSpan(i * width, _k));
            labelled[i * width + _k] = i < count ? 0 : 1;
        }
        Samples messages = new(labelled, new SampleShape(width));
        // Samples come before made-up ones: a block of neighbours would be of one kind.
        new TrainingLoop(DisplayName, messages, options, context with { NeighborsOverlap = false }, _network!, _scale!).Run(Training(messages));
    }

    // Objective: mean of (σ(a·Σ α_j d_j + b) − y)², α = softmax(net(d)), y = 0 for samples and 1 for negatives.
    private TrainingPhase Training(Samples messages)
    {
        DenseNetwork network = _network!, scale = _scale!;
        Optimizer optimizer = Optimizer.Create(options, network, scale);
        int rows = Math.Min(options.BatchSize, messages.Count);
        float[] input = new float[rows * _k], weights = new float[rows * _k];
        float[] labels = new float[rows], sums = new float[rows], logits = new float[rows];

        double Step(in TrainingBatch batch)
        {
            int count = batch.Count;
            Split(batch.Values, count);
            network.Forward(input, count).CopyTo(weights);
            WeightedDistances(input, weights.AsSpan(0, count * _k), _k, sums);
            scale.Forward(sums, count).CopyTo(logits);
            double loss = Loss(logits.AsSpan(0, count), labels);
            ReadOnlySpan<float> atSums = scale.Backward(logits.AsSpan(0, count), needInputGradient: true);
            // ∂s/∂(logit of α_j) = α_j (d_j − s)
            for (int j = 0; j < count * _k; j++) weights[j] *= atSums[j / _k] * (input[j] - sums[j / _k]);
            network.Backward(weights.AsSpan(0, count * _k));
            optimizer.Step();
            return loss;
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            Split(values, count);
            network.Infer(input, count, weights);
            WeightedDistances(input, weights.AsSpan(0, count * _k), _k, sums);
            scale.Infer(sums, count, logits);
            return Loss(logits.AsSpan(0, count), labels);
        }

        void Split(ReadOnlySpan<float> values, int count)
        {
            for (int i = 0; i < count; i++)
            {
                values.Slice(i * (_k + 1), _k).CopyTo(input.AsSpan(i * _k));
                labels[i] = values[i * (_k + 1) + _k];
            }
        }

        return new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] };
    }

    /// <summary>Makes of the network's outputs the weights α, and sums Σ α_j d_j.</summary>
    internal static void WeightedDistances(ReadOnlySpan<float> distances, Span<float> outputs, int k, Span<float> sums)
    {
        for (int i = 0; i < outputs.Length; i += k)
        {
            Span<float> alpha = outputs.Slice(i, k);
            TensorPrimitives.Subtract(alpha, TensorPrimitives.Max<float>(alpha), alpha);
            double total = 0, sum = 0;
            for (int j = 0; j < k; j++)
            {
                alpha[j] = MathF.Exp(alpha[j]);
                total += alpha[j];
                sum += (double)alpha[j] * distances[i + j];
            }
            sums[i / k] = (float)(sum / total);
            for (int j = 0; j < k; j++) alpha[j] = (float)(alpha[j] / total);
        }
    }

    /// <summary>Mean of (σ(a) − y)²; the logits a become its gradient.</summary>
    internal static double Loss(Span<float> logits, ReadOnlySpan<float> labels)
    {
        double loss = 0;
        for (int i = 0; i < logits.Length; i++)
        {
            double sigma = 1 / (1 + Math.Exp(-logits[i])), error = sigma - labels[i];
            loss += error * error / logits.Length;
            logits[i] = (float)(2 * error * sigma * (1 - sigma) / logits.Length);
        }
        return loss;
    }

    /// <summary>Uniform in the box of the data and a margin around it, or samples with noise in some features.</summary>
    private float[] Negatives(Samples samples, Random random)
    {
        int width = samples.Shape.Length, count = Math.Max(1, (int)(options.NegativeRatio * samples.Count));
        float[] low = [.. samples[0]], high = [.. samples[0]];
        for (int i = 1; i < samples.Count; i++)
        {
            TensorPrimitives.Min(low, samples[i], low);
            TensorPrimitives.Max(high, samples[i], high);
        }
        float[] values = new float[checked(count * width)], noise = new float[width];
        for (int i = 0; i < count; i++)
        {
            Span<float> row = values.AsSpan(i * width, width);
            bool uniform = options.Negatives == NegativeSamples.Uniform || (options.Negatives == NegativeSamples.Mixed && i % 2 == 0);
            if (!uniform) samples[random.Next(samples.Count)].CopyTo(row);
            GaussianNoise.Fill(noise, random.Next(), i);
            for (int j = 0; j < width; j++)
            {
                double range = (double)high[j] - low[j], margin = options.Epsilon * range;
                if (uniform) row[j] = (float)(low[j] - margin + random.NextDouble() * (range + 2 * margin));
                else if (random.NextDouble() < PerturbedShare) row[j] += (float)(margin * noise[j]);
            }
        }
        return values;
    }

    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count], distances = new float[samples.Count * _k];
        _index!.SearchOthers(samples.Values.Span, _k, new int[distances.Length], distances);
        TensorPrimitives.Sqrt(distances, distances);
        float[] messages = new float[distances.Length], weights = new float[distances.Length];
        Messages(distances, messages);
        _network!.Infer(messages, samples.Count, weights);
        // Weights from distances that are not too long for the network, but of the distances themselves: what is farther scores higher.
        TensorPrimitives.Divide(distances, _unit, distances);
        TensorPrimitives.Min(distances, float.MaxValue, distances);
        WeightedDistances(distances, weights, _k, scores);
        return scores;
    }

    /// <summary>The mean over the neighbours of the squared difference in each feature: its part of the mean squared distance.</summary>
    protected override float[] AttributeCore(Samples samples)
    {
        int width = samples.Shape.Length;
        float[] shares = new float[samples.Values.Length], weights = new float[_k];
        int[] neighbors = new int[samples.Count * _k];
        _index!.SearchOthers(samples.Values.Span, _k, neighbors, new float[neighbors.Length]);
        Array.Fill(weights, 1f / _k);
        for (int i = 0; i < samples.Count; i++)
        {
            _index.AddSquaredDifferences(samples[i], neighbors.AsSpan(i * _k, _k), weights, shares.AsSpan(i * width, width));
        }
        return shares;
    }

    protected override void WriteState(TensorState state)
    {
        TensorState network = new(), rows = new();
        _network!.WriteState(network);
        _index!.WriteRows(rows);
        state.AddPart("network", network);
        state.AddPart("neighbors", rows);
        state.SetScalar("k", _k);
        state.SetScalar("unit", _unit);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        Samples rows = NeighborIndex.ReadRows(state.GetPart("neighbors"), shape, fewest: 2);
        int k = state.GetScalar<int>("k");
        float unit = state.GetScalar<float>("unit");
        if (k < 1 || k >= rows.Count || !(unit > 0))
        {
            throw new ModelFileException($"The model looks at {k} neighbours of {rows.Count} in units of {unit}: the file was altered.");
        }
        (_k, _unit) = (k, unit);
        Build(seed: 0);
        _network!.ReadState(state.GetPart("network"));
        _index = new NeighborIndex(rows.Values.Span, shape.Length);
    }

    protected override void Dispose(bool disposing)
    {
        _network?.Dispose();
        _scale?.Dispose();
        base.Dispose(disposing);
    }

    private void Build(int seed)
    {
        _network?.Dispose();
        _scale?.Dispose();
        (_network, _scale) = (null, null);
        _network = new DenseNetwork(_k, [.. options.Hidden.Select(width => new DenseLayer(width, Activation.Tanh)), new DenseLayer(_k)], seed);
        _scale = new DenseNetwork(1, [new DenseLayer(1)], ~seed);
    }

    private float[] Distances(ReadOnlyMemory<float> queries, FitContext context)
    {
        float[] distances = _index!.SearchAll(queries, _k, others: true, context.Threads, context.Cancellation).SquaredDistances;
        TensorPrimitives.Sqrt(distances, distances);
        return distances;
    }

    private void Messages(ReadOnlySpan<float> distances, Span<float> messages)
    {
        for (int j = 0; j < distances.Length; j++) messages[j] = Math.Min(distances[j] / _unit, LongestDistance);
    }
}
