using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.SelfSupervised;

public class TransformationScoreTests
{
    [Fact]
    public void A_perfect_classifier_is_sure_and_a_uniform_one_has_the_entropy_of_k_choices()
    {
        const int K = 72;
        using DisposeScope scope = NewDisposeScope();
        double simplified = 0, logarithm = 0, entropy = 0;
        Tensor uniform = full([1, K], -Math.Log(K));
        for (int i = 0; i < K; i++)
        {
            Tensor perfect = full([1, K], float.NegativeInfinity);
            perfect[0, i] = 0f;
            Assert.Equal(1, TransformationScore.TrueProbability(perfect, i).Number());
            Assert.Equal(1, TransformationScore.GreatestProbability(perfect).Number());
            Assert.Equal(0, TransformationScore.NegativeEntropy(perfect).Number());
            Assert.Equal(0, TransformationScore.TrueLogProbability(perfect, i).Number());
            simplified += TransformationScore.TrueProbability(uniform, i).Number() / K;
            logarithm += TransformationScore.TrueLogProbability(uniform, i).Number();
            entropy += TransformationScore.NegativeEntropy(uniform).Number() / K;
        }
        Assert.Equal(1.0 / K, simplified, 1e-6);
        Assert.Equal(K * Math.Log(1.0 / K), logarithm, 1e-3);
        Assert.Equal(-Math.Log(K), entropy, 1e-5);
    }

    [Fact]
    public void Scores_of_probabilities_that_were_worked_out_by_hand()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor log = tensor(new float[] { 0.5f, 0.25f, 0.25f, 0, 1, 0 }, 2, 3).log();
        Assert.Equal([0.25f, 1f], TransformationScore.TrueProbability(log, 1).data<float>().ToArray());
        Assert.Equal([0.5f, 0f], TransformationScore.TrueProbability(log, 0).data<float>().ToArray());
        Assert.Equal([0.5f, 1f], TransformationScore.GreatestProbability(log).data<float>().ToArray());
        float[] entropy = TransformationScore.NegativeEntropy(log).data<float>().ToArray();
        // ½ log ½ + ½ log ¼ = −1.5 log 2.
        Assert.Equal(-1.5 * Math.Log(2), entropy[0], 1e-6);
        Assert.Equal(0, entropy[1]);
        // α = (3, 1, 2): 2 log ½ + 0 + 1 log ¼.
        Tensor density = TransformationScore.DirichletLogDensity(log[0].unsqueeze(0), tensor(new float[] { 2, 0, 1 }));
        Assert.Equal((2 * Math.Log(0.5)) + Math.Log(0.25), density.Number(), 1e-5);
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.3)]
    [InlineData(1)]
    [InlineData(7.5)]
    [InlineData(100)]
    public void The_inverse_digamma_undoes_the_digamma(double x) => Assert.Equal(x, DirichletFit.InverseDigamma(DirichletFit.Digamma(x)), x * 1e-8);

    [Theory]
    // Abramowitz and Stegun, table 6.1: ψ(1) = −γ, ψ(½) = −γ − 2 log 2, ψ(2) = 1 − γ.
    [InlineData(1, -0.5772156649015329)]
    [InlineData(0.5, -1.9635100260214235)]
    [InlineData(2, 0.42278433509846714)]
    [InlineData(10, 2.251752589066721)]
    public void The_digamma_has_its_known_values(double x, double value) => Assert.Equal(value, DirichletFit.Digamma(x), 1e-10);

    [Theory]
    [InlineData(2, 5, 3)]
    [InlineData(0.3, 40, 0.1)]
    public void The_parameters_of_a_dirichlet_distribution_are_found_again_from_draws(double first, double second, double third)
    {
        const int Draws = 20_000;
        double[] alpha = [first, second, third];
        Random random = new(5);
        double[] means = new double[3], logMeans = new double[3];
        for (int n = 0; n < Draws; n++)
        {
            double[] logs = [.. alpha.Select(one => LogGamma(random, one))];
            double sum = logs.Max() + Math.Log(logs.Sum(log => Math.Exp(log - logs.Max())));
            for (int j = 0; j < 3; j++)
            {
                means[j] += Math.Exp(logs[j] - sum) / Draws;
                logMeans[j] += (logs[j] - sum) / Draws;
            }
        }
        double[] found = DirichletFit.Of(means, logMeans);
        for (int j = 0; j < 3; j++) Assert.InRange(found[j] / alpha[j], 0.97, 1.03);
    }

    [Fact]
    public void Answers_that_are_all_the_same_can_be_fitted()
    {
        double[] means = [0.999998, 1e-6, 1e-6];
        double[] found = DirichletFit.Of(means, [.. means.Select(mean => Math.Log(mean))]);
        Assert.All(found, alpha => Assert.True(double.IsFinite(alpha) && alpha > 0));
        Assert.True(found[0] > 100 * found[1]);
    }

    /// <summary>The logarithm of a gamma draw (Marsaglia and Tsang, 2000); for α below 1 that of α + 1 plus log(u)/α.</summary>
    private static double LogGamma(Random random, double alpha)
    {
        if (alpha < 1) return LogGamma(random, alpha + 1) + (Math.Log(1 - random.NextDouble()) / alpha);
        double d = alpha - (1.0 / 3), c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            double v = Math.Pow(1 + (c * normal), 3);
            if (v > 0 && Math.Log(1 - random.NextDouble()) < (0.5 * normal * normal) + d - (d * v) + (d * Math.Log(v))) return Math.Log(d * v);
        }
    }
}
