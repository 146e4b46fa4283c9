using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Numerics.Tensors;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>What is sparse in S, and so what is told apart from what an autoencoder can reconstruct.</summary>
public enum RobustPenalty
{
    /// <summary>‖S‖₁: single values. For denoising.</summary>
    L1,

    /// <summary>‖Sᵀ‖₂,₁ = Σᵢ‖Sᵢ·‖₂: whole samples. For anomalies.</summary>
    L21Rows,

    /// <summary>‖S‖₂,₁ = Σⱼ‖S·ⱼ‖₂: whole features. For broken sensors and noise that is systematic.</summary>
    L21Columns,
}

/// <summary>What makes a sample abnormal to a <see cref="RobustAutoencoder"/>.</summary>
public enum RobustScore
{
    /// <summary>Mean (x − D(E(x)))² with the final autoencoder, the authors' advice for new data: ranks the samples below t, too.</summary>
    ReconstructionError,

    /// <summary>
    /// ‖s‖₂ with s = prox(x − D(E(x))), what would be set aside of the sample: 0 for all below t, of which single values, with
    /// <see cref="RobustPenalty.L1"/>, count only as far as they exceed it. Attributions are sⱼ² and sum to the square of the score.
    /// </summary>
    SparseNorm,
}

/// <summary>Options of <see cref="RobustAutoencoder"/>.</summary>
/// <remarks>
/// Defaults that are not the reference code's: 10 rounds of 5 epochs for 20 rounds of 50, see <see cref="Rounds"/>; batches of 128 for 133; tanh and
/// identity for sigmoid, because standardised features are not in [0, 1]. <see cref="Published"/> has the published ones.
/// </remarks>
[Detector(
    "robust-autoencoder",
    Family = DetectorFamily.Reconstruction,
    Summary = "An autoencoder that sets aside, round after round, the samples that it cannot reconstruct, and learns from the rest.",
    Paper = "Zhou, Paffenroth: Anomaly Detection with Robust Deep Autoencoders. KDD 2017",
    TorchKinds = DataKinds.Image)]
public sealed record RobustAutoencoderOptions : ReconstructionOptions
{
    /// <summary>Every default; as in the reference code no sample is held out and no round ends early.</summary>
    public RobustAutoencoderOptions() => (Epochs, ValidationFraction, Patience) = (5, 0, 0);

    /// <summary>
    /// The settings of the reference code's outlier detection, for features in [0, 1] (min-max scaling) and vectors: sigmoid layers of 400 and 200 units, 20
    /// rounds of 50 epochs from new weights, batches of 133, tied weights.
    /// </summary>
    public static RobustAutoencoderOptions Published { get; } = new()
    {
        Hidden = [400],
        Latent = 200,
        Activation = Networks.Activation.Sigmoid,
        CodeActivation = Networks.Activation.Sigmoid,
        OutputActivation = Networks.Activation.Sigmoid,
        TiedWeights = true,
        Rounds = 20,
        Epochs = 50,
        BatchSize = 133,
        Reinitialize = true,
    };

    /// <summary>What is sparse in S. The default value is whole samples, the penalty that detects anomalies.</summary>
    [Description("What is set aside: single values (l1), whole samples (l21Rows), or whole features (l21Columns).")]
    public RobustPenalty Penalty { get; init; } = RobustPenalty.L21Rows;

    /// <summary>
    /// t, in the unit of the scaled features: what |a| of a value, or ‖a‖₂ of a row or column of X − L_D, must exceed to be set aside. The reference code's λ
    /// for N samples is t/N for rows and columns, and t·μ for values, μ = Nd/(4‖X‖₁) with the entrywise norm (the code takes the induced norm by accident).
    /// The default value, null, chooses it anew in each round: so that the expected contamination is set aside; where none is given, and for columns, median +
    /// 3·1.4826·MAD of the sizes. (Their median or upper quartile gains 0.003 of ROC AUC where anomalies train along and loses 0.01 and 0.005 where
    /// none do, over the tables of <see cref="Rounds"/>, and would set aside rows of every table.)
    /// </summary>
    [Description("Size that values, rows or columns of the residual must exceed to be set aside; auto = by the expected contamination."), Range(0, double.MaxValue)]
    public double? Threshold { get; init; }

    /// <summary>What makes a sample abnormal. The default value is the error of the final autoencoder.</summary>
    [Description("What makes a sample abnormal: the error of its reconstruction, or the norm of what would be set aside of it, 0 for most.")]
    public RobustScore Score { get; init; } = RobustScore.ReconstructionError;

    /// <summary>
    /// Rounds, each of so many epochs as <see cref="NetworkDetectorOptions.Epochs"/> says. The default value is 10, with 5 epochs: an autoencoder
    /// that learns from anomalies for long learns them. Over eight tables (wdbc, cardio, thyroid, pendigits, satellite, ionosphere, vowels,
    /// optdigits) the mean ROC AUC is 0.759 where the anomalies train along and 0.940 where only normal rows do; with 20 epochs 0.736 and 0.943,
    /// with 2 0.786 and 0.924; the plain autoencoder has 0.746 and 0.943.
    /// </summary>
    [Description("Rounds of training and setting aside; epochs are per round."), Range(1, 10_000)]
    public int Rounds { get; init; } = 10;

    /// <summary>Whether each round starts from new weights and with a new optimiser. The default value is false.</summary>
    [Description("Whether each round starts from new weights.")]
    public bool Reinitialize { get; init; }

    /// <summary>Stop before the last round where ‖X − L_D − S‖ and the change of L_D + S are below this times ‖X‖. The default value is 1e-7.</summary>
    [Description("Relative residual and change below which no further round is done."), Range(0, 0.5)]
    public double Tolerance { get; init; } = 1e-7;

    /// <summary>Function of the code. The default value is the identity.</summary>
    [Description("Function of the code.")]
    public Activation CodeActivation { get; init; } = Networks.Activation.Identity;

    /// <inheritdoc cref="AutoencoderOptions.TiedWeights"/>
    [Description("Whether the decoder uses the encoder's weights, transposed; pictures need hidden=none for it.")]
    public bool TiedWeights { get; init; }

    /// <inheritdoc/>
    protected override Detector Create() => new RobustAutoencoder(this);
}

/// <summary>
/// X = L_D + S: min over θ and S of ‖L_D − D(E(L_D))‖ + λ‖S‖ with L_D = X − S, in turns. Each round trains the autoencoder on X − S, takes its
/// reconstruction for L_D, and sets S = prox(X − L_D), so that S keeps what no autoencoder of the rest can reconstruct.
/// </summary>
/// <remarks>
/// The score of a sample, trained on or new, is that of the final autoencoder: mean (x − D(E(x)))². S is meaningful once the network has converged: in
/// early rounds nearly everything is in it. As in the reference code, the network minimises the squared error; Adam makes its factor, 200, irrelevant.
/// <see cref="RobustScore.SparseNorm"/> scores by the row of S instead, of training samples too with the final autoencoder and x, not x − s, as its
/// input.
/// </remarks>
public sealed class RobustAutoencoder(RobustAutoencoderOptions options) : ReconstructionDetector(options), IFindings
{
    private const int WeightPurpose = -1_000;

    private RobustSplit? _split;

    /// <summary>What was set aside from the training data; null before training.</summary>
    public RobustAutoencoderResult? Result { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<Finding> Findings => Result?.Describe() ?? [];

    /// <inheritdoc/>
    protected override AutoencoderArchitecture Architecture(SampleShape shape) =>
        base.Architecture(shape) with { CodeActivation = options.CodeActivation, TiedWeights = options.TiedWeights };

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        _split = new RobustSplit(samples, options.Penalty, options.Threshold, context.Contamination, options.Tolerance);
        base.FitCore(samples, context);
        if (!_split.Converged) _split.Update((x, target) => Reconstruct(samples, x, target));
        Result = RobustAutoencoderResult.Of(_split, samples, options.Penalty);
        _split = null;
        context.Note($"{DisplayName}: {Result.Summary}");
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        RobustSplit split = _split!;
        WarnOfWideCode(samples.Shape, context);
        TrainingPhase shared = NewPhase();
        return [.. Enumerable.Range(0, options.Rounds).Select(Round)];

        TrainingPhase NewPhase() => ReconstructionPhase.Create(Networks, samples, options);

        TrainingPhase Round(int round) => (options.Reinitialize && round > 0 ? NewPhase() : shared) with
        {
            Name = string.Create(CultureInfo.InvariantCulture, $"round {round + 1} of {options.Rounds}"),
            Memory = split,
            Start = () => Begin(round),
            Values = () => split.Clean,
            IsDone = () => split.Converged,
        };

        void Begin(int round)
        {
            if (round == 0 || split.Converged) return;
            // What ends the round before.
            split.Update((x, target) => Reconstruct(samples, x, target));
            if (!options.Reinitialize) return;
            using AutoencoderNetworks fresh = CreateNetworks(Architecture(samples.Shape) with
            {
                Seed = context.CreateRandom(WeightPurpose - round).Next(),
                Device = context.Device,
            });
            TensorState weights = new();
            fresh.WriteState(weights);
            Networks.ReadState(weights);
        }
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        if (options.Score == RobustScore.ReconstructionError) return base.ScoreCore(samples);
        float[] scores = new float[samples.Count];
        int width = samples.Shape.Length;
        ForEachSparse(samples, (start, _, sparse) =>
        {
            for (int i = 0; i < sparse.Length / width; i++)
            {
                float norm = TensorPrimitives.Norm(sparse.Slice(i * width, width));
                // A difference of infinities: too far away for float32.
                scores[start + i] = float.IsNaN(norm) ? float.PositiveInfinity : norm;
            }
        });
        return scores;
    }

    /// <summary>(x − x̂)² of each value, or s² where the score is the norm of s.</summary>
    protected override float[] AttributeCore(Samples samples)
    {
        if (options.Score == RobustScore.ReconstructionError) return base.AttributeCore(samples);
        float[] attributions = new float[samples.Values.Length];
        ForEachSparse(samples, (start, _, sparse) =>
        {
            Span<float> target = attributions.AsSpan(start * samples.Shape.Length, sparse.Length);
            for (int i = 0; i < target.Length; i++) target[i] = sparse[i] * sparse[i] is float square and <= float.MaxValue ? square : float.MaxValue;
        });
        return attributions;
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        state.AddPart("result", Result!.WriteState);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        base.ReadState(state, shape);
        Result = RobustAutoencoderResult.Read(state.GetPart("result"), options.Penalty, shape);
    }

    /// <summary>x and s = prox(x − D(E(x))), block after block.</summary>
    private void ForEachSparse(Samples samples, BlockAction action)
    {
        float[] sparse = [];
        ForEachBlock(samples, (start, x, reconstruction) =>
        {
            if (sparse.Length < x.Length) sparse = new float[x.Length];
            Span<float> ofBlock = sparse.AsSpan(0, x.Length);
            TensorPrimitives.Subtract(x, reconstruction, ofBlock);
            Result!.Shrink(ofBlock);
            action(start, x, ofBlock);
        });
    }

    private void Reconstruct(Samples samples, ReadOnlyMemory<float> values, Memory<float> target) =>
        ForEachBlock(new Samples(values, samples.Shape), (start, _, reconstruction) => reconstruction.CopyTo(target.Span[(start * samples.Shape.Length)..]));
}
