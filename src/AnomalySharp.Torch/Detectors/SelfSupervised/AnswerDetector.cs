using AnomalySharp.Torch.Training;
using TorchSharp;
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

    private protected override bool FillsBlocks => false;

    /// <summary>
    /// On a processor, a whole block under one transformation after the other; fewer pictures, and all on a GPU, under all of them together, so that one picture
    /// costs K/16 calls of the network and not K.
    /// </summary>
    protected override Tensor ScoreBlock(Tensor x)
    {
        if (x.size(0) == Classifier.Network.BlockSize) return Answers.Of(x);
        using IDisposable noGradient = no_grad();
        Tensor all = LogProbabilities(Range.Split(x).Inside);
        // Summed in the same order.
        return new CriticScore([.. Enumerable.Range(0, TransformationCount).Select(i => (Func<Tensor, Tensor>)(_ => Normality(all.select(0, i), i)))], Range).Of(x);
    }

    /// <summary>
    /// Integrated gradients from the mean training picture, see <see cref="CriticScore"/>; how much of it a pixel is, whatever its sign.
    /// </summary>
    /// <remarks>A pixel that makes the network less sure of one transformation makes it surer of another: signs would cancel in a heat map.</remarks>
    protected override Tensor AttributeBlock(Tensor x) =>
        Answers.Attribute(x, tensor(Usual.ToArray(), [1, .. x.shape[1..]]).to(x.device)).abs();

    private CriticScore Answers =>
        new([.. Enumerable.Range(0, TransformationCount).Select(i => (Func<Tensor, Tensor>)(x => Normality(LogProbabilities(x, i), i)))], Range);
}
