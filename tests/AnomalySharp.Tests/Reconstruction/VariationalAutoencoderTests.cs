using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Preprocessing;
using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;
using AnomalySharp.Tests.Training;
using AnomalySharp.Training;

namespace AnomalySharp.Tests.Reconstruction;

public class VariationalAutoencoderTests
{
    private static readonly VariationalAutoencoderOptions Quick = new() { Epochs = 30, Hidden = [16], Latent = 2, BatchSize = 32, LearningRate = 5e-3 };

    [Fact]
    public void Every_score_sees_broken_dependence_and_the_divergence_alone_does_not()
    {
        VariationalAutoencoderOptions options = new()
        {
            Hidden = [32],
            Latent = 2,
            Activation = Activation.Tanh,
            LearningRate = 5e-3,
            BatchSize = 100,
            Epochs = 150,
            ValidationFraction = 0,
        };
        Samples test = BrokenDependence.Test(1);
        using Detector trained = Fit(options, BrokenDependence.Training(1));
        Dictionary<VariationalScore, float[]> scores = [];
        foreach (VariationalScore score in Enum.GetValues<VariationalScore>())
        {
            using Detector detector = WithOptions(trained, options with { Score = score });
            scores[score] = detector.Score(test);
            Assert.InRange(EasyData.RocAuc(scores[score], test.Labels!), 0.99, 1);
        }
        float[] divergence = new float[test.Count];
        for (int i = 0; i < test.Count; i++) divergence[i] = scores[VariationalScore.NegativeElbo][i] - scores[VariationalScore.ReconstructionProbability][i];
        Assert.InRange(EasyData.RocAuc(divergence, test.Labels!), 0, 0.5);
    }

    // The cross-entropy of a grey value contains that value's own entropy, which differs from sample to sample and would hide some of the rest: 0.96.
    [Theory]
    [InlineData(LikelihoodKind.FixedGaussian, VariationalScore.ReconstructionProbability, 0.99)]
    [InlineData(LikelihoodKind.Bernoulli, VariationalScore.ReconstructionError, 0.99)]
    [InlineData(LikelihoodKind.Bernoulli, VariationalScore.ReconstructionProbability, 0.99)]
    [InlineData(LikelihoodKind.Bernoulli, VariationalScore.NegativeElbo, 0.99)]
    [InlineData(LikelihoodKind.Bernoulli, VariationalScore.ImportanceWeighted, 0.99)]
    public void The_other_likelihoods_see_broken_dependence_too(LikelihoodKind kind, VariationalScore score, double least)
    {
        VariationalAutoencoderOptions options = new()
        {
            Likelihood = kind,
            Score = score,
            Deviation = 0.1,
            Hidden = [32],
            Latent = 2,
            Activation = Activation.Tanh,
            LearningRate = 5e-3,
            BatchSize = 100,
            ValidationFraction = 0,
        };
        Samples training = BrokenDependence.Training(2), test = BrokenDependence.Test(2);
        FeatureScaler scaler = FeatureScaler.Fit(training, options.PreferredScaling);
        using Detector detector = Fit(options, scaler.Apply(training));
        Assert.InRange(EasyData.RocAuc(detector.Score(scaler.Apply(test)), test.Labels!), least, 1);
    }

    [Fact]
    public void With_more_draws_the_reconstruction_probability_converges_its_variance_falling_as_one_by_the_draws()
    {
        Samples samples = TrainingLoopTests.Data(3, 200);
        using Detector trained = Fit(Quick, samples);
        double few = Variance(4), many = Variance(64);
        // 16 times fewer draws: 16 times the variance, give or take what 30 noise seeds and 200 samples leave.
        Assert.InRange(few / many, 8, 32);

        double Variance(int draws)
        {
            double[] sums = new double[samples.Count], squares = new double[samples.Count];
            const int Seeds = 30;
            for (int seed = 0; seed < Seeds; seed++)
            {
                TensorState state = trained.GetState();
                state.SetScalar("noiseSeed", seed);
                using Detector detector = (Quick with { Draws = draws }).CreateDetector();
                detector.SetState(state, samples.Shape);
                float[] scores = detector.Score(samples);
                for (int i = 0; i < scores.Length; i++) (sums[i], squares[i]) = (sums[i] + scores[i], squares[i] + (double)scores[i] * scores[i]);
            }
            return Enumerable.Range(0, samples.Count).Average(i => squares[i] / Seeds - Math.Pow(sums[i] / Seeds, 2));
        }
    }

    [Fact]
    public void A_linear_one_with_the_exact_posterior_has_the_likelihood_of_probabilistic_principal_components()
    {
        // x = w·z + 0.5·noise, z ~ N(0, 1): log p(x) is known, and so is the posterior of z. Networks with exactly these weights must give it.
        float[] w = [0.8f, -0.6f, 0.5f];
        const double Deviation = 0.5, Variance = Deviation * Deviation;
        double precision = 1 + w.Sum(value => value * value) / Variance;
        VariationalAutoencoderOptions options = new()
        {
            Hidden = [],
            Latent = 1,
            Likelihood = LikelihoodKind.FixedGaussian,
            Deviation = Deviation,
            Score = VariationalScore.NegativeElbo,
            Draws = 4000,
            Epochs = 1,
        };
        Samples samples = new(FiniteDifferences.Normal(8, 30), new SampleShape(3));
        using Detector fitted = Fit(options, samples);
        TensorState state = fitted.GetState();
        state.Set<float>("encoder.layer1.weight", [.. w.Select(value => (float)(value / Variance / precision)), 0, 0, 0], 2, 3);
        state.Set<float>("encoder.layer1.bias", [0, (float)-Math.Log(precision)]);
        state.Set<float>("decoder.layer1.weight", w, 3, 1);
        state.Set<float>("decoder.layer1.bias", [0, 0, 0]);
        // With the exact posterior the importance weights are all alike, p(x): one draw is enough, and the bound is tight.
        foreach ((VariationalScore score, int draws, double tolerance) in ((VariationalScore, int, double)[])
            [(VariationalScore.NegativeElbo, 4000, 0.1), (VariationalScore.ImportanceWeighted, 1, 1e-4)])
        {
            using Detector detector = (options with { Score = score, Draws = draws }).CreateDetector();
            detector.SetState(state, samples.Shape);
            float[] scores = detector.Score(samples);
            for (int i = 0; i < samples.Count; i++) Assert.Equal(-LogMarginal(samples[i]), scores[i], tolerance);
        }

        double LogMarginal(ReadOnlySpan<float> x)
        {
            // N(0, wwᵀ + s²I), by the matrix determinant lemma and Sherman–Morrison.
            double norm = w.Sum(value => value * value), square = FiniteDifferences.Dot(x, x), along = FiniteDifferences.Dot(x, w);
            double logDeterminant = 3 * Math.Log(Variance) + Math.Log(1 + norm / Variance);
            double distance = (square - along * along / (Variance + norm)) / Variance;
            return -0.5 * (distance + logDeterminant + 3 * Math.Log(2 * Math.PI));
        }
    }

    [Fact]
    public void A_linear_one_learns_the_plane_and_the_noise_of_probabilistic_principal_components()
    {
        // Two directions and noise of 0.5: the trained bound can be no better than −log p(x) of the model that made the data, and comes close to it.
        const int Count = 2000, Width = 6;
        const float Deviation = 0.5f;
        float[] mix = FiniteDifferences.Normal(5, 2 * Width), code = FiniteDifferences.Normal(3, 2 * Count), values = FiniteDifferences.Normal(4, Count * Width);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Deviation * values[i] + code[i / Width * 2] * mix[i % Width] + code[i / Width * 2 + 1] * mix[Width + i % Width];
        }
        VariationalAutoencoderOptions options = new()
        {
            Hidden = [],
            Latent = 2,
            Likelihood = LikelihoodKind.FixedGaussian,
            Deviation = Deviation,
            Score = VariationalScore.NegativeElbo,
            // All samples share the draws, so that few of them shift the average.
            Draws = 1000,
            Epochs = 100,
            BatchSize = 50,
            LearningRate = 5e-3,
            ValidationFraction = 0,
        };
        Samples samples = new(values, new SampleShape(Width));
        using Detector detector = Fit(options, samples);
        double bound = detector.Score(samples).Average(score => (double)score);
        // ½ log det(2πe Σ), Σ = WWᵀ + s²I; the mean over 2,000 samples is off by √(6/2/2000) = 0.04.
        double a = FiniteDifferences.Dot(mix.AsSpan(0, Width), mix.AsSpan(0, Width)), b = FiniteDifferences.Dot(mix.AsSpan(Width), mix.AsSpan(Width));
        double c = FiniteDifferences.Dot(mix.AsSpan(0, Width), mix.AsSpan(Width)), s2 = Deviation * Deviation;
        double entropy = 0.5 * (4 * Math.Log(s2) + Math.Log((a + s2) * (b + s2) - c * c) + Width * Math.Log(2 * Math.PI * Math.E));
        Assert.InRange(bound, entropy - 0.12, entropy + 0.12);
    }

    [Fact]
    public void The_bounds_are_ordered_and_attributions_sum_to_the_score()
    {
        Samples samples = TrainingLoopTests.Data(3, 300);
        using Detector trained = Fit(Quick, samples);
        using Detector elbo = WithOptions(trained, Quick with { Score = VariationalScore.NegativeElbo, Draws = 256 });
        using Detector importance = WithOptions(trained, Quick with { Score = VariationalScore.ImportanceWeighted, Draws = 256 });
        // By Jensen's inequality for every sample, but for what 256 draws leave of the divergence.
        Assert.All(elbo.Score(samples).Zip(importance.Score(samples)), pair => Assert.True(pair.Second < pair.First + 0.5f, $"{pair}"));
        Assert.True(importance.Score(samples).Average() < elbo.Score(samples).Average());

        float[] scores = trained.Score(samples), attributions = trained.Attribute(samples).Values.ToArray();
        for (int i = 0; i < samples.Count; i++)
        {
            Assert.Equal(scores[i], attributions.AsSpan(i * 6, 6).ToArray().Sum(), 1e-3 * Math.Max(1, Math.Abs(scores[i])));
        }
    }

    [Theory]
    [InlineData(VariationalScore.ReconstructionError)]
    [InlineData(VariationalScore.NegativeElbo)]
    [InlineData(VariationalScore.ImportanceWeighted)]
    public void A_score_depends_on_its_sample_alone(VariationalScore score)
    {
        Samples samples = TrainingLoopTests.Data(3, 3000);
        using Detector detector = Fit(Quick with { Epochs = 2, Score = score }, samples);
        float[] scores = detector.Score(samples), attributions = detector.Attribute(samples).Values.ToArray();
        Assert.Equal(scores[100..1177], detector.Score(samples.Slice(100, 1077)));
        foreach (int row in (int[])[0, 1, 1023, 1500, 2999])
        {
            Assert.Equal(scores[row], detector.Score(samples.Slice(row, 1))[0]);
            Assert.Equal(attributions[(row * 6)..(row * 6 + 6)], detector.Attribute(samples.Slice(row, 1)).Values.ToArray());
        }
        Samples far = new(Enumerable.Repeat(1e30f, 6).Concat(Enumerable.Repeat(3e38f, 6)).ToArray(), samples.Shape);
        Assert.All(detector.Score(far), value => Assert.Equal(float.MaxValue, value));
        Assert.All(detector.Attribute(far).Values.ToArray(), value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void A_collapsed_posterior_is_warned_of_and_a_working_one_is_not()
    {
        Samples samples = TrainingLoopTests.Data(3, 300);
        List<string> said = [];
        FitContext context = new() { Warning = said.Add };
        using (Detector detector = Quick.CreateDetector()) detector.Fit(samples, context);
        Assert.Empty(said);
        using (Detector detector = (Quick with { Beta = 1000, WarmUp = 0 }).CreateDetector()) detector.Fit(samples, context);
        string warning = Assert.Single(said);
        Assert.Contains("collapsed", warning, StringComparison.Ordinal);
        Assert.Contains("beta (it is 1000)", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Warm_up_raises_the_weight_of_the_divergence_step_by_step()
    {
        Samples samples = TrainingLoopTests.Data(3, 320);
        // A weight so great that its rise shows in the loss, which without warm-up can only fall from the start.
        VariationalAutoencoderOptions options = Quick with { Likelihood = LikelihoodKind.FixedGaussian, Deviation = 1, Beta = 200 };
        List<double> warm = Losses(options with { WarmUp = 1 }), cold = Losses(options with { WarmUp = 0 });
        Assert.True(cold[0] > 3 * warm[0], $"{cold[0]} and {warm[0]}.");
        Assert.True(cold[0] > cold[^1], $"{cold[0]} and {cold[^1]}.");

        List<double> Losses(VariationalAutoencoderOptions options)
        {
            List<double> losses = [];
            using Detector detector = options.CreateDetector();
            detector.Fit(samples, new FitContext { Progress = new Reporter(report => losses.Add(report.Loss!.Value)) });
            return losses;
        }
    }

    [Fact]
    public void Values_outside_zero_and_one_are_refused_by_the_bernoulli_likelihood_with_row_column_and_remedy()
    {
        VariationalAutoencoderOptions options = Quick with { Likelihood = LikelihoodKind.Bernoulli };
        Samples samples = new(new float[] { 0, 1, 0.5f, 1.25f, -3, 0 }, new SampleShape(2), featureNames: ["left", "right"], rowNames: ["a", "b", "c"]);
        DataException refused = Assert.Throws<DataException>(() => Fit(options, samples));
        foreach (string word in (string[])["row b", "'right'", "1.25", "--scaling min-max"]) Assert.Contains(word, refused.Message, StringComparison.Ordinal);
        Assert.Equal(FeatureScaling.MinMax, options.PreferredScaling);
        Assert.Equal(FeatureScaling.Standard, Quick.PreferredScaling);
        // With the scaling that the options ask for, the same samples train.
        using AnomalyModel model = AnomalyModel.Train(samples, options);
        Assert.Equal(FeatureScaling.MinMax, model.Scaling);
        Assert.All(model.Score(samples, 1, TestContext.Current.CancellationToken).Scores.ToArray(), score => Assert.True(float.IsFinite(score)));
    }

    [Fact]
    public void A_function_of_the_output_is_refused_because_the_likelihood_decides() => Assert.Contains(
        "likelihood", Assert.Throws<OptionException>(() => (Quick with { OutputActivation = Activation.Tanh }).CreateDetector()).Message, StringComparison.Ordinal);

    private static Detector Fit(VariationalAutoencoderOptions options, Samples samples)
    {
        Detector detector = options.CreateDetector();
        detector.Fit(samples, new FitContext { Seed = 1 });
        return detector;
    }

    /// <summary>The same networks, scored otherwise.</summary>
    private static Detector WithOptions(Detector trained, VariationalAutoencoderOptions options)
    {
        Detector detector = options.CreateDetector();
        detector.SetState(trained.GetState(), trained.Shape!);
        return detector;
    }

    private sealed class Reporter(Action<FitProgress> report) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => report(value);
    }
}
