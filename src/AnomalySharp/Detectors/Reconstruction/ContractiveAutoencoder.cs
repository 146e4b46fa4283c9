using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;
using AnomalySharp.Networks;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>How the norm of the encoder's Jacobian is found.</summary>
public enum JacobianNorm
{
    /// <summary>The closed form for an encoder of one dense layer, the estimate for others.</summary>
    Auto,

    /// <summary>The closed form, for one dense layer.</summary>
    ClosedForm,

    /// <summary>The whole Jacobian, for dense layers: as much work as one more sample per feature.</summary>
    Exact,

    /// <summary>Hutchinson's estimate from random directions, see <see cref="ContractiveAutoencoderOptions.Probes"/>, for every encoder.</summary>
    Hutchinson,
}

/// <summary>Options of the detector <c>contractive-autoencoder</c>.</summary>
[Detector(
    "contractive-autoencoder",
    Family = DetectorFamily.Reconstruction,
    Summary = "Learns to reconstruct samples from a code that small changes of the input barely move; what it cannot reconstruct is abnormal.",
    Paper = "Rifai, Vincent, Muller, Glorot, Bengio: Contractive auto-encoders: explicit invariance during feature extraction. ICML 2011",
    TorchKinds = DataKinds.Image)]
public sealed record ContractiveAutoencoderOptions : ReconstructionOptions
{
    /// <summary>
    /// λ: weight of ‖J(x)‖²_F beside ‖x − x̂‖² summed over the features. The default value is 0.1, the contraction level of the reference code.
    /// </summary>
    [Description("Weight of the squared norm of the encoder's Jacobian beside the squared error summed over the features."), Range(0, 1000)]
    public double PenaltyWeight { get; init; } = 0.1;

    /// <summary>How the norm of the Jacobian is found. The default value is <see cref="JacobianNorm.Auto"/>.</summary>
    [Description("How the norm of the Jacobian is found; auto = in closed form for one dense layer, else by Hutchinson's estimate.")]
    public JacobianNorm Norm { get; init; } = JacobianNorm.Auto;

    /// <summary>
    /// Random directions per sample and step of <see cref="JacobianNorm.Hutchinson"/>, each a further pass through the encoder. The default value
    /// is 1. The estimate and its gradient are right on average for any number; but where the penalty outweighs the reconstruction, the noise of few
    /// directions makes Adam's steps shorter, and the same epochs contract less: λ = 10 on a 6-16-8 encoder ends at ‖J‖² = 0.139 with 1 direction,
    /// 0.129 with 2, 0.126 with 4, 0.123 with 8, 0.118 with 32, and 0.116 with the exact Jacobian; at λ = 1 all end within half a percent.
    /// </summary>
    [Description("Random directions per sample and step of norm=hutchinson, each one more pass through the encoder; ignored by the others."), Range(1, 100)]
    public int Probes { get; init; } = 1;

    /// <summary>Function of the code. The default value is the sigmoid, as in the paper.</summary>
    [Description("Function of the code.")]
    public Activation CodeActivation { get; init; } = Networks.Activation.Sigmoid;

    /// <summary>
    /// Weight of Σ W² over the decoder of pictures, which has no tied weights: without it the decoder could take back by large weights what the encoder
    /// contracts. Dense decoders use the encoder's weights, as in the paper, and ignore it. The default value is 0.001.
    /// </summary>
    [Description("L2 penalty on the decoder of pictures, so that it cannot undo the contraction; dense decoders have the encoder's weights and ignore it."), Range(0, 1000)]
    public double DecoderDecay { get; init; } = 0.001;

    /// <inheritdoc/>
    protected override Detector Create()
    {
        if (BatchNormalization) throw new OptionException("contractive-autoencoder cannot have batchNormalization: a sample would have no Jacobian of its own. Set it to false.");
        if (Dropout > 0) throw new OptionException("contractive-autoencoder cannot have dropout: a sample would have another Jacobian under every mask. Set it to 0.");
        return new ContractiveAutoencoder(this);
    }
}

/// <summary>
/// An autoencoder whose code h = f(x) is kept from following small changes of x: mean of ‖x − g(f(x))‖² + λ‖∂f/∂x‖²_F. By default one sigmoid layer each
/// way with tied weights, as in the paper; convolutions for pictures.
/// </summary>
internal sealed class ContractiveAutoencoder(ContractiveAutoencoderOptions options) : ReconstructionDetector(options)
{
    /// <summary>A sigmoid that moves less than by a thousandth is saturated.</summary>
    private const double LeastVariance = 1e-6;

    private const int WidestDefaultCode = 1024;

    protected override AutoencoderArchitecture Architecture(SampleShape shape)
    {
        AutoencoderArchitecture architecture = base.Architecture(shape);
        return architecture with { CodeActivation = options.CodeActivation, TiedWeights = architecture.IsDense };
    }

    protected override IReadOnlyList<int> DefaultHidden(SampleShape shape) => shape.Rank == 3 ? base.DefaultHidden(shape) : [];

    protected override int DefaultLatent(SampleShape shape) => shape.Rank == 3 ? base.DefaultLatent(shape) : Math.Min(2 * shape.Length, WidestDefaultCode);

    protected override void FitCore(Samples samples, FitContext context)
    {
        base.FitCore(samples, context);
        if (CodeMoments.Of(Networks.Encoder, samples, Networks.Encoder.OutputSize).Variances.Any(variance => variance > LeastVariance)) return;
        context.Warn($"{DisplayName}: no unit of the code varies from sample to sample: it is contracted, or saturated, to a point. Try a smaller penaltyWeight (it is {options.PenaltyWeight}).");
    }

    // Objective: L = mean over the batch of ‖x − g(f(x))‖² + λ‖J(x)‖²_F; for pictures + decoderDecay · Σ W² of g.
    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        Network encoder = Networks.Encoder, decoder = Networks.Decoder;
        Optimizer optimizer = Optimizer.Create(options, encoder, decoder);
        JacobianPenalty jacobian = CreatePenalty(context.CreateRandom(-2).Next());
        int rows = Math.Min(options.BatchSize, samples.Count), width = samples.Shape.Length, k = encoder.OutputSize;
        float[] gradient = new float[rows * width], code = new float[rows * k];
        double lambda = options.PenaltyWeight, decay = encoder is DenseNetwork ? 0 : options.DecoderDecay;

        double Step(in TrainingBatch batch)
        {
            int count = batch.Count;
            ReadOnlySpan<float> codes = jacobian.Forward(batch.Values, count, batch.Step);
            double loss = width * SquaredError.Loss(decoder.Forward(codes[..(count * k)], count), batch.Values, gradient);
            Span<float> atOutput = gradient.AsSpan(0, batch.Values.Length), atCode = code.AsSpan(0, count * k);
            TensorPrimitives.Multiply(atOutput, width, atOutput);
            decoder.Backward(atOutput, needInputGradient: true).CopyTo(atCode);
            loss += lambda * jacobian.Backward(batch.Values, codes, count, atCode, (float)(lambda / count)) / count;
            if (decay > 0) loss += WeightPenalty.AddGradient(decoder, decay);
            optimizer.Step();
            return loss;
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            Networks.Reconstruct(values, count, gradient);
            double loss = width * SquaredError.Loss(gradient.AsSpan(0, values.Length), values, gradient);
            return loss + lambda * jacobian.Of(values, count) / count + (decay > 0 ? WeightPenalty.Of(decoder, decay) : 0);
        }

        return [new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] }];
    }

    private JacobianPenalty CreatePenalty(int seed)
    {
        DenseNetwork? dense = Networks.Encoder as DenseNetwork;
        bool oneLayer = dense is { Stages.Count: 1 };
        return options.Norm switch
        {
            JacobianNorm.Auto or JacobianNorm.ClosedForm when oneLayer => new ClosedFormPenalty(dense!),
            JacobianNorm.ClosedForm => throw new OptionException("norm=closedForm needs an encoder of one dense layer. Set hidden=none, or norm=hutchinson."),
            JacobianNorm.Exact => dense is null
                ? throw new OptionException("norm=exact needs an encoder of dense layers, not convolutions. Use norm=hutchinson.")
                : new ExactJacobianPenalty(dense),
            _ => new ProbedPenalty(Networks.Encoder, seed, options.Probes),
        };
    }
}
