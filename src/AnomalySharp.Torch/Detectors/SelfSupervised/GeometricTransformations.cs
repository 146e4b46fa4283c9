using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Persistence;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Detectors.SelfSupervised;

/// <summary>How normality follows from the answers.</summary>
public enum GeometricScore
{
    /// <summary>The mean of the logarithms of Dirichlet densities that were fitted to the answers for the training pictures: the paper's.</summary>
    Dirichlet,

    /// <summary>The mean of P(i | T_i(x)): the paper's simplified score.</summary>
    Simplified,

    /// <summary>The sum of log P(i | T_i(x)).</summary>
    LogProbability,
}

/// <summary>
/// Options of the detector <c>geometric-transformations</c>. The paper's settings are <c>network=wrn10x4</c>, <c>transformations=regularAffine</c>,
/// <c>epochs=200</c> and <c>fitted</c> as large as the training set; the defaults are for processors.
/// </summary>
[Detector(
    "geometric-transformations",
    Family = DetectorFamily.SelfSupervised,
    Summary = "Learns to tell how a picture was flipped, moved and turned; where it cannot, the picture is abnormal.",
    Paper = "Golan, El-Yaniv: Deep Anomaly Detection Using Geometric Transformations. NeurIPS 2018",
    Kinds = DataKinds.Image,
    TorchKinds = DataKinds.Image)]
public sealed record GeometricTransformationsOptions : TransformationOptions
{
    /// <summary>How normality follows from the answers. The default value is <see cref="GeometricScore.Dirichlet"/>.</summary>
    [Description("How normality follows from the answers.")]
    public GeometricScore Score { get; init; } = GeometricScore.Dirichlet;

    /// <summary>
    /// Most training pictures, drawn at random, that the Dirichlet distributions are fitted to. The default value is 1000; the paper has all.
    /// </summary>
    [Description("Most training pictures that the Dirichlet distributions are fitted to."), Range(2, int.MaxValue)]
    public int Fitted { get; init; } = 1000;

    /// <inheritdoc/>
    protected override Detector Create() => new GeometricTransformations(this);
}

/// <summary>
/// A network learns P(i | T_i(x)) from normal pictures. The answers for the training pictures under T_i are fitted by Dir(α⁽ⁱ⁾), and the normality
/// of a picture is n(x) = (1/K) Σ_i Σ_j (α⁽ⁱ⁾_j − 1) log P(j | T_i(x)); the score is −n(x).
/// </summary>
internal sealed class GeometricTransformations(GeometricTransformationsOptions options) : AnswerDetector(options)
{
    // Below it a logarithm says nothing more than that the answer is sure: float32 cannot tell 1 − 1e-8 from 1. Densities of α < 1 grow without end
    // there.
    private const double LeastLogProbability = -18.4;

    private const int FitPurpose = -3;

    private readonly Lazy<Scalar> _leastScalar = new(() => KeptScalar.Once(LeastLogProbability));

    // α − 1, [K, K].
    private float[] _excess = [];

    protected override void FitCore(Samples samples, FitContext context)
    {
        _excess = [];
        base.FitCore(samples, context);
        if (options.Score != GeometricScore.Dirichlet) return;
        int[] drawn = RandomRows.Draw(samples.Count, Math.Min(options.Fitted, samples.Count), context.CreateRandom(FitPurpose));
        FitDirichlet(samples.Select(drawn), context);
    }

    protected override Tensor Normality(Tensor logProbabilities, int i)
    {
        int k = TransformationCount;
        return options.Score switch
        {
            GeometricScore.Simplified => TransformationScore.TrueProbability(logProbabilities, i).mul(Share),
            GeometricScore.LogProbability => TransformationScore.TrueLogProbability(logProbabilities, i),
            _ => TransformationScore.DirichletLogDensity(
                logProbabilities.clamp_min(_leastScalar.Value), tensor(_excess.AsMemory(i * k, k).ToArray()).to(logProbabilities.device)).mul(Share),
        };
    }

    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        if (options.Score == GeometricScore.Dirichlet) state.Set<float>("alpha-excess", _excess, TransformationCount, TransformationCount);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        base.ReadState(state, shape);
        if (options.Score != GeometricScore.Dirichlet) return;
        _excess = state.Get<float>("alpha-excess", TransformationCount * TransformationCount);
        if (_excess.All(one => float.IsFinite(one) && one >= -1)) return;
        throw new ModelFileException("The model's Dirichlet parameters are not positive. It was altered: train it again.");
    }

    /// <summary>α⁽ⁱ⁾ from the means of P and of log P over the pictures.</summary>
    private void FitDirichlet(Samples samples, FitContext context)
    {
        int k = TransformationCount;
        double[] means = new double[k * k], logMeans = new double[k * k];
        ForEachBlock(
            samples,
            x =>
            {
                context.Cancellation.ThrowIfCancellationRequested();
                using IDisposable noGradient = no_grad();
                Tensor inside = Range.Split(x).Inside;
                return stack([.. Enumerable.Range(0, k).Select(Answers)], 1);

                Tensor Answers(int i)
                {
                    using DisposeScope scope = NewDisposeScope();
                    return LogProbabilities(inside, i).clamp_min(_leastScalar.Value).MoveToOuterDisposeScope();
                }
            },
            (_, values) =>
            {
                for (int v = 0; v < values.Length; v++)
                {
                    means[v % (k * k)] += Math.Exp(values[v]) / samples.Count;
                    logMeans[v % (k * k)] += values[v] / (double)samples.Count;
                }
            },
            valuesPerSample: k * k);
        _excess = new float[k * k];
        for (int i = 0; i < k; i++)
        {
            double[] alpha = DirichletFit.Of(means.AsSpan(i * k, k), logMeans.AsSpan(i * k, k));
            for (int j = 0; j < k; j++) _excess[(i * k) + j] = (float)(alpha[j] - 1);
        }
    }
}
