using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;
using AnomalySharp.Explanation;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>What an energy-based model scores by.</summary>
public enum EnergyScore
{
    /// <summary>DSEBM-e: the energy E(x).</summary>
    Energy,

    /// <summary>DSEBM-r: ‖∂E/∂x‖, the distance from x to the reconstruction x − ∂E/∂x.</summary>
    Reconstruction,
}

/// <summary>Options of the detector <c>dsebm</c>. Layers have the softplus function, whose slope has a slope of its own.</summary>
[Detector(
    "dsebm",
    Family = DetectorFamily.FeatureLearning,
    Summary = "Learns an energy that is low where samples are; high energy, or a steep slope of it, is abnormal.",
    Paper = "Zhai, Cheng, Lu, Zhang: Deep Structured Energy Based Models for Anomaly Detection. ICML 2016")]
public sealed record DsebmOptions : NetworkDetectorOptions
{
    /// <summary>200 epochs of batches of 128 with Adam at 10⁻³, all samples learnt from.</summary>
    public DsebmOptions()
    {
        Epochs = 200;
        (ValidationFraction, Patience) = (0, 0);
    }

    /// <summary>The score. The default value is the energy.</summary>
    [Description("The score: the energy, or the length of its slope.")]
    public EnergyScore Score { get; init; } = EnergyScore.Energy;

    /// <summary>Standard deviation of the noise that training takes back, in units of scaled features. The default value is 0.5.</summary>
    [Description("Standard deviation of the noise that training takes back, in units of scaled features."), Range(1e-3, 100)]
    public double Noise { get; init; } = 0.5;

    /// <summary>
    /// Widths of hidden layers before the last one, for pictures channels of convolutions. The default value is none: deeper energies learn to be
    /// low at the anomalies among the training samples, too.
    /// </summary>
    [Description("Widths of hidden layers before the last one (channels of convolutions for pictures); none = one layer."), Range(1, 65_536)]
    public IReadOnlyList<int> Hidden { get; init; } = [];

    /// <summary>Units of the last layer, whose sum is taken from the energy. The default value, null, is 32, for pictures 128.</summary>
    [Description("Units of the last layer; auto = 32, for pictures 128."), Range(1, 65_536)]
    public int? Latent { get; init; }

    /// <inheritdoc/>
    protected override Detector Create() => new Dsebm(this);
}

/// <summary>
/// E(x) = ½‖x − b‖² − Σ_j h_j(x). Score matching is denoising: x̃ − ∂E/∂x̃ = b + ∂Σh/∂x̃ is to be x, for x̃ = x with noise. The score is E, or the
/// length of ∂E/∂x.
/// </summary>
/// <remarks>
/// The gradient of the loss goes through a gradient. With r = b + ∂Σh/∂x̃ − x it is the derivative of ∂Σh/∂θ along r, taken as a central
/// difference: one more pass over two shifted batches, on whatever the network runs.
/// </remarks>
internal sealed class Dsebm(DsebmOptions options) : Detector
{
    /// <summary>Longest shift of a sample in the difference quotient: between the rounding of float32 and the bends of h.</summary>
    private const float LongestShift = 0.02f;

    /// <summary>The last layer's initial weights, in units of those of other networks.</summary>
    private const float StartScale = 0.1f;

    private readonly Lock _gate = new();
    private Network? _network;
    private DenseNetwork? _offset;
    private int[] _hidden = [];
    private float[] _usual = [];

    protected override void FitCore(Samples samples, FitContext context)
    {
        SampleShape shape = samples.Shape;
        Build(shape, options.Hidden, options.Latent ?? (shape.Rank == 3 ? 128 : 32), context);
        _usual = Occlusion.Mean(samples);
        SetOffset(_usual);
        // E starts close to ½‖x − b‖², which is right but for its scale, and not with the steep random slopes of a usual start.
        Span<float> last = _network!.Parameters.Values[_network.Weights[^1]];
        TensorPrimitives.Multiply(last, StartScale, last);
        TrainingLoop loop = new(DisplayName, samples, options, context, _network!, _offset!);
        loop.Run(Training(samples, context));
    }

    // Objective: mean over the batch of ‖x − (x̃ − ∂E/∂x̃)‖².
    private TrainingPhase Training(Samples samples, FitContext context)
    {
        int width = samples.Shape.Length, rows = Math.Min(options.BatchSize, samples.Count), seed = context.CreateRandom(-2).Next();
        Optimizer optimizer = Optimizer.Create(options, _network!, _offset!);
        float[] noisy = new float[rows * width], errors = new float[rows * width];

        double Step(in TrainingBatch batch)
        {
            double loss = AddGradients(batch.Values, Corrupted(batch.Values, batch.Step), batch.Count, errors);
            optimizer.Step();
            return loss;
        }

        double Validation(ReadOnlySpan<float> values, int count) => Errors(values, Corrupted(values, -1), count, errors);

        ReadOnlySpan<float> Corrupted(ReadOnlySpan<float> values, int draw)
        {
            Span<float> target = noisy.AsSpan(0, values.Length);
            GaussianNoise.Fill(target, seed, draw);
            TensorPrimitives.MultiplyAdd(target, (float)options.Noise, values, target);
            return target;
        }

        return new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] };
    }

    /// <summary>The loss, and its gradients in both networks.</summary>
    /// <param name="x">Samples.</param>
    /// <param name="noisy">x̃.</param>
    /// <param name="count">Number of samples.</param>
    /// <param name="errors">Scratch as long as the samples.</param>
    internal double AddGradients(ReadOnlySpan<float> x, ReadOnlySpan<float> noisy, int count, Span<float> errors)
    {
        int width = x.Length / count;
        double loss = Errors(x, noisy, count, errors);
        Span<float> r = errors[..x.Length];
        // At b: 2 Σ r over the batch's mean.
        float[] atOffset = new float[width];
        for (int i = 0; i < count; i++) TensorPrimitives.MultiplyAdd(r.Slice(i * width, width), 2f / count, atOffset, atOffset);
        _offset!.Forward([1f], 1);
        _offset.Backward(atOffset);
        float longest = 0;
        for (int i = 0; i < count; i++) longest = Math.Max(longest, TensorPrimitives.Norm<float>(r.Slice(i * width, width)));
        if (!(longest > 0) || !float.IsFinite(longest)) return loss;
        float shift = LongestShift / longest;
        float[] both = new float[2 * x.Length], slope = new float[2 * count * _network!.OutputSize];
        TensorPrimitives.MultiplyAdd(r, shift, noisy, both.AsSpan(0, x.Length));
        TensorPrimitives.MultiplyAdd(r, -shift, noisy, both.AsSpan(x.Length));
        slope.AsSpan(0, slope.Length / 2).Fill(1 / (shift * count));
        slope.AsSpan(slope.Length / 2).Fill(-1 / (shift * count));
        _network.Forward(both, 2 * count);
        _network.Backward(slope);
        return loss;
    }

    /// <summary>r = b + ∂Σh/∂x̃ − x.</summary>
    /// <returns>Mean over the samples of ‖r‖².</returns>
    internal double Errors(ReadOnlySpan<float> x, ReadOnlySpan<float> noisy, int count, Span<float> errors)
    {
        Span<float> r = errors[..x.Length];
        Slope(noisy, count, r);
        float[] offset = Offset();
        for (int i = 0; i < count; i++)
        {
            Span<float> row = r.Slice(i * offset.Length, offset.Length);
            TensorPrimitives.Add(row, offset, row);
        }
        TensorPrimitives.Subtract(r, x, r);
        return TensorPrimitives.SumOfSquares<float>(r) / (double)count;
    }

    /// <summary>∂Σh/∂x of each sample; leaves the gradients of the parameters at zero.</summary>
    private void Slope(ReadOnlySpan<float> x, int count, Span<float> slope)
    {
        float[] ones = new float[count * _network!.OutputSize];
        Array.Fill(ones, 1);
        _network.Forward(x, count);
        _network.Backward(ones, needInputGradient: true).CopyTo(slope);
        _network.Parameters.Gradients.Clear();
    }

    protected override float[] ScoreCore(Samples samples)
    {
        int width = samples.Shape.Length;
        float[] scores = new float[samples.Count], offset = Offset();
        float[] values = new float[options.Score == EnergyScore.Energy ? samples.Count * _network!.OutputSize : samples.Values.Length];
        if (options.Score == EnergyScore.Energy) _network!.Infer(samples.Values.Span, samples.Count, values);
        else
        {
            // Forward and backward use the network's own memory.
            lock (_gate) Slope(samples.Values.Span, samples.Count, values);
        }
        for (int i = 0; i < scores.Length; i++)
        {
            ReadOnlySpan<float> x = samples[i];
            double sum = 0, units = 0;
            for (int j = 0; j < width; j++)
            {
                double difference = (double)x[j] - offset[j] - (options.Score == EnergyScore.Energy ? 0 : values[i * width + j]);
                sum += difference * difference;
            }
            for (int j = 0; options.Score == EnergyScore.Energy && j < _network!.OutputSize; j++) units += values[i * _network.OutputSize + j];
            scores[i] = (float)(options.Score == EnergyScore.Energy ? sum / 2 - units : Math.Sqrt(sum));
        }
        return scores;
    }

    /// <summary>What every value adds to the score, beside the mean of the training data.</summary>
    protected override float[] AttributeCore(Samples samples) => Occlusion.Attribute(samples, _usual, ScoreCore);

    protected override void WriteState(TensorState state)
    {
        NetworkWidths.Write(state, _hidden, _network!.OutputSize);
        state.AddPart("network", _network.WriteState);
        state.Set<float>("offset", Offset());
        state.Set<float>("usual", _usual);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        (int[] hidden, int latent) = NetworkWidths.Read(state);
        Build(shape, hidden, latent, new FitContext());
        NetworkWidths.ReadInto(_network!, state.GetPart("network"));
        SetOffset(state.Get<float>("offset", shape.Length));
        _usual = state.Get<float>("usual", shape.Length);
    }

    protected override void Dispose(bool disposing)
    {
        _network?.Dispose();
        _offset?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>h, and b as what a linear layer makes of the constant 1.</summary>
    internal void Build(SampleShape shape, IReadOnlyList<int> hidden, int latent, FitContext context)
    {
        _network?.Dispose();
        _offset?.Dispose();
        (_network, _offset, _hidden) = (null, null, [.. hidden]);
        AutoencoderNetworks networks = AutoencoderNetworks.Create(new AutoencoderArchitecture
        {
            Shape = shape,
            Hidden = hidden,
            Latent = latent,
            Activation = Activation.Softplus,
            CodeActivation = Activation.Softplus,
            Seed = context.CreateRandom(-1).Next(),
            Device = context.Device,
        });
        networks.Decoder.Dispose();
        _network = networks.Encoder;
        _offset = new DenseNetwork(1, [new DenseLayer(shape.Length) { Bias = false }]);
    }

    /// <summary>h and b, for tests.</summary>
    internal (Network Network, Network Offset) Parts => (_network!, _offset!);

    private float[] Offset()
    {
        float[] offset = new float[_offset!.OutputSize];
        _offset.Infer([1f], 1, offset);
        return offset;
    }

    private void SetOffset(float[] values)
    {
        TensorState state = new();
        state.Set<float>("layer1.weight", values, values.Length, 1);
        _offset!.ReadState(state);
    }
}
