using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Explanation;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.SelfSupervised;

/// <summary>Options of the detector <c>goad</c>.</summary>
[Detector(
    "goad",
    Family = DetectorFamily.SelfSupervised,
    Summary = "Learns to tell apart random affine transformations of samples; where they are mixed up is abnormal.",
    Paper = "Bergman, Hoshen: Classification-Based Anomaly Detection for General Data. ICLR 2020",
    Kinds = DataKinds.Table | DataKinds.Sequence)]
public sealed record GoadOptions : NetworkDetectorOptions
{
    /// <summary>The code's training: 25 epochs of batches of 64 with Adam at 10⁻³, all samples learnt from.</summary>
    public GoadOptions()
    {
        (Epochs, BatchSize) = (25, 64);
        (ValidationFraction, Patience) = (0, 0);
    }

    /// <summary>M: random transformations. The default value is 32.</summary>
    [Description("Random transformations."), Range(2, 1024)]
    public int Transformations { get; init; } = 32;

    /// <summary>r: values that a transformation gives. The default value is 32.</summary>
    [Description("Values that a transformation gives."), Range(1, 4096)]
    public int TransformedSize { get; init; } = 32;

    /// <summary>
    /// Widths of the hidden layers before the codes, with leaky ReLU. The code has none for small tables and four for KDDCUP99. The default value is
    /// one of 32, which on cardio (ROC AUC 0.91; none 0.97, four 0.82) and vowels (0.94; 0.76, 0.96) is far from neither.
    /// </summary>
    [Description("Widths of the hidden layers before the codes; none = a linear map."), Range(1, 65_536)]
    public IReadOnlyList<int> Hidden { get; init; } = [32];

    /// <summary>Values of a code. The default value is 32; the code has 8 for small tables.</summary>
    [Description("Values of a code, which is compared with the centres."), Range(1, 65_536)]
    public int Latent { get; init; } = 32;

    /// <summary>s: how much farther the nearest other centre is to be, in squared distance. The default value is 1.</summary>
    [Description("How much farther than the own centre the nearest other one is to be, in squared distance."), Range(1e-6, 1e6)]
    public double Margin { get; init; } = 1;

    /// <summary>λ: weight of the centre triplet loss beside the cross-entropy, which has 1. The default value is 0.1.</summary>
    [Description("Weight of the centre triplet loss beside the cross-entropy, which has the weight 1."), Range(0, 1e6)]
    public double TripletWeight { get; init; } = 0.1;

    /// <summary>
    /// ε: what every transformation's likelihood has at least, so that samples far from all that was learnt look like any of them. The default value
    /// is the code's, 0: with more, the score has a bound that samples reach which are hardly abnormal (on wdbc ROC AUC 0.39 with 1e-6, 0.99 with 0).
    /// </summary>
    [Description("Least likelihood of every transformation: with more than 0, samples far from all centres look like any of them."), Range(0, 1)]
    public double Epsilon { get; init; }

    /// <inheritdoc/>
    protected override Detector Create() => new Goad(this);
}

/// <summary>
/// M random affine maps T_m(x) = W_m x + b_m; one network f gives codes of all of them, and learns to bring those of one map together and apart from
/// those of the others. The score is −Σ_m log p(m | T_m(x)), p from distances to the centres c_m = mean of f(T_m(x)) over the training samples.
/// </summary>
/// <remarks>
/// As in the authors' code, the cross-entropy of a linear classifier on the codes has the larger weight. Departures: offsets b_m, which the paper has
/// and the code leaves out; centres of all training samples after training, where the code takes running means; β₁ of Adam is 0.9, not 0.5; the slope
/// of leaky ReLU is 0.01, not 0.2; initial weights are the house's.
/// </remarks>
internal sealed class Goad(GoadOptions options) : Detector
{
    private const float LeakySlope = 0.01f;

    /// <summary>Codes in a block of scoring: enough for the kernels.</summary>
    private const int BlockRows = 4096;

    private readonly TransformationCenters _centers = new(options.Transformations, options.Latent);
    private DenseNetwork? _maps, _codes, _classes;
    private float[] _usual = [];

    protected override void FitCore(Samples samples, FitContext context)
    {
        Build(samples.Shape, context.CreateRandom(-1));
        _usual = Occlusion.Mean(samples);
        new TrainingLoop(DisplayName, samples, options, context, _codes!, _classes!).Run(Training(samples));
        float[] centers = new float[_centers.Values.Length];
        double[] sums = new double[centers.Length];
        ForEachSample(samples, (_, codes) =>
        {
            for (int j = 0; j < sums.Length; j++) sums[j] += codes[j];
        });
        for (int j = 0; j < sums.Length; j++) centers[j] = (float)(sums[j] / samples.Count);
        _centers.Set(centers);
    }

    // Objective: cross-entropy of a linear classifier on f(T_m(x)), and λ · centre triplet loss of f(T_m(x)).
    private TrainingPhase Training(Samples samples)
    {
        DenseNetwork maps = _maps!, codes = _codes!, classes = _classes!;
        Optimizer optimizer = Optimizer.Create(options, codes, classes);
        CenterTripletLoss triplet = new(options.Transformations, options.Latent, options.Margin);
        int most = Math.Min(options.BatchSize, samples.Count) * options.Transformations;
        float[] transformed = new float[most * options.TransformedSize], z = new float[most * options.Latent];
        float[] rectified = new float[z.Length], gradient = new float[z.Length], logits = new float[most * options.Transformations];

        double Step(in TrainingBatch batch)
        {
            int rows = batch.Count * options.Transformations;
            Span<float> slope = gradient.AsSpan(0, rows * options.Latent);
            maps.Infer(batch.Values, batch.Count, transformed);
            ReadOnlySpan<float> output = codes.Forward(transformed, rows);
            double loss = triplet.Of(output, options.TripletWeight, slope);
            Rectify(output, rectified);
            Span<float> atLogits = logits.AsSpan(0, rows * options.Transformations);
            classes.Forward(rectified, rows).CopyTo(atLogits);
            loss += TransformationCrossEntropy.Of(atLogits, options.Transformations);
            ReadOnlySpan<float> atRectified = classes.Backward(atLogits, needInputGradient: true);
            for (int j = 0; j < slope.Length; j++) slope[j] += output[j] > 0 ? atRectified[j] : LeakySlope * atRectified[j];
            codes.Backward(slope);
            optimizer.Step();
            return loss;
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            int rows = count * options.Transformations;
            maps.Infer(values, count, transformed);
            codes.Infer(transformed, rows, z);
            double loss = triplet.Of(z.AsSpan(0, rows * options.Latent), options.TripletWeight, []);
            Rectify(z.AsSpan(0, rows * options.Latent), rectified);
            classes.Infer(rectified, rows, logits);
            return loss + TransformationCrossEntropy.Of(logits.AsSpan(0, rows * options.Transformations), options.Transformations);
        }

        return new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] };
    }

    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        ForEachSample(samples, (i, codes) =>
        {
            double sum = 0;
            for (int m = 0; m < options.Transformations; m++)
            {
                sum += _centers.NegativeLogProbability(codes.Slice(m * options.Latent, options.Latent), m, options.Epsilon);
            }
            // Not a number: codes beyond float32.
            scores[i] = double.IsNaN(sum) ? float.PositiveInfinity : (float)sum;
        });
        return scores;
    }

    /// <summary>What every value adds to the score, beside the mean of the training data.</summary>
    protected override float[] AttributeCore(Samples samples) => Occlusion.Attribute(samples, _usual, ScoreCore);

    protected override void WriteState(TensorState state)
    {
        state.AddPart("maps", _maps!.WriteState);
        state.AddPart("codes", _codes!.WriteState);
        state.Set("centers", _centers.Values, options.Transformations, options.Latent);
        state.Set<float>("usual", _usual);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        Build(shape, new Random(0));
        _maps!.ReadState(state.GetPart("maps"));
        _codes!.ReadState(state.GetPart("codes"));
        _centers.Set(state.Get<float>("centers", _centers.Values.Length));
        _usual = state.Get<float>("usual", shape.Length);
    }

    protected override void Dispose(bool disposing)
    {
        Release();
        base.Dispose(disposing);
    }

    private void Build(SampleShape shape, Random random)
    {
        Release();
        // All maps are one layer: what it gives of a sample are the M transformed ones, one after the other.
        _maps = AffineMaps(shape.Length, options.Transformations, options.TransformedSize, random);
        _codes = new DenseNetwork(
            options.TransformedSize,
            [
                .. options.Hidden.Select(width => new DenseLayer(width, Activation.LeakyRelu) { Bias = false }),
                new DenseLayer(options.Latent) { Bias = false },
            ],
            random.Next());
        _classes = new DenseNetwork(options.Latent, [new DenseLayer(options.Transformations)], random.Next());
    }

    /// <summary>x → W_1 x + b_1, …, W_M x + b_M with all values of W and b from N(0, 1).</summary>
    internal static DenseNetwork AffineMaps(int inputs, int count, int outputs, Random random)
    {
        float[] weights = new float[checked(count * outputs * inputs)], biases = new float[count * outputs];
        GaussianNoise.Fill(weights, random.Next(), 0);
        GaussianNoise.Fill(biases, random.Next(), 0);
        TensorState state = new();
        state.Set<float>("layer1.weight", weights, count * outputs, inputs);
        state.Set<float>("layer1.bias", biases);
        DenseNetwork maps = new(inputs, [new DenseLayer(count * outputs)]);
        maps.ReadState(state);
        return maps;
    }

    private delegate void SampleCodes(int sample, ReadOnlySpan<float> codes);

    /// <summary>The codes of each sample under all transformations.</summary>
    private void ForEachSample(Samples samples, SampleCodes action)
    {
        int row = options.Transformations * options.Latent, block = Math.Min(samples.Count, Math.Max(1, BlockRows / options.Transformations));
        float[] transformed = new float[block * _maps!.OutputSize], codes = new float[block * row];
        for (int start = 0; start < samples.Count; start += block)
        {
            int count = Math.Min(block, samples.Count - start);
            _maps.Infer(samples.Values.Span.Slice(start * samples.Shape.Length, count * samples.Shape.Length), count, transformed);
            _codes!.Infer(transformed, count * options.Transformations, codes);
            for (int i = 0; i < count; i++) action(start + i, codes.AsSpan(i * row, row));
        }
    }

    private static void Rectify(ReadOnlySpan<float> values, Span<float> rectified)
    {
        for (int j = 0; j < values.Length; j++) rectified[j] = values[j] > 0 ? values[j] : LeakySlope * values[j];
    }

    private void Release()
    {
        foreach (DenseNetwork? network in (ReadOnlySpan<DenseNetwork?>)[_maps, _codes, _classes]) network?.Dispose();
        (_maps, _codes, _classes) = (null, null, null);
    }
}
