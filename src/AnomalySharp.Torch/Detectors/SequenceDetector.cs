using AnomalySharp.Detectors.Prediction;
using AnomalySharp.Sequences;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors;

/// <summary>
/// A method on windows <c>[t,d]</c> with autograd: one network, a training step, and scores of the last steps of a window. The score of a window is
/// their mean.
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
        if (shape.Rank != 2) throw new DataException($"{DisplayName} works on windows [steps, channels], and the samples have shape {shape}.");
        Add("network", Create(shape, seed, device));
    }

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
            return loss.ToDouble();
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            Network.Enter(training: false);
            return HeldOutLoss(Network.Import(values, count)).ToDouble();
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

    /// <summary>What is said of the last steps of windows, with zeros for the steps before: <c>[n,k,d]</c> → <c>[n,t,d]</c>.</summary>
    protected static Tensor AtTheEnd(Tensor parts, long steps) =>
        steps == parts.shape[1] ? parts : cat([zeros([parts.shape[0], steps - parts.shape[1], parts.shape[2]], device: parts.device), parts], 1);

    /// <summary>
    /// N(μ, Σ) of the error vectors that <paramref name="errors"/> gives for blocks of windows, each of <paramref name="width"/> values.
    /// </summary>
    protected ErrorGaussian FitErrors(Samples windows, Func<Tensor, Tensor> errors, int width, CancellationToken cancellation)
    {
        ErrorGaussian gaussian = new(width);
        int perWindow = 0;
        using (DisposeScope scope = NewDisposeScope())
        {
            using IDisposable noGradient = no_grad();
            Network.Enter(training: false);
            perWindow = (int)(errors(Network.Import(windows[0], 1)).numel());
        }
        ForEachBlock(windows, x =>
        {
            cancellation.ThrowIfCancellationRequested();
            using IDisposable noGradient = no_grad();
            return errors(x);
        }, (_, values) => gaussian.Add(values), perWindow);
        gaussian.Complete();
        return gaussian;
    }

    /// <summary>(e − μ)ᵀΣ⁻¹(e − μ) in parts (e − μ)⊙Σ⁻¹(e − μ), which sum to it: <c>[…,width]</c> → the same.</summary>
    protected static Tensor MahalanobisParts(Tensor errors, ErrorGaussian gaussian)
    {
        (Tensor centred, Tensor factor) = Padded(errors, gaussian);
        return (centred * centred.matmul(factor.t()).matmul(factor)).narrow(-1, 0, gaussian.Width);
    }

    /// <summary>(e − μ)ᵀΣ⁻¹(e − μ) = |W(e − μ)|²: <c>[…,width]</c> → <c>[…]</c>.</summary>
    protected static Tensor Mahalanobis(Tensor errors, ErrorGaussian gaussian)
    {
        (Tensor centred, Tensor factor) = Padded(errors, gaussian);
        return centred.matmul(factor.t()).Squared().sum(-1);
    }

    /// <summary>e − μ and W, filled up with zeros as <see cref="PaddedLinear"/> is.</summary>
    private static (Tensor Centred, Tensor Factor) Padded(Tensor errors, ErrorGaussian gaussian)
    {
        int filling = PaddedLinear.Padded(gaussian.Width) - gaussian.Width;
        Tensor centred = errors - tensor(gaussian.Mean, device: errors.device);
        Tensor factor = tensor(gaussian.Factor, device: errors.device).view(gaussian.Width, gaussian.Width);
        return filling == 0 ? (centred, factor) : (nn.functional.pad(centred, [0, filling]), nn.functional.pad(factor, [0, filling, 0, filling]));
    }
}
