// The detector of CONTRIBUTING.md, so that it compiles and works. It is not in the catalogue: these tests do not register their assembly.
#pragma warning disable CS0436 // Whoever tries the guide has the same class in the library.
// <example>
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Classical;

/// <summary>Options of the detector <c>center</c>.</summary>
[Detector("center", Family = DetectorFamily.Classical, Summary = "Far from the mean of the training data is abnormal.", Paper = "None: a toy.")]
public sealed record CenterOptions : DetectorOptions
{
    /// <summary>Exponent of the differences. The default value is 2.</summary>
    [Description("Exponent of the differences."), Range(0.5, 8)]
    public double Power { get; init; } = 2;

    /// <inheritdoc/>
    protected override Detector Create() => new Center(this);
}

internal sealed class Center(CenterOptions options) : Detector
{
    private float[] _mean = [];

    protected override void FitCore(Samples samples, FitContext context)
    {
        _mean = new float[samples.Shape.Length];
        for (int i = 0; i < samples.Count; i++) TensorPrimitives.MultiplyAdd(samples[i], 1f / samples.Count, _mean, _mean);
        context.Progress?.Report(new FitProgress("averaging", 1, 1));
    }

    // The score is the sum of what the features contribute.
    protected override float[] ScoreCore(Samples samples) => [.. AttributeCore(samples).Chunk(_mean.Length).Select(parts => parts.Sum())];

    protected override float[] AttributeCore(Samples samples) =>
        [.. samples.Values.ToArray().Select((value, j) => MathF.Pow(MathF.Abs(value - _mean[j % _mean.Length]), (float)options.Power))];

    protected override void WriteState(TensorState state) => state.Set<float>("mean", _mean);

    protected override void ReadState(TensorState state, SampleShape shape) => _mean = state.Get<float>("mean", shape.Length);
}
// </example>
