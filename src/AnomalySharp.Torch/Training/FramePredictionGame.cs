using AnomalySharp.Networks;
using AnomalySharp.Torch.Detectors.Prediction;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// The game of frame prediction, with the least squares of LSGAN (Mao et al., ICCV 2017): D moves against ½ mean (D(I) − 1)² + ½ mean D(Î)², then the
/// forecaster against its own loss and λ_adv·½ mean (D(Î) − 1)².
/// </summary>
/// <param name="forecaster">The U-Net.</param>
/// <param name="critic">D.</param>
/// <param name="forecast">I and Î of clips.</param>
/// <param name="loss">Loss of Î without D.</param>
/// <param name="options">λ_adv, optimisers.</param>
internal sealed class FramePredictionGame(
    TorchNetwork forecaster,
    TorchNetwork critic,
    Func<Tensor, (Tensor Frame, Tensor Forecast)> forecast,
    Func<Tensor, Tensor, Tensor> loss,
    FramePredictionOptions options) : Game
{
    private const double CriticShare = 0.1;

    private readonly Optimizer _forecaster = Optimizer.Create(options, forecaster);
    private readonly Optimizer _critic = Optimizer.Create(options with { LearningRate = CriticShare * options.LearningRate }, critic);

    public override IReadOnlyList<Optimizer> Optimizers => [_forecaster, _critic];

    /// <summary>One step of each.</summary>
    /// <returns>The forecaster's loss without D.</returns>
    public override double Step(in TrainingBatch batch)
    {
        using DisposeScope scope = NewDisposeScope();
        forecaster.Enter(training: true);
        critic.Enter(training: true);
        (Tensor frame, Tensor made) = forecast(forecaster.Import(batch.Values, batch.Count));
        Tensor judged = Half(critic.Module.call(frame), 1).Plus(Half(critic.Module.call(made.detach()), 0));
        Move("discriminator", judged, _critic, critic);
        critic.Enter(training: true);
        Tensor own = loss(frame, made);
        Move("forecaster", own.Plus(Half(critic.Module.call(made), 1).Times(options.AdversarialWeight)), _forecaster, forecaster);
        return own.Number();
    }

    /// <summary>½ mean (D − target)².</summary>
    private static Tensor Half(Tensor patches, double target) => patches.Plus(-target).Squared().mean().Over(2);
}
