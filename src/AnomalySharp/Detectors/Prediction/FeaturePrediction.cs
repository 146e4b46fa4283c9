using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Prediction;

/// <summary>Options of the detector <c>feature-prediction</c>.</summary>
[Detector(
    "feature-prediction",
    Family = DetectorFamily.Prediction,
    Summary = "Learns to predict every feature from the others; values that the rest of their sample does not bear out are abnormal.",
    Paper = "Paulheim, Meusel: A decomposition of the outlier detection problem into a set of supervised learning problems. Machine Learning 100 (2015)",
    Kinds = DataKinds.Table | DataKinds.Sequence)]
public sealed record FeaturePredictionOptions : NetworkDetectorOptions
{
    /// <summary>Widths of the network's hidden layers. The default is two of 64 units.</summary>
    [Description("Widths of the network's hidden layers."), Range(1, 65_536)]
    public IReadOnlyList<int> Hidden { get; init; } = [64, 64];

    /// <summary>
    /// Most features that are hidden one by one. Wider samples fall into so many random groups of features, each hidden and predicted as a whole. The
    /// default value is 64. Scoring takes as many passes of the network.
    /// </summary>
    [Description("Most features that are predicted one by one; wider samples fall into so many groups, each predicted as a whole."), Range(1, 65_536)]
    public int Groups { get; init; } = 64;

    /// <summary>
    /// Whether a feature counts by how well it can be predicted: w = 1 − min(1, RRSE), equation 3 of the paper. The default value is true. Otherwise all
    /// features count the same.
    /// </summary>
    [Description("Whether a feature counts by how well it can be predicted from the others, instead of all the same.")]
    public bool Weighted { get; init; } = true;

    /// <inheritdoc/>
    protected override Detector Create() => new FeaturePrediction(this);
}

/// <summary>
/// Attribute-wise learning: x̂ₖ is what the other features of a sample let expect of its feature k, and the score √(Σ wₖ(xₖ − x̂ₖ)² / Σ wₖ), with
/// weights wₖ = 1 − min(1, RRSEₖ) by the root relative squared error of the prediction on samples that were not learnt from.
/// </summary>
/// <remarks>
/// Departures: one network predicts all features, told which of them are hidden, where the paper trains a model for each (M5' or whatever regression is
/// at hand); RRSE is measured on the held-out samples and not by cross-validation. A feature that never varies counts
/// fully, and where no feature can be predicted all do: the score is then the distance from the mean.
/// </remarks>
internal sealed class FeaturePrediction(FeaturePredictionOptions options) : Detector
{
    private const int GroupPurpose = 0x6E0, BlockRows = 256, FewestHeldOut = 20;

    /// <summary>Weights below are what chance gives on few held-out samples.</summary>
    private const float NoticeableWeight = 0.1f;

    private MaskedPrediction? _prediction;
    private float[] _weights = [];

    protected override void FitCore(Samples samples, FitContext context)
    {
        Release();
        int width = samples.Shape.Length;
        _prediction = MaskedPrediction.Create(
            width, Math.Min(width, options.Groups), options.Hidden, context.CreateRandom(GroupPurpose));
        TrainingLoop loop = new(DisplayName, samples, options, context, _prediction.Network);
        loop.Run(Training(samples));
        _weights = options.Weighted ? Weights(Unseen(samples, loop)) : [.. Enumerable.Repeat(1f, width)];
    }

    /// <summary>Loss: the mean of (xₖ − x̂ₖ)² over the hidden features; each sample of a batch hides one group.</summary>
    private TrainingPhase Training(Samples samples)
    {
        MaskedPrediction prediction = _prediction!;
        Optimizer optimizer = Optimizer.Create(options, prediction.Network);
        int rows = Math.Min(options.BatchSize, samples.Count), width = samples.Shape.Length;
        float[] masked = new float[rows * prediction.Network.InputSize], gradient = new float[rows * width];
        int[] hidden = new int[rows];

        double Step(in TrainingBatch batch)
        {
            // Batches are shuffled, so that a sample meets one group after the other in no order.
            for (int i = 0; i < batch.Count; i++) hidden[i] = (int)(((uint)batch.Rows[i] + (uint)batch.Step) % (uint)prediction.Groups);
            ReadOnlySpan<int> groups = hidden.AsSpan(0, batch.Count);
            Span<float> input = masked.AsSpan(0, batch.Count * prediction.Network.InputSize), slope = gradient.AsSpan(0, batch.Count * width);
            prediction.Hide(batch.Values, groups, input);
            double loss = prediction.Loss(prediction.Network.Forward(input, batch.Count), batch.Values, groups, slope);
            prediction.Network.Backward(slope);
            optimizer.Step();
            return loss;
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            Span<float> predicted = gradient.AsSpan(0, count * width), input = masked.AsSpan(0, count * prediction.Network.InputSize);
            for (int i = 0; i < count; i++) hidden[i] = i % prediction.Groups;
            prediction.Hide(values, hidden.AsSpan(0, count), input);
            prediction.Network.Infer(input, count, predicted);
            return prediction.Loss(predicted, values, hidden.AsSpan(0, count), predicted);
        }

        return new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] };
    }

    /// <summary>The held-out samples, or all where they are too few to measure anything on.</summary>
    private static Samples Unseen(Samples samples, TrainingLoop loop)
    {
        if (loop.HeldOutCount < FewestHeldOut) return samples;
        bool[] learnt = new bool[samples.Count];
        foreach (int row in loop.LearntRows.Span) learnt[row] = true;
        return samples.Select([.. Enumerable.Range(0, samples.Count).Where(row => !learnt[row])]);
    }

    /// <summary>1 − min(1, RRSE) of each feature; all 1 where nothing can be predicted noticeably better than by its mean.</summary>
    private float[] Weights(Samples samples)
    {
        int width = samples.Shape.Length;
        double[] mean = new double[width], variation = new double[width], errors = new double[width];
        for (int i = 0; i < samples.Count; i++) for (int j = 0; j < width; j++) mean[j] += samples[i][j] / (double)samples.Count;
        for (int i = 0; i < samples.Count; i++) for (int j = 0; j < width; j++) variation[j] += Math.Pow(samples[i][j] - mean[j], 2);
        ForEachBlock(samples, (_, squares) =>
        {
            for (int i = 0; i < squares.Length; i++) errors[i % width] += squares[i];
        });
        float[] weights = [.. errors.Select((error, j) => variation[j] > 0 ? (float)(1 - Math.Min(1, Math.Sqrt(error / variation[j]))) : 1)];
        return weights.Any(weight => weight > NoticeableWeight) ? weights : [.. weights.Select(_ => 1f)];
    }

    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        int width = samples.Shape.Length;
        double total = _weights.Sum(weight => (double)weight);
        ForEachBlock(samples, (start, squares) =>
        {
            for (int i = 0; i < squares.Length / width; i++)
            {
                double sum = 0;
                for (int j = 0; j < width; j++) sum += (double)_weights[j] * squares[i * width + j];
                scores[start + i] = (float)Math.Sqrt(sum / total);
            }
        });
        return scores;
    }

    /// <summary>wₖ(xₖ − x̂ₖ)² / Σ w of each value: their sum is the score's square.</summary>
    protected override float[] AttributeCore(Samples samples)
    {
        float[] attributions = new float[samples.Values.Length];
        int width = samples.Shape.Length;
        double total = _weights.Sum(weight => (double)weight);
        ForEachBlock(samples, (start, squares) =>
        {
            for (int i = 0; i < squares.Length; i++)
            {
                attributions[start * width + i] = (float)Math.Min(float.MaxValue, _weights[i % width] * (double)squares[i] / total);
            }
        });
        return attributions;
    }

    private void ForEachBlock(Samples samples, BlockAction action)
    {
        int width = samples.Shape.Length;
        float[] squares = new float[Math.Min(BlockRows, samples.Count) * width];
        for (int start = 0; start < samples.Count; start += BlockRows)
        {
            int rows = Math.Min(BlockRows, samples.Count - start);
            Span<float> block = squares.AsSpan(0, rows * width);
            _prediction!.SquaredErrors(samples.Values.Span.Slice(start * width, rows * width), rows, block);
            action(start, block);
        }
    }

    private delegate void BlockAction(int start, ReadOnlySpan<float> squares);

    protected override void WriteState(TensorState state)
    {
        state.AddPart("prediction", _prediction!.WriteState);
        state.Set<float>("weights", _weights);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        Release();
        _weights = state.Get<float>("weights", shape.Length);
        if (!_weights.All(weight => weight is >= 0 and <= 1) || _weights.All(weight => weight == 0))
        {
            throw new ModelFileException("The model's weights of features are not from 0 to 1, or all 0. It was altered.");
        }
        _prediction = MaskedPrediction.Read(state.GetPart("prediction"), shape.Length);
    }

    protected override void Dispose(bool disposing)
    {
        Release();
        base.Dispose(disposing);
    }

    private void Release()
    {
        _prediction?.Dispose();
        _prediction = null;
    }
}
