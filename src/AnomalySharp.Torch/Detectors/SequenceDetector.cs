using AnomalySharp.Sequences;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors;

/// <summary>
/// A method on windows <c>[t,d]</c>, or on clips <c>[t,c,h,w]</c>, with autograd: one network, a training step, and scores of the last steps of a window.
/// The score of a window is their mean.
/// </summary>
/// <param name="options">The method's options.</param>
internal abstract class SequenceDetector(NetworkDetectorOptions options) : TorchDetector(options), IStepScores
{
    /// <summary>Beyond it squares overflow.</summary>
    private const double FarthestError = 1e15;

    private readonly NetworkDetectorOptions _options = options;

    /// <inheritdoc/>
    public abstract bool LooksBack { get; }

    /// <summary>The trained network.</summary>
    protected TorchNetwork Network => Networks[0];

    /// <summary>What windows it works on.</summary>
    protected virtual DataKinds Kind => DataKinds.Sequence;

    /// <summary>Makes the network; refuses windows that are too short.</summary>
    protected abstract TorchNetwork Create(SampleShape shape, int seed, string device);

    /// <summary>Loss of a batch of windows <c>[n,t,d]</c> for training.</summary>
    protected abstract Tensor Loss(Tensor windows);

    /// <summary>The same of held-out windows: what the method is used for, where training has it easier.</summary>
    protected virtual Tensor HeldOutLoss(Tensor windows) => Loss(windows);

    /// <summary>Scores of the last steps of windows: <c>[n,t,d]</c> → <c>[n,k]</c>.</summary>
    protected abstract Tensor StepScores(Tensor windows);

    /// <inheritdoc/>
    public float[] ScoreSteps(Samples windows)
    {
        int steps = windows.Shape[0];
        float[] scores = new float[windows.Count * steps];
        ForEachBlock(windows, Padded, (start, values) => values.CopyTo(scores.AsSpan(start * steps)), steps);
        return scores;

        // Scores are finite or infinite: NaN stands for steps that are not judged.
        Tensor Padded(Tensor x)
        {
            using IDisposable noGradient = no_grad();
            Tensor judged = StepScores(x).nan_to_num(float.MaxValue, float.MaxValue);
            return cat([full([judged.shape[0], steps - judged.shape[1]], KeptScalar.Of(float.NaN), device: judged.device), judged], 1);
        }
    }

    /// <inheritdoc/>
    protected sealed override void Build(SampleShape shape, int seed, string device)
    {
        if (shape.Kind != Kind)
        {
            string wanted = Kind == DataKinds.Video ? "clips [frames, channels, height, width]" : "windows [steps, channels]";
            throw new DataException($"{DisplayName} works on {wanted}, and the samples have shape {shape}.");
        }
        Add("network", Create(shape, seed, device));
        AddOthers(shape, seed, device);
    }

    /// <summary>Makes further networks, if there are any, and adds them.</summary>
    protected virtual void AddOthers(SampleShape shape, int seed, string device) { }

    /// <inheritdoc/>
    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        Optimizer optimizer = Optimizer.Create(_options, Network);

        double Step(in TrainingBatch batch)
        {
            using DisposeScope scope = NewDisposeScope();
            Network.Enter(training: true);
            Tensor loss = Loss(Network.Import(batch.Values, batch.Count));
            Network.AddGradients(loss);
            optimizer.Step();
            return loss.Number();
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            Network.Enter(training: false);
            return HeldOutLoss(Network.Import(values, count)).Number();
        }

        return [new TrainingPhase { Epochs = _options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] }];
    }

    /// <inheritdoc/>
    protected sealed override Tensor ScoreBlock(Tensor x)
    {
        using IDisposable noGradient = no_grad();
        return StepScores(x).mean([1]);
    }

    /// <summary>Errors that are not farther than squares of them can be told.</summary>
    protected static Tensor Bounded(Tensor errors) =>
        errors.nan_to_num(FarthestError, FarthestError, -FarthestError).Within(-FarthestError, FarthestError);

    /// <summary>What is said of the last steps of windows, with zeros for the steps before: <c>[n,k,…]</c> → <c>[n,t,…]</c>.</summary>
    protected static Tensor AtTheEnd(Tensor parts, long steps) => steps == parts.shape[1] ? parts
        : cat([zeros([parts.shape[0], steps - parts.shape[1], .. parts.shape[2..]], device: parts.device), parts], 1);

    /// <summary>Refuses windows that leave nothing to forecast <paramref name="horizon"/> steps from.</summary>
    protected void RequireMoreThan(int horizon, SampleShape shape)
    {
        if (shape[0] > horizon) return;
        throw new DataException(
            $"{DisplayName} forecasts {horizon} steps, and windows have {shape[0]}. Take longer windows (--window), or a smaller horizon.");
    }
}
