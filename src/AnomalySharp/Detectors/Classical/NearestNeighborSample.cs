using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Neighbors;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Classical;

/// <summary>Options of <see cref="NearestNeighborSample"/>.</summary>
[Detector("nearest-neighbor-sample", Family = DetectorFamily.Classical,
    Summary = "Far from the nearest of a few random training samples, on average over many such draws, is abnormal.",
    Paper = "Pang, Ting, Albrecht: LeSiNN: Detecting Anomalies by Identifying Least Similar Nearest Neighbours. ICDM Workshops 2015.")]
public sealed record NearestNeighborSampleOptions : DetectorOptions
{
    /// <summary>Random draws that are averaged over. The default value is 50.</summary>
    [Description("Random draws that are averaged over."), Range(1, 100_000)]
    public int Draws { get; init; } = 50;

    /// <summary>Training samples in a draw, ψ of the paper; all of them where there are fewer. The default value is 8.</summary>
    [Description("Training samples in a draw; all of them where there are fewer."), Range(2, 1_000_000)]
    public int SamplesPerDraw { get; init; } = 8;

    /// <inheritdoc/>
    protected override Detector Create() => new NearestNeighborSample(this);
}

/// <summary>
/// LeSiNN: the mean over random draws S of the training data of the distance to the nearest member of S. One draw is Sugiyama and Borgwardt's Sp
/// (NIPS 2013).
/// </summary>
/// <remarks>A member of a draw that is scored again is not its own neighbour, as with <see cref="Knn"/>.</remarks>
public sealed class NearestNeighborSample(NearestNeighborSampleOptions options) : Detector
{
    private NeighborIndex[] _draws = [];

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        int size = Math.Min(options.SamplesPerDraw, samples.Count);
        NeighborIndex[] draws = new NeighborIndex[options.Draws];
        int step = Math.Max(1, draws.Length / 20);
        for (int draw = 0; draw < draws.Length; draw++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            Samples members = samples.Select(RandomRows.Draw(samples.Count, size, context.CreateRandom(draw)));
            draws[draw] = new NeighborIndex(members.Values.Span, samples.Shape.Length);
            if ((draw + 1) % step == 0 || draw + 1 == draws.Length) context.Progress?.Report(new FitProgress("drawing", draw + 1, draws.Length));
        }
        _draws = draws;
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        double[] sums = new double[samples.Count];
        int[] nearest = new int[samples.Count];
        float[] squares = new float[samples.Count];
        foreach (NeighborIndex draw in _draws)
        {
            draw.SearchOthers(samples.Values.Span, 1, nearest, squares);
            for (int i = 0; i < sums.Length; i++) sums[i] += MathF.Sqrt(squares[i]);
        }
        return [.. sums.Select(sum => (float)(sum / _draws.Length))];
    }

    /// <summary>The mean over the draws of the squared difference in each feature from the nearest member.</summary>
    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples)
    {
        int width = samples.Shape.Length;
        float[] shares = new float[samples.Values.Length], squares = new float[samples.Count];
        int[] nearest = new int[samples.Count];
        ReadOnlySpan<float> weight = [1f / _draws.Length];
        foreach (NeighborIndex draw in _draws)
        {
            draw.SearchOthers(samples.Values.Span, 1, nearest, squares);
            for (int i = 0; i < samples.Count; i++)
            {
                draw.AddSquaredDifferences(samples[i], nearest.AsSpan(i, 1), weight, shares.AsSpan(i * width, width));
            }
        }
        return shares;
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        for (int draw = 0; draw < _draws.Length; draw++)
        {
            TensorState part = new();
            _draws[draw].WriteRows(part);
            state.AddPart($"draw{draw}", part);
        }
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        NeighborIndex[] draws = new NeighborIndex[options.Draws];
        for (int draw = 0; draw < draws.Length; draw++)
        {
            Samples members = NeighborIndex.ReadRows(state.GetPart($"draw{draw}"), shape, fewest: 2);
            draws[draw] = new NeighborIndex(members.Values.Span, shape.Length);
        }
        _draws = draws;
    }
}
