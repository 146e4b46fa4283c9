using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using AnomalySharp.Explanation;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.OneClass;

/// <summary>What the sphere of Deep SVDD is to do.</summary>
public enum SvddObjective
{
    /// <summary>Have all samples near its centre: the mean of ‖φ(x) − c‖².</summary>
    OneClass,

    /// <summary>Be small and hold most samples: R² + 1/(νn) Σ max(0, ‖φ(x) − c‖² − R²).</summary>
    SoftBoundary,
}

/// <summary>
/// Options of the detector <c>deep-svdd</c>. Layers have no biases, and their functions are not bounded: with either, φ = c is easily learnt.
/// </summary>
[Detector(
    "deep-svdd",
    Family = DetectorFamily.OneClass,
    Summary = "Learns to map samples close to one point; what lands far from it is abnormal.",
    Paper = "Ruff, Vandermeulen, Görnitz, Deecke, Siddiqui, Binder, Müller, Kloft: Deep One-Class Classification. ICML 2018",
    TorchKinds = DataKinds.Image)]
public sealed record DeepSvddOptions : NetworkDetectorOptions
{
    /// <summary>The paper's training: 150 epochs of batches of 200 with Adam at 10⁻⁴, λ = 0.5·10⁻⁶, all samples learnt from.</summary>
    public DeepSvddOptions()
    {
        (Epochs, BatchSize, LearningRate, WeightDecay) = (150, 200, 1e-4, 0.5e-6);
        (ValidationFraction, Patience) = (0, 0);
    }

    /// <summary>The objective. The default value is <see cref="SvddObjective.OneClass"/>.</summary>
    [Description("What the sphere is to do: hold all samples near its centre, or be small and hold all but a share nu.")]
    public SvddObjective Objective { get; init; } = SvddObjective.OneClass;

    /// <summary>ν: the share of training samples that the soft boundary leaves outside. The default value is 0.1.</summary>
    [Description("Share of the training samples that softBoundary leaves outside; ignored by oneClass."), Range(0.001, 1)]
    public double Nu { get; init; } = 0.1;

    /// <summary>Share of the epochs before the soft boundary's radius is first set. The default value is 10 of 150.</summary>
    [Description("Share of the epochs before the radius of softBoundary is first set; ignored by oneClass."), Range(0, 1)]
    public double WarmUp { get; init; } = 1.0 / 15;

    /// <summary>Share of the epochs after which steps are a tenth as large. The default value is 50 of 150; 1 = never.</summary>
    [Description("Share of the epochs after which the learning rate is divided by ten; 1 = never."), Range(0, 1)]
    public double LearningRateDrop { get; init; } = 1.0 / 3;

    /// <summary>
    /// Epochs in which φ first learns as the encoder of an autoencoder. The default value is 0; the paper's is 150 for MNIST and 350 for CIFAR-10.
    /// </summary>
    [Description("Epochs in which the network first learns as the encoder of an autoencoder."), Range(0, 1_000_000)]
    public int PretrainingEpochs { get; init; }

    /// <summary>
    /// Widths of the hidden layers, for pictures channels of the stages; null as <see cref="AutoencoderArchitecture.DefaultHidden"/> says.
    /// </summary>
    [Description("Widths of the hidden layers (channels for pictures); auto = by the samples, none = one linear layer."), Range(1, 65_536)]
    public IReadOnlyList<int>? Hidden { get; init; }

    /// <summary>Dimensions of the space of the sphere. The default value, null, is 32, as for MNIST, and no more than a sample has values.</summary>
    [Description("Dimensions of the space of the sphere; auto = 32, or as many as a sample has values where those are fewer."), Range(1, 65_536)]
    public int? Latent { get; init; }

    /// <inheritdoc/>
    protected override Detector Create() => new DeepSvdd(this);
}

/// <summary>
/// A network φ and a sphere around c, the mean of φ before training. The score is ‖φ(x) − c‖², for the soft boundary ‖φ(x) − c‖² − R².
/// </summary>
/// <remarks>
/// Departures: no batch normalisation (its shift is a bias); leaky ReLU with the slope 0.01 everywhere; networks by the shape of the sample.
/// </remarks>
internal sealed class DeepSvdd(DeepSvddOptions options) : Detector
{
    /// <summary>A centre close to 0 is reached by zero weights: none of its coordinates is.</summary>
    private const float LeastCoordinate = 0.1f;

    /// <summary>Outputs that vary so many times less than before training say nothing of the samples any more.</summary>
    private const double CollapsedVariance = 1e-6;

    private readonly SvddSphere _sphere = new();
    private Network? _network;
    private int[] _hidden = [];
    private float[] _usual = [];

    protected override void FitCore(Samples samples, FitContext context)
    {
        SampleShape shape = samples.Shape;
        IReadOnlyList<int> hidden = options.Hidden ?? AutoencoderArchitecture.DefaultHidden(shape);
        AutoencoderNetworks networks = Build(shape, hidden, options.Latent ?? Math.Min(32, shape.Length), context);
        _usual = Occlusion.Mean(samples);
        using Network decoder = networks.Decoder;
        bool pretrains = options.PretrainingEpochs > 0;
        TrainingLoop loop = new(DisplayName, samples, options, context, pretrains ? networks.Both : [networks.Encoder]);
        double before = 0;
        TrainingPhase training = Training(samples, samples.Count - loop.HeldOutCount, () => before = PlaceCentre(samples));
        TrainingPhase pretraining = ReconstructionPhase.Create(networks, samples, options) with
        {
            Name = "pre-training",
            Epochs = options.PretrainingEpochs,
        };
        loop.Run(pretrains ? [pretraining, training] : [training]);
        if (before == 0 || Variance(Codes(samples), samples.Count) > CollapsedVariance * before) return;
        context.Warn(string.Create(
            CultureInfo.InvariantCulture,
            $"{DisplayName}: the sphere collapsed: the network maps all samples to the same point, so that scores tell nothing apart. "
            + $"Try fewer epochs (there are {options.Epochs}), a smaller learningRate (it is {options.LearningRate}), a smaller latent, or leave out "
            + $"features that are constant but not 0: they act as a bias."));
    }

    // Objective: 1/n Σ ‖φ(x) − c‖² or R² + 1/(νn) Σ max(0, ‖φ(x) − c‖² − R²), and λ/2 Σ W² by the optimiser.
    private TrainingPhase Training(Samples samples, int learntFrom, Action start)
    {
        Network network = _network!;
        Optimizer optimizer = Optimizer.Create(options, network);
        int rows = Math.Min(options.BatchSize, samples.Count), k = network.OutputSize;
        float[] gradient = new float[rows * k], distances = new float[rows];
        int stepsPerEpoch = (learntFrom - 1) / options.BatchSize + 1;
        double drop = options.LearningRateDrop * options.Epochs * stepsPerEpoch, warm = options.WarmUp * options.Epochs * stepsPerEpoch;
        bool soft = options.Objective == SvddObjective.SoftBoundary;

        double Step(in TrainingBatch batch)
        {
            Span<float> squares = distances.AsSpan(0, batch.Count), slope = gradient.AsSpan(0, batch.Count * k);
            double loss = Loss(network.Forward(batch.Values, batch.Count), squares, slope);
            network.Backward(slope);
            optimizer.LearningRate = batch.Step < drop ? options.LearningRate : options.LearningRate / 10;
            optimizer.Step();
            if (soft && batch.Step >= warm) _sphere.SetRadius(squares, options.Nu);
            return loss;
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            Span<float> codes = gradient.AsSpan(0, count * k);
            network.Infer(values, count, codes);
            return Loss(codes, distances.AsSpan(0, count), codes);
        }

        double Loss(ReadOnlySpan<float> codes, Span<float> squares, Span<float> slope) =>
            soft ? _sphere.SoftBoundaryLoss(codes, options.Nu, squares, slope) : _sphere.OneClassLoss(codes, squares, slope);

        return new TrainingPhase
        {
            Epochs = options.Epochs,
            Start = start,
            Step = Step,
            Validation = Validation,
            Optimizers = [optimizer],
            Memory = _sphere,
        };
    }

    /// <summary>c = mean of φ(x) as φ is now.</summary>
    /// <returns>The variance of φ(x).</returns>
    private double PlaceCentre(Samples samples)
    {
        float[] codes = Codes(samples), mean = Occlusion.Mean(new Samples(codes, new SampleShape(_network!.OutputSize)));
        for (int j = 0; j < mean.Length; j++)
        {
            if (Math.Abs(mean[j]) < LeastCoordinate) mean[j] = mean[j] < 0 ? -LeastCoordinate : LeastCoordinate;
        }
        _sphere.Place(mean);
        return Variance(codes, samples.Count);
    }

    protected override float[] ScoreCore(Samples samples)
    {
        float[] scores = new float[samples.Count];
        _sphere.SquaredDistances(Codes(samples), scores);
        if (options.Objective == SvddObjective.OneClass) return scores;
        for (int i = 0; i < scores.Length; i++) scores[i] -= _sphere.SquaredRadius;
        return scores;
    }

    /// <summary>What every value adds to the distance, beside the mean of the training data.</summary>
    protected override float[] AttributeCore(Samples samples) => Occlusion.Attribute(samples, _usual, ScoreCore);

    protected override void WriteState(TensorState state)
    {
        NetworkWidths.Write(state, _hidden, _network!.OutputSize);
        state.AddPart("network", _network.WriteState);
        _sphere.WriteState(state);
        state.Set<float>("usual", _usual);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        (int[] hidden, int latent) = NetworkWidths.Read(state);
        Build(shape, hidden, latent, new FitContext()).Decoder.Dispose();
        NetworkWidths.ReadInto(_network!, state.GetPart("network"));
        _sphere.ReadState(state);
        if (_sphere.Dimensions != latent) throw new ModelFileException($"The model's centre has {_sphere.Dimensions} coordinates, not {latent}.");
        _usual = state.Get<float>("usual", shape.Length);
    }

    protected override void Dispose(bool disposing)
    {
        _network?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>φ, and the decoder of its pre-training.</summary>
    private AutoencoderNetworks Build(SampleShape shape, IReadOnlyList<int> hidden, int latent, FitContext context)
    {
        _network?.Dispose();
        (_network, _hidden) = (null, [.. hidden]);
        AutoencoderNetworks networks = AutoencoderNetworks.Create(new AutoencoderArchitecture
        {
            Shape = shape,
            Hidden = hidden,
            Latent = latent,
            Activation = Activation.LeakyRelu,
            Bias = false,
            Seed = context.CreateRandom(-1).Next(),
            Device = context.Device,
        });
        _network = networks.Encoder;
        return networks;
    }

    private float[] Codes(Samples samples)
    {
        float[] codes = new float[samples.Count * _network!.OutputSize];
        _network.Infer(samples.Values.Span, samples.Count, codes);
        return codes;
    }

    private static double Variance(float[] codes, int count)
    {
        int k = codes.Length / count;
        float[] mean = Occlusion.Mean(new Samples(codes, new SampleShape(k)));
        double sum = 0;
        for (int i = 0; i < codes.Length; i++) sum += Math.Pow(codes[i] - mean[i % k], 2);
        return sum / count;
    }
}
