using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Explanation;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.SelfSupervised;

/// <summary>What a learnt transformation makes of x with the output M(x) of its network.</summary>
public enum LearntTransformation
{
    /// <summary>x + M(x).</summary>
    Residual,

    /// <summary>σ(M(x)) · x, value by value.</summary>
    Multiplicative,

    /// <summary>M(x).</summary>
    Free,
}

/// <summary>Options of the detector <c>neutral-ad</c>.</summary>
[Detector(
    "neutral-ad",
    Family = DetectorFamily.SelfSupervised,
    Summary = "Learns transformations that keep samples recognisable and are told from each other; where that fails is abnormal.",
    Paper = "Qiu, Pfrommer, Kloft, Mandt, Rudolph: Neural Transformation Learning for Deep Anomaly Detection Beyond Images. ICML 2021",
    Kinds = DataKinds.Table | DataKinds.Sequence)]
public sealed record NeutralAdOptions : NetworkDetectorOptions
{
    /// <summary>Batches of 128 with Adam at 10⁻³ and λ = 10⁻⁵, all samples learnt from, as the code has it for Thyroid.</summary>
    public NeutralAdOptions()
    {
        (Epochs, BatchSize, WeightDecay) = (100, 128, 1e-5);
        (ValidationFraction, Patience) = (0, 0);
    }

    /// <summary>K: transformations. The default value is 11.</summary>
    [Description("Transformations."), Range(2, 256)]
    public int Transformations { get; init; } = 11;

    /// <summary>
    /// What a transformation makes of a sample. The default value is <see cref="LearntTransformation.Residual"/>, the code's for Thyroid and Arrhythmia; for
    /// KDDCUP99 it has <see cref="LearntTransformation.Multiplicative"/>. Mean ROC AUC over ten tables, normal rows only
    /// (<c>docs/results/tables-normal-only.md</c> names them), at the other defaults: 0.89 and 0.86.
    /// </summary>
    [Description("What a transformation makes of a sample: adds to it, scales its values down, or makes another one of it.")]
    public LearntTransformation Transformation { get; init; } = LearntTransformation.Residual;

    /// <summary>
    /// Widths of the encoder's hidden layers, with ReLU. The default value, null, is the code's: four, as wide as twice the features up to 31 of
    /// these, 64 up to 300, 256 above.
    /// </summary>
    [Description("Widths of the encoder's hidden layers; auto = four of twice the features, 64 from 32 features, 256 from 301."), Range(1, 65_536)]
    public IReadOnlyList<int>? Hidden { get; init; }

    /// <summary>Values of a code. The default value, null, is the code's: twice the features up to 31 of these, 32 up to 300, 64 above.</summary>
    [Description("Values of a code; auto = twice the features, 32 from 32 features, 64 from 301."), Range(2, 65_536)]
    public int? Latent { get; init; }

    /// <summary>
    /// Width of the hidden layer of a transformation. The default value, null, is the code's, as many as there are features, up to 512: with 3,312 features
    /// the transformations would otherwise have 241 million weights.
    /// </summary>
    [Description("Width of the hidden layer of a transformation; auto = as many as there are features, at most 512."), Range(1, 65_536)]
    public int? TransformationWidth { get; init; }

    /// <summary>
    /// Whether layers have biases. The default value is true; the code has none. Without them, residual and free transformations see only the direction of a
    /// sample, not its length: mean ROC AUC over the same ten tables 0.86 in place of 0.89.
    /// </summary>
    [Description("Whether layers have biases.")]
    public bool Bias { get; init; } = true;

    /// <summary>τ. The default value is 0.1.</summary>
    [Description("Temperature: cosines are divided by it."), Range(1e-3, 100)]
    public double Temperature { get; init; } = 0.1;

    /// <summary>To 0…1, as Thyroid comes: standardised, the mean over the ten tables is 0.83, though vowels and letter are better.</summary>
    public override FeatureScaling PreferredScaling => FeatureScaling.MinMax;

    /// <inheritdoc/>
    protected override Detector Create() => new NeutralAd(this);
}

/// <summary>
/// Transformations T_1 … T_K and an encoder f learn together that f(T_k(x)) is near f(x) and far from the codes of the other transformations of x.
/// The score is the loss itself, of one sample.
/// </summary>
/// <remarks>
/// Departures: every table is scaled to 0…1; biases; 11 transformations whatever the data; 100 epochs with steps of one size, where the code has up to 200 and
/// stops by the training loss.
/// </remarks>
internal sealed class NeutralAd(NeutralAdOptions options) : Detector
{
    private const int BlockSamples = 128, MostTransformationWidth = 512;

    private DenseNetwork? _encoder;
    private DenseNetwork[] _transformations = [];
    private float[] _usual = [];

    /// <summary>The encoder, then the transformations.</summary>
    internal IReadOnlyList<DenseNetwork> Networks => [_encoder!, .. _transformations];

    protected override void FitCore(Samples samples, FitContext context)
    {
        int d = samples.Shape.Length;
        int[] hidden = [.. options.Hidden ?? Enumerable.Repeat(d < 32 ? 2 * d : d <= 300 ? 64 : 256, 4)];
        Build(d, hidden, options.Latent ?? (d < 32 ? 2 * d : d <= 300 ? 32 : 64), options.TransformationWidth ?? Math.Min(d, MostTransformationWidth), context.CreateRandom(-1));
        _usual = Occlusion.Mean(samples);
        new TrainingLoop(DisplayName, samples, options, context, Networks).Run(Training(samples));
    }

    // Objective: the mean over samples of the deterministic contrastive loss of f(x), f(T_1(x)), …, f(T_K(x)).
    private TrainingPhase Training(Samples samples)
    {
        Optimizer optimizer = Optimizer.Create(options, [.. Networks]);
        int d = samples.Shape.Length, most = Math.Min(options.BatchSize, samples.Count) * (options.Transformations + 1);
        DeterministicContrastiveLoss loss = CreateLoss();
        float[] views = new float[most * d], gradient = new float[most * _encoder!.OutputSize];

        double Step(in TrainingBatch batch)
        {
            double mean = AddGradients(batch.Values, batch.Count, loss, views, gradient);
            optimizer.Step();
            return mean;
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            Encode(values, count, views, gradient);
            double sum = 0;
            for (int i = 0; i < count; i++) sum += loss.OfSample(gradient, count, i);
            return sum / count;
        }

        return new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] };
    }

    /// <summary>The mean loss of some samples; adds its gradients to those of all networks. Both memories have room for all views.</summary>
    internal double AddGradients(ReadOnlySpan<float> values, int count, DeterministicContrastiveLoss loss, Span<float> views, Span<float> gradient)
    {
        int size = values.Length, rows = count * (_transformations.Length + 1);
        values.CopyTo(views);
        for (int k = 0; k < _transformations.Length; k++)
        {
            Apply(values, _transformations[k].Forward(values, count), views.Slice((k + 1) * size, size));
        }
        Span<float> slope = gradient[..(rows * _encoder!.OutputSize)];
        double mean = loss.Of(_encoder.Forward(views, rows), count, slope);
        ReadOnlySpan<float> atViews = _encoder.Backward(slope, needInputGradient: true);
        // The views have served: their memory takes the slopes at the outputs of the transformations.
        Span<float> atOutput = views[..size];
        for (int k = 0; k < _transformations.Length; k++)
        {
            atViews.Slice((k + 1) * size, size).CopyTo(atOutput);
            if (options.Transformation == LearntTransformation.Multiplicative)
            {
                for (int j = 0; j < size; j++) atOutput[j] *= values[j];
            }
            _transformations[k].Backward(atOutput);
        }
        return mean;
    }

    protected override float[] ScoreCore(Samples samples)
    {
        int d = samples.Shape.Length, block = Math.Min(BlockSamples, samples.Count), rows = block * (options.Transformations + 1);
        DeterministicContrastiveLoss loss = CreateLoss();
        float[] scores = new float[samples.Count], views = new float[rows * d], codes = new float[rows * _encoder!.OutputSize];
        for (int start = 0; start < samples.Count; start += block)
        {
            int count = Math.Min(block, samples.Count - start);
            Encode(samples.Values.Span.Slice(start * d, count * d), count, views, codes);
            for (int i = 0; i < count; i++)
            {
                double score = loss.OfSample(codes, count, i);
                // Not a number: codes beyond float32.
                scores[start + i] = double.IsNaN(score) ? float.PositiveInfinity : (float)score;
            }
        }
        return scores;
    }

    /// <summary>What every value adds to the score, beside the mean of the training data.</summary>
    protected override float[] AttributeCore(Samples samples) => Occlusion.Attribute(samples, _usual, ScoreCore);

    protected override void WriteState(TensorState state)
    {
        NetworkWidths.Write(state, [.. _encoder!.Stages.SkipLast(1).Select(stage => stage.Outputs)], _encoder.OutputSize);
        state.SetScalar("transformation-width", _transformations[0].Stages[0].Outputs);
        state.AddPart("encoder", _encoder.WriteState);
        for (int k = 0; k < _transformations.Length; k++) state.AddPart($"transformation{k + 1}", _transformations[k].WriteState);
        state.Set<float>("usual", _usual);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        (int[] hidden, int latent) = NetworkWidths.Read(state);
        int width = state.GetScalar<int>("transformation-width");
        // As many as it has values of, before memory is asked for.
        if (width < 1 || state.GetPart("transformation1").Get<float>("layer1.weight").Length != (long)width * shape.Length)
        {
            throw new ModelFileException($"The model's transformations are {width} units wide, and their weights are not. It was altered.");
        }
        Build(shape.Length, hidden, latent, width, new Random(0));
        NetworkWidths.ReadInto(_encoder!, state.GetPart("encoder"));
        for (int k = 0; k < _transformations.Length; k++) _transformations[k].ReadState(state.GetPart($"transformation{k + 1}"));
        _usual = state.Get<float>("usual", shape.Length);
    }

    protected override void Dispose(bool disposing)
    {
        Release();
        base.Dispose(disposing);
    }

    internal DeterministicContrastiveLoss CreateLoss() => new(options.Transformations, _encoder!.OutputSize, options.Temperature);

    /// <summary>The codes of samples, then those of their first views, and so on; without training.</summary>
    private void Encode(ReadOnlySpan<float> values, int count, Span<float> views, Span<float> codes)
    {
        int size = values.Length;
        values.CopyTo(views);
        for (int k = 0; k < _transformations.Length; k++)
        {
            Span<float> view = views.Slice((k + 1) * size, size);
            _transformations[k].Infer(values, count, view);
            Apply(values, view, view);
        }
        _encoder!.Infer(views, count * (_transformations.Length + 1), codes);
    }

    /// <summary>T(x) from x and the output of its network, the gate σ(M(x)) or M(x).</summary>
    private void Apply(ReadOnlySpan<float> values, ReadOnlySpan<float> output, Span<float> view)
    {
        for (int j = 0; j < values.Length; j++)
        {
            view[j] = options.Transformation switch
            {
                LearntTransformation.Residual => values[j] + output[j],
                LearntTransformation.Multiplicative => values[j] * output[j],
                _ => output[j],
            };
        }
    }

    internal void Build(int inputs, int[] hidden, int latent, int width, Random random)
    {
        Release();
        Activation last = options.Transformation == LearntTransformation.Multiplicative ? Activation.Sigmoid : Activation.Identity;
        _encoder = new DenseNetwork(
            inputs, [.. hidden.Select(units => Layer(units, Activation.Relu)), Layer(latent, Activation.Identity)], random.Next());
        DenseLayer[] layers = [Layer(width, Activation.Relu), Layer(inputs, last)];
        _transformations = [.. Enumerable.Range(0, options.Transformations).Select(_ => new DenseNetwork(inputs, layers, random.Next()))];

        DenseLayer Layer(int outputs, Activation activation) => new(outputs, activation) { Bias = options.Bias };
    }

    private void Release()
    {
        _encoder?.Dispose();
        foreach (DenseNetwork transformation in _transformations) transformation.Dispose();
        (_encoder, _transformations) = (null, []);
    }
}
