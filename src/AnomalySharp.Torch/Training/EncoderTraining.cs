using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// f-AnoGAN's second stage: an encoder E learns to invert a generator G that, like the critic's features f, stays as it is: bit for bit, since only
/// E's gradients are added and G and D are in the mode for use, while gradients flow through both.
/// </summary>
/// <param name="generator">G.</param>
/// <param name="critic">f.</param>
/// <param name="encoder">E.</param>
internal sealed class EncoderTraining(TorchNetwork generator, FeatureModel critic, FeatureModel encoder)
{
    /// <summary>A_R + κ·A_D sample by sample: the means of (x − G(E(x)))² over its values and of (f(x) − f(G(E(x))))² over its features.</summary>
    public Tensor Terms(Tensor x, double kappa)
    {
        Tensor again = generator.Module.call(encoder.Module.call(x)), residual = PerSample.SquareMean(x, again);
        return kappa > 0 ? residual.Plus(PerSample.SquareMean(critic.Module.Features(x), critic.Module.Features(again)).Times(kappa)) : residual;
    }

    /// <summary>A step on samples: with κ = 0 it is <c>izi</c>, above <c>izi_f</c>.</summary>
    public double SampleStep(in TrainingBatch batch, double kappa, Optimizer optimizer)
    {
        using DisposeScope scope = NewDisposeScope();
        Enter(training: true);
        return Step(Terms(encoder.Network.Import(batch.Values, batch.Count), kappa).mean(), optimizer);
    }

    /// <summary>A step on codes, <c>ziz</c>: mean of (z − E(G(z)))²; real samples have no part in it, but for their number.</summary>
    public double CodeStep(in TrainingBatch batch, LatentNoise noise, Optimizer optimizer)
    {
        using DisposeScope scope = NewDisposeScope();
        Enter(training: true);
        Tensor z = noise.Draw(batch.Count, batch.Step, generator.Device), drawn;
        using (no_grad()) drawn = generator.Module.call(z);
        return Step(PerSample.SquareMean(encoder.Module.call(drawn), z).mean(), optimizer);
    }

    /// <summary>Mean of <see cref="Terms"/> over held-out samples.</summary>
    public double Validation(ReadOnlySpan<float> values, int count, double kappa)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Enter(training: false);
        return Terms(encoder.Network.Import(values, count), kappa).mean().Number();
    }

    private void Enter(bool training)
    {
        generator.Enter(training: false);
        critic.Network.Enter(training: false);
        encoder.Network.Enter(training);
    }

    private double Step(Tensor loss, Optimizer optimizer)
    {
        encoder.Network.AddGradients(loss);
        optimizer.Step();
        return loss.Number();
    }
}
