using AnomalySharp.Torch.Training;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.SelfSupervised;

/// <summary>
/// What methods share whose score is the sum of what the answers to "which transformation was it?" say for each of them: scores and attributions.
/// </summary>
/// <param name="options">The method's options.</param>
internal abstract class AnswerDetector(TransformationOptions options) : TransformationDetector(options)
{
    /// <summary>What the answers for T_i say: <c>[n,K]</c> → <c>[n]</c>; normal pictures have a high sum of these.</summary>
    /// <param name="logProbabilities">log P(· | T_i(x)).</param>
    /// <param name="i">The transformation.</param>
    protected abstract Tensor Normality(Tensor logProbabilities, int i);

    /// <inheritdoc/>
    protected override Tensor ScoreBlock(Tensor x) => Answers.Of(x);

    /// <summary>
    /// Integrated gradients from the mean training picture, see <see cref="CriticScore"/>; how much of it a pixel is, whatever its sign.
    /// </summary>
    /// <remarks>A pixel that makes the network less sure of one transformation makes it surer of another: signs would cancel in a heat map.</remarks>
    protected override Tensor AttributeBlock(Tensor x) =>
        Answers.Attribute(x, tensor(Usual.ToArray(), [1, .. x.shape[1..]]).to(x.device)).abs();

    private CriticScore Answers =>
        new([.. Enumerable.Range(0, TransformationCount).Select(i => (Func<Tensor, Tensor>)(x => Normality(LogProbabilities(x, i), i)))], Range);
}
