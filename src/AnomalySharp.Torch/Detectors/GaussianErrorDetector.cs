using AnomalySharp.Detectors.Prediction;
using AnomalySharp.Persistence;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors;

/// <summary>
/// A method on windows whose errors e have, on the training windows, the distribution N(μ, Σ): the score of a step is (e − μ)ᵀΣ⁻¹(e − μ).
/// </summary>
/// <param name="options">The method's options.</param>
internal abstract class GaussianErrorDetector(NetworkDetectorOptions options) : SequenceDetector(options)
{
    private ErrorGaussian? _gaussian;

    /// <summary>e, finite: <c>[n,t,d]</c> → <c>[…,width]</c>.</summary>
    protected abstract Tensor Errors(Tensor windows);

    /// <summary>Values of e for windows of a shape.</summary>
    protected abstract int ErrorWidth(SampleShape shape);

    protected override void FitCore(Samples samples, FitContext context)
    {
        base.FitCore(samples, context);
        ErrorGaussian gaussian = new(ErrorWidth(samples.Shape));
        int perWindow;
        using (DisposeScope scope = NewDisposeScope())
        {
            using IDisposable noGradient = no_grad();
            Network.Enter(training: false);
            perWindow = (int)Errors(Network.Import(samples[0], 1)).numel();
        }
        ForEachBlock(samples, x =>
        {
            context.Cancellation.ThrowIfCancellationRequested();
            using IDisposable noGradient = no_grad();
            return Errors(x);
        }, (_, values) => gaussian.Add(values), perWindow);
        gaussian.Complete();
        _gaussian = gaussian;
    }

    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        state.AddPart("errors", _gaussian!.WriteState);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        base.ReadState(state, shape);
        _gaussian = ErrorGaussian.ReadState(state.GetPart("errors"), ErrorWidth(shape));
    }

    /// <summary>(e − μ)ᵀΣ⁻¹(e − μ) in parts (e − μ)⊙Σ⁻¹(e − μ), which sum to it: <c>[…,width]</c> → the same.</summary>
    protected Tensor MahalanobisParts(Tensor windows)
    {
        (Tensor centred, Tensor factor) = Padded(Errors(windows));
        return (centred * centred.matmul(factor.t()).matmul(factor)).narrow(-1, 0, _gaussian!.Width);
    }

    /// <summary>(e − μ)ᵀΣ⁻¹(e − μ) = |W(e − μ)|²: <c>[…,width]</c> → <c>[…]</c>.</summary>
    protected Tensor Mahalanobis(Tensor windows)
    {
        (Tensor centred, Tensor factor) = Padded(Errors(windows));
        return centred.matmul(factor.t()).Squared().sum(-1);
    }

    /// <summary>e − μ and W, filled up with zeros as <see cref="PaddedLinear"/> is.</summary>
    private (Tensor Centred, Tensor Factor) Padded(Tensor errors)
    {
        ErrorGaussian gaussian = _gaussian!;
        int filling = PaddedLinear.Padded(gaussian.Width) - gaussian.Width;
        Tensor centred = errors - tensor(gaussian.Mean, device: errors.device);
        Tensor factor = tensor(gaussian.Factor, device: errors.device).view(gaussian.Width, gaussian.Width);
        return filling == 0 ? (centred, factor) : (nn.functional.pad(centred, [0, filling]), nn.functional.pad(factor, [0, filling, 0, filling]));
    }
}
