using System.Numerics.Tensors;
using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Explanation;
using AnomalySharp.Mixtures;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>
/// Compression network (h, g), z = [h(x), features of the reconstruction], estimation network γ(z), and a mixture whose parameters are moments of z
/// weighted by γ: of the batch in training, of all training samples from then on. The score is the energy E(z), in nats.
/// </summary>
/// <remarks>
/// Departures: 10⁻⁶ on the diagonals of Σ and gradients cut to a norm, without which Σ becomes singular; widths by the shape of the sample where
/// none are given.
/// </remarks>
internal sealed class Dagmm(DagmmOptions options) : ReconstructionDetector(options)
{
    private const int UsualLatent = 2;

    private LayerStack? _stack;
    private EstimationNetwork? _estimation;
    private CompressionCode? _code;
    private GaussianMixture? _mixture;
    private float[] _usual = [];

    private bool IsPretrained => options.Variant is DagmmVariant.Pae or DagmmVariant.PaeGmm or DagmmVariant.PaeGmmEm or DagmmVariant.DagmmP;

    /// <summary>Whether the reconstruction error itself is the score.</summary>
    private bool IsAutoencoder => options.Variant is DagmmVariant.Pae or DagmmVariant.E2eAe;

    private bool Estimates => !IsAutoencoder && options.Variant != DagmmVariant.PaeGmmEm;

    /// <summary>1 in most of the paper's networks and 2 in the others.</summary>
    protected override int DefaultLatent(SampleShape shape) => Math.Min(UsualLatent, shape.Length);

    protected override IReadOnlyList<Network> TrainedNetworks =>
        [.. Networks.Both, .. _estimation is null ? [] : (Network[])[_estimation.Network], .. _stack?.Networks ?? []];

    protected override void FitCore(Samples samples, FitContext context)
    {
        try
        {
            int components = IsAutoencoder ? 0 : options.K ?? ComponentChoice.Find(samples, options, Architecture(samples.Shape), context);
            int dimensions = Architecture(samples.Shape).Latent + ReconstructionFeatures.Count;
            if (Estimates) _estimation = new EstimationNetwork(dimensions, options, components, context.CreateRandom(-2).Next());
            base.FitCore(samples, context);
            if (IsAutoencoder) return;
            _usual = Occlusion.Mean(samples);
            double[] z = _code!.Infer(samples);
            _mixture = Estimates ? Moments(z, components) : ComponentChoice.Fit(z, _code.Dimensions, components, context);
        }
        finally
        {
            _stack?.Dispose();
            _estimation?.Dispose();
            (_stack, _estimation) = (null, null);
        }
    }

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        _code = new CompressionCode(Networks);
        List<TrainingPhase> phases = [];
        if (IsPretrained)
        {
            AutoencoderArchitecture architecture = Architecture(samples.Shape);
            DagmmOptions before = options with { Epochs = options.PretrainingEpochs ?? options.Epochs };
            if (architecture.IsDense)
            {
                _stack = new LayerStack(architecture, before, CorruptionKind.Masking, level: 0, context.CreateRandom(-3));
                phases.AddRange(_stack.Phases(samples));
            }
            phases.Add(ReconstructionPhase.Create(Networks, samples, before) with { Name = "pre-training", Start = () => _stack?.Unroll(Networks) });
        }
        if (options.Variant == DagmmVariant.E2eAe) phases.Add(ReconstructionPhase.Create(Networks, samples, options));
        if (Estimates) phases.Add(Joint(samples));
        return phases;
    }

    // Objective: J = mean ‖x − x′‖² + λ₁ mean E(z) + λ₂ Σ_k Σ_j 1/Σ_k,jj (equation 7); with a variant, without the first term, with the bound for
    // E, or with the compression network as it is.
    private TrainingPhase Joint(Samples samples)
    {
        CompressionCode code = _code!;
        EstimationNetwork estimation = _estimation!;
        int rows = Math.Min(options.BatchSize, samples.Count), d = code.Dimensions, components = estimation.Components;
        bool frozen = options.Variant == DagmmVariant.PaeGmm, reconstructs = options.Variant is not (DagmmVariant.PaeGmm or DagmmVariant.GmmEn);
        Network[] learnt = frozen ? [estimation.Network] : [.. Networks.Both, estimation.Network];
        Optimizer optimizer = Optimizer.Create(options, learnt);
        MixtureLoss mixture = new(components, d, options.EnergyWeight, options.CovarianceWeight, options.Variant == DagmmVariant.DagmmNvi);
        double[] z = new double[rows * d], atZ = new double[rows * d], atGamma = new double[rows * components];
        float[] atReconstruction = new float[rows * samples.Shape.Length];

        double Step(in TrainingBatch batch)
        {
            int count = batch.Count;
            Span<double> points = z.AsSpan(0, count * d), slopes = atZ.AsSpan(0, count * d), memberships = atGamma.AsSpan(0, count * components);
            if (frozen) code.Infer(batch.Values, count).CopyTo(points);
            else code.Forward(batch.Values, count, points);
            double loss = mixture.Of(points, estimation.Forward(points), slopes, memberships);
            estimation.Backward(memberships, slopes);
            if (!frozen)
            {
                Span<float> slope = atReconstruction.AsSpan(0, batch.Values.Length);
                slope.Clear();
                if (reconstructs) loss += Errors(code.Reconstruction, batch.Values, count, slope);
                code.Backward(batch.Values, count, slopes, slope);
            }
            GradientClipping.Clip(options.GradientNorm, learnt);
            optimizer.Step();
            return loss;
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            double[] points = code.Infer(values, count);
            double loss = mixture.Of(points, estimation.Infer(points), [], []);
            if (!reconstructs) return loss;
            float[] reconstruction = new float[values.Length];
            Networks.Reconstruct(values, count, reconstruction);
            return loss + Errors(reconstruction, values, count, reconstruction);
        }

        return new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] };
    }

    /// <summary>Mean over the samples of ‖x − x′‖², and its gradient at x′.</summary>
    private static double Errors(ReadOnlySpan<float> reconstruction, ReadOnlySpan<float> x, int count, Span<float> gradient)
    {
        double mean = SquaredError.Loss(reconstruction[..x.Length], x, gradient);
        int width = x.Length / count;
        TensorPrimitives.Multiply(gradient[..x.Length], width, gradient);
        return mean * width;
    }

    /// <summary>φ, μ, Σ of all training samples.</summary>
    private GaussianMixture Moments(double[] z, int components)
    {
        MembershipMoments moments = new(components, _code!.Dimensions);
        moments.Set(z, _estimation!.Infer(z));
        return moments.ToMixture();
    }

    protected override float[] ScoreCore(Samples samples)
    {
        if (IsAutoencoder) return base.ScoreCore(samples);
        float[] z = [.. _code!.Infer(samples).Select(value => (float)value)], energies = new float[samples.Count];
        _mixture!.Energies(z, energies);
        return energies;
    }

    /// <summary>
    /// What every value adds to the energy, beside the mean of the training data; of the autoencoder variants the squared error of each value.
    /// </summary>
    protected override float[] AttributeCore(Samples samples) =>
        IsAutoencoder ? base.AttributeCore(samples) : Occlusion.Attribute(samples, _usual, ScoreCore);

    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        if (IsAutoencoder) return;
        state.AddPart("mixture", _mixture!.WriteState);
        state.Set<float>("usual", _usual);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        base.ReadState(state, shape);
        _code = new CompressionCode(Networks);
        if (IsAutoencoder) return;
        _mixture = GaussianMixture.ReadState(state.GetPart("mixture"), _code.Dimensions, diagonal: false);
        _usual = state.Get<float>("usual", shape.Length);
    }
}
