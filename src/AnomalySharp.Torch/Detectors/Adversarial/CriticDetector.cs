using AnomalySharp.Persistence;
using AnomalySharp.Torch.Training;
using AnomalySharp.Training;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace AnomalySharp.Torch.Detectors.Adversarial;

/// <summary>
/// What <c>gan</c> and <c>wgan</c> share: a generator and a critic play a game, and the critic's opinion of a sample is its score. The epoch that
/// stays is the one in which the critic best tells held-out normal samples from broken copies of them (<see cref="CriticSeparation"/>).
/// </summary>
/// <param name="options">The method's options.</param>
internal abstract class CriticDetector(AdversarialOptions options) : TwoPlayerDetector(options)
{
    // A code for a sample is only wanted for walks between two: AnoGAN's search at its usual setting finds it.
    private const int EncodingSteps = 300;

    private const double EncodingRate = 0.02, FeatureWeight = 0.1;

    private float[] _mean = [];

    /// <summary>The game of G and D.</summary>
    protected abstract Game CreateGame(LatentNoise noise);

    /// <inheritdoc/>
    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        CriticSeparation separation = new(Critic.Network, Range);
        Game game = CreateGame(Noise(context));
        return [Phase("training", game, samples, separation.Of)];
    }

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        base.FitCore(samples, context);
        Samples prepared = Prepare(samples);
        _mean = new float[samples.Shape.Length];
        for (int i = 0; i < prepared.Count; i++) TensorPrimitives.MultiplyAdd(prepared[i], 1f / prepared.Count, _mean, _mean);
    }

    /// <inheritdoc/>
    protected override Tensor ScoreBlock(Tensor x) => new CriticScore(Critic, Range).Of(x);

    /// <summary>Against the mean training sample.</summary>
    protected override Tensor AttributeBlock(Tensor x) =>
        new CriticScore(Critic, Range).Attribute(x, tensor(_mean, [1, .. x.shape[1..]]).to(x.device));

    /// <inheritdoc/>
    protected override Tensor Encode(Tensor x) => new LatentSearch(Generator.Module.call, Critic.Module.Features, Codes)
    {
        Steps = EncodingSteps,
        LearningRate = EncodingRate,
        FeatureWeight = FeatureWeight,
    }.Run(x).Codes;

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        state.Set<float>("mean", _mean);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        _mean = state.Get<float>("mean", shape.Length);
        base.ReadState(state, shape);
    }
}
