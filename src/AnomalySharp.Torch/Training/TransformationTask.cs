using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Transformations;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// The surrogate task: tell which of K transformations was applied to a picture. A pass over the samples shows each once, under one transformation;
/// the transformations of a sample follow each other from one that is drawn for it, so that K passes are one epoch over {(T_i(x), i)}, and every
/// batch is a mixture of transformations, without which batch normalisation would give them away. No transformed picture is kept.
/// </summary>
/// <param name="network">Its outputs are the logits of the K transformations.</param>
/// <param name="table">The transformations.</param>
/// <param name="samples">Samples that are learnt from.</param>
/// <param name="random">Draws each sample's first transformation.</param>
/// <param name="labels">Labels of the samples, for the measurement of inlier priority and for nothing else; null where none are known.</param>
internal sealed class TransformationTask(
    TorchNetwork network, TransformationTable table, int samples, Random random, IReadOnlyList<byte>? labels = null)
{
    private int _measured = -1;

    private readonly int[] _first = [.. Enumerable.Range(0, samples).Select(_ => random.Next(table.Count))];

    /// <summary>What steps compute with.</summary>
    public TrainingPrecision Precision { get; init; }

    /// <summary>Loss and share of transformations that were recognised.</summary>
    public TrainingMeasures Measures { get; } = new();

    /// <summary>
    /// Passes over the samples for at least so many, each sample having had every transformation equally often: whole epochs of the papers.
    /// </summary>
    public int Passes(int atLeast) => (atLeast + table.Count - 1) / table.Count * table.Count;

    /// <summary>Which transformation sample <paramref name="row"/> has in a pass, counted from 0.</summary>
    public long Transformation(int row, int pass) => (_first[row] + pass) % table.Count;

    /// <summary>One step on the cross-entropy.</summary>
    /// <param name="batch">Pictures as the network sees them.</param>
    /// <param name="optimizer">Of the network.</param>
    public double Step(in TrainingBatch batch, Optimizer optimizer)
    {
        using DisposeScope scope = NewDisposeScope();
        network.Enter(training: true);
        long[] which = new long[batch.Count];
        for (int i = 0; i < which.Length; i++) which[i] = Transformation(batch.Rows[i], batch.Epoch);
        Tensor logits = network.Module.call(table.Apply(network.Import(batch.Values, batch.Count), which).to(Precision.Type()));
        Tensor wanted = tensor(which).to(network.Device), loss = nn.functional.cross_entropy(logits, wanted);
        if (labels is not null && _measured != batch.Epoch) MeasurePriority(logits, wanted, batch);
        network.AddGradients(loss);
        optimizer.Step();
        using (no_grad()) Measures.Record("recognised", logits.argmax(1).eq(wanted).to(ScalarType.Float32).mean().Number());
        return loss.Number();
    }

    /// <summary>Mean cross-entropy of held-out pictures, each under another transformation than its neighbours.</summary>
    public double Validation(ReadOnlySpan<float> values, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        network.Enter(training: false);
        long[] which = [.. Enumerable.Range(0, count).Select(i => (long)(i % table.Count))];
        Tensor logits = network.Module.call(table.Apply(network.Import(values, count), which));
        return nn.functional.cross_entropy(logits, tensor(which).to(network.Device)).Number();
    }

    /// <summary>
    /// E³Outlier's inlier priority, once in a pass: the norm of the part of the gradient that normal samples, and that anomalies have in a step, and
    /// how far each goes along the direction of both. The step itself is not touched.
    /// </summary>
    private void MeasurePriority(Tensor logits, Tensor wanted, in TrainingBatch batch)
    {
        float[] abnormal = new float[batch.Count];
        for (int i = 0; i < abnormal.Length; i++) abnormal[i] = labels![batch.Rows[i]];
        if (abnormal.Min() == abnormal.Max()) return;
        _measured = batch.Epoch;
        Tensor losses = nn.functional.cross_entropy(logits, wanted, reduction: nn.Reduction.None).Over(batch.Count);
        Tensor outlying = tensor(abnormal).to(network.Device);
        Tensor inliers = network.GradientOf((losses * outlying.From(1)).sum()), outliers = network.GradientOf((losses * outlying).sum());
        Tensor both = inliers.Plus(outliers), direction = both / both.norm().clamp_min(KeptScalar.Of(1e-30));
        Measures.Record("gradient of normal samples", inliers.norm().Number());
        Measures.Record("gradient of anomalies", outliers.norm().Number());
        Measures.Record("normal samples along the step", inliers.dot(direction).Number());
        Measures.Record("anomalies along the step", outliers.dot(direction).Number());
    }
}
