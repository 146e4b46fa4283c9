using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Numerics.Tensors;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>What keeps an over-complete code from copying its input.</summary>
public enum SparsityPenalty
{
    /// <summary>λ Σⱼ KL(p‖p̂ⱼ): each code unit is active for a share p of the samples.</summary>
    KullbackLeibler,

    /// <summary>λ Σ W² over the weights, not the biases. It keeps weights small; it does not make codes sparse.</summary>
    WeightDecay,
}

/// <summary>Options of the detector <c>sparse-autoencoder</c>.</summary>
[Detector(
    "sparse-autoencoder",
    Family = DetectorFamily.Reconstruction,
    Summary = "Learns to reconstruct samples from a wide code of which few units are active; what it cannot reconstruct is abnormal.",
    Paper = "Ng: Sparse autoencoder. CS294A lecture notes, Stanford 2011",
    TorchKinds = DataKinds.Image)]
public sealed record SparseAutoencoderOptions : ReconstructionOptions
{
    /// <summary>The penalty. The default value is the Kullback-Leibler divergence.</summary>
    [Description("The penalty.")]
    public SparsityPenalty Penalty { get; init; } = SparsityPenalty.KullbackLeibler;

    /// <summary>
    /// λ: weight of the penalty beside ‖x − x̂‖² summed over the features. The default value, null, is 0.5 for the divergence and 0.0001 for weight decay.
    /// </summary>
    [Description("Weight of the penalty beside the squared error summed over the features; auto = 0.5, for weightDecay 0.0001."), Range(0, 1000)]
    public double? PenaltyWeight { get; init; }

    /// <summary>p: wanted mean activation of each code unit. The default value is 0.05. Ignored by weight decay.</summary>
    [Description("Wanted mean activation of each code unit; ignored by the penalty weightDecay."), Range(0.001, 0.999)]
    public double Sparsity { get; init; } = 0.05;

    /// <summary>
    /// Share of p̂ that stays at each step, so that small batches do not make it noise: 0, the default, takes the batch's own mean. Ignored by weight
    /// decay.
    /// </summary>
    [Description("Share of the mean activation that stays at each step, 0 = the batch's own mean; ignored by the penalty weightDecay."), Range(0, 0.999)]
    public double Averaging { get; init; }

    /// <inheritdoc/>
    protected override Detector Create() => new SparseAutoencoder(this);
}

/// <summary>
/// An autoencoder with an over-complete sigmoid code a = f(x), twice as wide as the sample and by default the only hidden layer (for pictures behind
/// convolutions), whose mean activations p̂ are held near p.
/// </summary>
internal sealed class SparseAutoencoder(SparseAutoencoderOptions options) : ReconstructionDetector(options)
{
    private const int WidestDefaultCode = 1024;

    /// <summary>A unit whose mean activation is nearer than this to 0 or 1 is so for practically all samples: it has no slope left to learn by.</summary>
    private const double Saturated = 1e-4;

    private readonly double _lambda = options.PenaltyWeight ?? (options.Penalty == SparsityPenalty.KullbackLeibler ? 0.5 : 1e-4);

    protected override AutoencoderArchitecture Architecture(SampleShape shape) => base.Architecture(shape) with { CodeActivation = Activation.Sigmoid };

    protected override IReadOnlyList<int> DefaultHidden(SampleShape shape) => shape.Rank == 3 ? base.DefaultHidden(shape) : [];

    protected override void FitCore(Samples samples, FitContext context)
    {
        base.FitCore(samples, context);
        if (options.Penalty != SparsityPenalty.KullbackLeibler) return;
        double[] means = CodeMoments.Of(Networks.Encoder, samples, Networks.Encoder.OutputSize).Means;
        int off = means.Count(mean => mean < Saturated), on = means.Count(mean => mean > 1 - Saturated);
        if (off + on == 0) return;
        context.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{DisplayName}: of {means.Length} units of the code {off} are off for all samples and {on} on (mean activations nearer than {Saturated} "
            + $"to 0 or 1): they no longer learn. A smaller learningRate and scaled features keep them alive."));
    }

    protected override int DefaultLatent(SampleShape shape) => Math.Min(2 * shape.Length, WidestDefaultCode);

    // Objective: J = mean over the batch of ‖x − g(f(x))‖² + λ Σⱼ KL(p‖p̂ⱼ), or + λ Σ W².
    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        Network encoder = Networks.Encoder, decoder = Networks.Decoder;
        Optimizer optimizer = Optimizer.Create(options, encoder, decoder);
        bool sparse = options.Penalty == SparsityPenalty.KullbackLeibler;
        int batchSize = Math.Min(options.BatchSize, samples.Count), width = samples.Shape.Length;
        float[] gradient = new float[batchSize * width], code = new float[batchSize * encoder.OutputSize];
        SparsityTerm sparsity = new(encoder.OutputSize, options.Sparsity, _lambda, options.Averaging);

        double Step(in TrainingBatch batch)
        {
            ReadOnlySpan<float> activations = encoder.Forward(batch.Values, batch.Count);
            double loss = width * SquaredError.Loss(decoder.Forward(activations, batch.Count), batch.Values, gradient);
            Span<float> atOutput = gradient.AsSpan(0, batch.Values.Length);
            TensorPrimitives.Multiply(atOutput, width, atOutput);
            Span<float> atCode = code.AsSpan(0, activations.Length);
            decoder.Backward(atOutput, needInputGradient: true).CopyTo(atCode);
            if (sparse)
            {
                sparsity.Observe(activations);
                loss += sparsity.AddGradient(batch.Count, atCode);
            }
            encoder.Backward(atCode);
            if (!sparse) loss += WeightPenalty.AddGradient(encoder, _lambda) + WeightPenalty.AddGradient(decoder, _lambda);
            optimizer.Step();
            return loss;
        }

        // The whole objective: the best reconstruction alone is that of the first epochs, before the code is sparse.
        double Validation(ReadOnlySpan<float> values, int count)
        {
            Span<float> activations = code.AsSpan(0, count * encoder.OutputSize);
            encoder.Infer(values, count, activations);
            decoder.Infer(activations, count, gradient);
            double loss = width * SquaredError.Loss(gradient.AsSpan(0, values.Length), values, gradient);
            return loss + (sparse ? sparsity.Of(activations) : WeightPenalty.Of(encoder, _lambda) + WeightPenalty.Of(decoder, _lambda));
        }

        return [new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer], Memory = sparse ? sparsity : null }];
    }
}

/// <summary>λ Σⱼ KL(p‖p̂ⱼ) with p̂ⱼ the mean activation of unit j over the batch, or a moving average of that.</summary>
internal sealed class SparsityTerm(int units, double p, double lambda, double averaging) : ITrainingMemory
{
    /// <summary>p̂ of a saturated unit would make the divergence infinite.</summary>
    private const double Smallest = 1e-6;

    private readonly float[] _mean = new float[units], _slope = new float[units], _heldOut = new float[units];
    private bool _observed;

    /// <summary>p̂.</summary>
    public ReadOnlySpan<float> Mean => _mean;

    /// <summary>KL(p‖p̂) = p ln(p/p̂) + (1 − p) ln((1 − p)/(1 − p̂)), in nats.</summary>
    public static double Divergence(double p, double mean)
    {
        double q = Math.Clamp(mean, Smallest, 1 - Smallest);
        return p * Math.Log(p / q) + (1 - p) * Math.Log((1 - p) / (1 - q));
    }

    /// <summary>Takes in the activations of a batch.</summary>
    public void Observe(ReadOnlySpan<float> activations)
    {
        float old = _observed ? (float)averaging : 0, share = (1 - old) * units / activations.Length;
        TensorPrimitives.Multiply(_mean, old, _mean);
        for (int start = 0; start < activations.Length; start += units) TensorPrimitives.MultiplyAdd(activations.Slice(start, units), share, _mean, _mean);
        _observed = true;
    }

    /// <summary>
    /// Adds λ(−p/p̂ⱼ + (1 − p)/(1 − p̂ⱼ))/n to the gradient at each sample's aⱼ, also where p̂ is a moving average, of which the batch is a smaller part:
    /// so λ means the same for both.
    /// </summary>
    /// <returns>The term.</returns>
    public double AddGradient(int count, Span<float> gradient)
    {
        double sum = 0;
        for (int j = 0; j < units; j++)
        {
            double q = Math.Clamp(_mean[j], Smallest, 1 - Smallest);
            sum += Divergence(p, q);
            _slope[j] = (float)(lambda * ((1 - p) / (1 - q) - p / q) / count);
        }
        for (int i = 0; i < count; i++)
        {
            Span<float> row = gradient.Slice(i * units, units);
            TensorPrimitives.Add(row, _slope, row);
        }
        return lambda * sum;
    }

    /// <summary>The term for samples of which only these activations are known.</summary>
    public double Of(ReadOnlySpan<float> activations)
    {
        Array.Clear(_heldOut);
        for (int start = 0; start < activations.Length; start += units) TensorPrimitives.Add(_heldOut, activations.Slice(start, units), _heldOut);
        double sum = 0;
        foreach (float total in _heldOut) sum += Divergence(p, (double)total * units / activations.Length);
        return lambda * sum;
    }

    public void WriteState(TensorState state) => state.Set<float>("mean", _mean);

    public void ReadState(TensorState state)
    {
        state.Get<float>("mean", units).CopyTo(_mean, 0);
        _observed = true;
    }
}
