using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>Options of the detector <c>dec</c>.</summary>
[Detector(
    "dec",
    Family = DetectorFamily.FeatureLearning,
    Summary = "Learns codes that gather around cluster centres; what is far from those of large clusters is abnormal.",
    Paper = "Xie, Girshick, Farhadi: Unsupervised Deep Embedding for Clustering Analysis. ICML 2016",
    Kinds = DataKinds.Table | DataKinds.Sequence)]
public sealed record DecOptions : DeepClusteringOptions
{
    /// <summary>Steps after which the target distribution is computed anew. The default value is 140, as in the authors' code.</summary>
    [Description("Steps after which the target distribution is computed anew."), Range(1, 1_000_000)]
    public int TargetSteps { get; init; } = 140;

    /// <summary>Learning ends where a smaller share of the samples changes its cluster between two targets. The default value is 0.001.</summary>
    [Description("Learning ends where a smaller share of the samples changes its cluster between two targets."), Range(0, 1)]
    public double Tolerance { get; init; } = 0.001;

    /// <inheritdoc/>
    protected override Detector Create() => new Dec(this);
}

/// <summary>
/// Shares q of codes in clusters are drawn towards p ∝ q²/Σq, which is surer of them than they are: the loss is KL(P‖Q), and codes and centres
/// follow its gradient.
/// </summary>
/// <remarks>
/// Departure: networks by the shape of the sample where no widths are given (the paper's are 500-500-2000-10), trained as one from the start.
/// </remarks>
internal sealed class Dec(DecOptions options) : DeepClustering(options)
{
    // Objective: mean over the batch of Σ_j p_ij log(p_ij/q_ij).
    protected override TrainingPhase Together(Samples samples, FitContext context)
    {
        Network encoder = Networks.Encoder;
        SquaredDistances distances = Distances;
        int clusters = distances.OutputSize, rows = Math.Min(options.BatchSize, samples.Count);
        // Clusters follow with a tenth of the autoencoder's step, as in the paper.
        Optimizer optimizer = Optimizer.Create(options with { LearningRate = options.LearningRate / 10 }, encoder, distances);
        TargetDistribution targets = new(samples.Count, clusters);
        float[] squares = new float[rows * clusters], gradient = new float[rows * clusters];

        double Step(in TrainingBatch batch)
        {
            if (batch.Step % options.TargetSteps == 0 && !targets.Settled) Update(targets, samples, batch.Step > 0, context);
            // Nothing is learnt any more: the remaining steps only count.
            if (targets.Settled) return targets.LastLoss;
            distances.Forward(encoder.Forward(batch.Values, batch.Count), batch.Count).CopyTo(squares);
            double loss = Loss(squares.AsSpan(0, batch.Count * clusters), targets, batch.Rows, gradient);
            encoder.Backward(distances.Backward(gradient.AsSpan(0, batch.Count * clusters), needInputGradient: true));
            optimizer.Step();
            targets.LastLoss = loss;
            return loss;
        }

        return new TrainingPhase
        {
            Name = "clustering",
            Epochs = ClusteringEpochs,
            Start = () => Cluster(samples, context),
            Step = Step,
            Optimizers = [optimizer],
            Memory = targets,
        };
    }

    /// <summary>The loss and its gradient at the squared distances: ∂L/∂d_ij = (p_ij − q_ij)/(1 + d_ij) over the number of samples.</summary>
    internal static double Loss(Span<float> squares, TargetDistribution targets, ReadOnlySpan<int> rows, Span<float> gradient)
    {
        int clusters = squares.Length / rows.Length;
        double loss = 0;
        Span<float> shares = stackalloc float[Math.Min(clusters, 1024)];
        if (clusters > shares.Length) shares = new float[clusters];
        for (int i = 0; i < rows.Length; i++)
        {
            Span<float> row = squares.Slice(i * clusters, clusters);
            row.CopyTo(shares);
            Shares(shares[..clusters]);
            ReadOnlySpan<float> target = targets[rows[i]];
            for (int j = 0; j < clusters; j++)
            {
                if (target[j] > 0) loss += target[j] * Math.Log(target[j] / Math.Max(shares[j], float.Epsilon)) / rows.Length;
                gradient[i * clusters + j] = (target[j] - shares[j]) / (1 + row[j]) / rows.Length;
            }
        }
        return loss;
    }

    private void Update(TargetDistribution targets, Samples samples, bool mayEnd, FitContext context)
    {
        float[] codes = new float[samples.Count * Networks.Encoder.OutputSize], shares = new float[samples.Count * Distances.OutputSize];
        Networks.Encoder.Infer(samples.Values.Span, samples.Count, codes);
        Distances.Infer(codes, samples.Count, shares);
        double changed = targets.Set(shares);
        targets.Settled = mayEnd && changed < options.Tolerance;
        if (!targets.Settled) return;
        context.Note(string.Create(CultureInfo.InvariantCulture, $"The clusters settled: {changed:P2} of the samples changed theirs."));
    }
}

/// <summary>P of DEC for all training samples: p_ij ∝ q_ij²/Σ_i q_ij, and what its updates remember.</summary>
internal sealed class TargetDistribution(int count, int clusters) : ITrainingMemory
{
    private float[] _targets = new float[count * clusters];
    private int[] _nearest = new int[count];

    /// <summary>Whether hardly any sample changes its cluster any more.</summary>
    public bool Settled { get; set; }

    /// <summary>The loss of the last step.</summary>
    public double LastLoss { get; set; }

    /// <summary>p of a sample.</summary>
    public ReadOnlySpan<float> this[int row] => _targets.AsSpan(row * clusters, clusters);

    /// <summary>Computes P from squared distances, which it overwrites.</summary>
    /// <returns>The share of samples that are nearest to another centre than at the last time.</returns>
    public double Set(float[] squares)
    {
        double[] frequencies = new double[clusters];
        int changed = 0;
        for (int i = 0; i < count; i++)
        {
            Span<float> row = squares.AsSpan(i * clusters, clusters);
            int nearest = System.Numerics.Tensors.TensorPrimitives.IndexOfMin<float>(row);
            changed += nearest == _nearest[i] ? 0 : 1;
            _nearest[i] = nearest;
            DeepClustering.Shares(row);
            for (int j = 0; j < clusters; j++) frequencies[j] += row[j];
        }
        for (int i = 0; i < count; i++)
        {
            double sum = 0;
            Span<float> row = squares.AsSpan(i * clusters, clusters), target = _targets.AsSpan(i * clusters, clusters);
            for (int j = 0; j < clusters; j++) sum += target[j] = frequencies[j] > 0 ? (float)(row[j] * row[j] / frequencies[j] * count) : 0;
            for (int j = 0; j < clusters; j++) target[j] = (float)(target[j] / sum);
        }
        return (double)changed / count;
    }

    public void WriteState(TensorState state)
    {
        state.Set<float>("targets", _targets);
        state.Set<int>("nearest", _nearest);
        state.Set<double>("numbers", [Settled ? 1 : 0, LastLoss]);
    }

    public void ReadState(TensorState state)
    {
        float[] targets = state.Get<float>("targets", count * clusters);
        int[] nearest = state.Get<int>("nearest", count);
        double[] numbers = state.Get<double>("numbers", 2);
        (_targets, _nearest, Settled, LastLoss) = (targets, nearest, numbers[0] != 0, numbers[1]);
    }
}
