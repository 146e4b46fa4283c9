using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Networks;
using AnomalySharp.Tests.Common;
using AnomalySharp.Training;

namespace AnomalySharp.Tests.Reconstruction;

public class LikelihoodTests
{
    private const int Width = 11;

    [Theory]
    [InlineData(LikelihoodKind.Gaussian)]
    [InlineData(LikelihoodKind.FixedGaussian)]
    [InlineData(LikelihoodKind.Bernoulli)]
    public void The_gradient_of_a_likelihood_is_its_slope(LikelihoodKind kind)
    {
        Likelihood likelihood = new VariationalAutoencoderOptions { Likelihood = kind, Deviation = 0.5 }.CreateLikelihood();
        const int Count = 3;
        float[] x = [.. FiniteDifferences.Normal(1, Count * Width).Select(value => 1 / (1 + MathF.Exp(-value)))];
        float[] outputs = FiniteDifferences.Normal(2, Count * Width * likelihood.HeadCount), gradient = new float[outputs.Length];
        likelihood.Loss(x, outputs, Count, gradient);
        for (int i = 0; i < outputs.Length; i++)
        {
            AssertSlope(gradient[i], outputs, i, () => likelihood.Loss(x, outputs, Count));
        }
    }

    [Theory]
    [InlineData(LikelihoodKind.Gaussian)]
    [InlineData(LikelihoodKind.FixedGaussian)]
    [InlineData(LikelihoodKind.Bernoulli)]
    public void A_batch_has_the_mean_loss_of_its_samples_and_their_gradients(LikelihoodKind kind)
    {
        Likelihood likelihood = new VariationalAutoencoderOptions { Likelihood = kind }.CreateLikelihood();
        const int Count = 200;
        int outputWidth = Width * likelihood.HeadCount;
        float[] x = [.. FiniteDifferences.Normal(1, Count * Width).Select(value => 1 / (1 + MathF.Exp(-value)))];
        float[] outputs = FiniteDifferences.Normal(2, Count * outputWidth), gradient = new float[outputs.Length];
        float[] terms = new float[Width], ofOne = new float[outputWidth];
        double loss = likelihood.Loss(x, outputs, Count, gradient), sum = 0;
        for (int i = 0; i < Count; i++)
        {
            likelihood.Evaluate(x.AsSpan(i * Width, Width), outputs.AsSpan(i * outputWidth, outputWidth), terms, ofOne, 1f / Count);
            sum += terms.Sum(term => (double)term);
            Assert.Equal(ofOne, gradient[(i * outputWidth)..((i + 1) * outputWidth)]);
        }
        Assert.Equal(sum / Count, loss, 1e-4);
        Assert.Equal(loss, likelihood.Loss(x, outputs, Count));
    }

    [Fact]
    public void Codes_of_a_batch_are_drawn_and_led_back_as_row_by_row()
    {
        const int Count = 200, K = Width;
        float[] codes = FiniteDifferences.Normal(4, Count * 2 * K), noise = FiniteDifferences.Normal(5, Count * K);
        float[] back = FiniteDifferences.Normal(6, Count * K);
        float[] z = new float[Count * K], ofOne = new float[K], gradient = new float[codes.Length], gradientOfOne = new float[2 * K];
        DiagonalGaussian.Draw(codes, noise, Count, z);
        DiagonalGaussian.Backward(codes, noise, back, Count, 0.7f, gradient);
        for (int i = 0; i < Count; i++)
        {
            ReadOnlySpan<float> code = codes.AsSpan(i * 2 * K, 2 * K), e = noise.AsSpan(i * K, K);
            DiagonalGaussian.Draw(code, e, ofOne);
            DiagonalGaussian.Backward(code, e, back.AsSpan(i * K, K), 1, 0.7f, gradientOfOne);
            Assert.Equal(ofOne, z[(i * K)..((i + 1) * K)]);
            Assert.Equal(gradientOfOne, gradient[(i * 2 * K)..((i + 1) * 2 * K)]);
        }
    }

    [Fact]
    public void Likelihoods_are_those_of_their_distributions()
    {
        // log N(1; 3, 0.25) = −½(4/0.25 + log 0.25 + log 2π); BCE(α, α) is the entropy of α.
        double expected = 0.5 * (16 + Math.Log(0.25) + Math.Log(2 * Math.PI));
        Assert.Equal(expected, Terms(new FixedGaussianLikelihood(0.5), [1], [3])[0], 1e-5);
        Assert.Equal(expected, Terms(new LearntGaussianLikelihood(0.01), [1], [3, MathF.Log(0.25f)])[0], 1e-5);
        BernoulliLikelihood bernoulli = new();
        Assert.Equal(0.6931472, Terms(bernoulli, [0.5f], [0])[0], 1e-6);
        Assert.Equal(0.3250830, Terms(bernoulli, [0.1f], [MathF.Log(0.1f / 0.9f)])[0], 1e-6);
        // Far logits neither overflow nor lose the loss.
        Assert.Equal([0, 500, 500, 0], Terms(bernoulli, [1, 0, 1, 0], [500, 500, -500, -500]));
        float[] mean = new float[3];
        bernoulli.Mean([0, 500, -500], mean);
        Assert.Equal([0.5f, 1], mean[..2]);
        Assert.InRange(mean[2], 0, 1e-37f);
    }

    [Fact]
    public void Without_its_own_term_the_cross_entropy_of_a_perfect_reconstruction_is_zero_and_binary_values_keep_theirs()
    {
        float[] x = [0.1f, 0.5f, 0.9f, 0, 1, -2, 3], own = new float[7], logits = [.. x.Select(value => MathF.Log(value / (1 - value)))];
        BernoulliLikelihood bernoulli = new();
        bernoulli.OwnTerms(x, own);
        float[] terms = Terms(bernoulli, x[..3], logits[..3]);
        for (int j = 0; j < 3; j++) Assert.Equal(terms[j], own[j], 1e-6);
        Assert.Equal(0.3250830, own[0], 1e-6);
        Assert.Equal([0, 0, 0, 0], own[3..]);
        new LearntGaussianLikelihood(0.1).OwnTerms(x, own);
        Assert.All(own, value => Assert.Equal(0, value));
    }

    [Fact]
    public void Beyond_zero_and_one_a_bernoulli_value_only_becomes_more_abnormal()
    {
        float[] terms = Terms(new BernoulliLikelihood(), [1, 2, 10, 1e20f], [8, 8, 8, 8]);
        Assert.True(terms[0] < terms[1] && terms[1] < terms[2] && terms[2] < terms[3], string.Join(' ', terms));
    }

    [Fact]
    public void A_learnt_variance_stops_at_its_floor_and_can_rise_again()
    {
        LearntGaussianLikelihood likelihood = new(0.1);
        float[] gradient = new float[2], terms = new float[1];
        likelihood.Evaluate([0], [0, -50], terms, gradient);
        Assert.Equal(0.5 * (Math.Log(0.01) + Math.Log(2 * Math.PI)), terms[0], 1e-5);
        Assert.Equal(0, gradient[1]);
        // An error greater than the floor explains: falling is forbidden, rising is not.
        likelihood.Evaluate([0], [1, -50], terms, gradient);
        Assert.True(gradient[1] < -1, $"{gradient[1]}");
    }

    [Fact]
    public void The_divergence_is_the_known_one_and_zero_for_the_prior_alone()
    {
        Assert.Equal(0.1641777, DiagonalGaussian.Divergence([0.3f, -0.2f, -0.5f, 0.4f]), 1e-6);
        Assert.Equal(0, DiagonalGaussian.Divergence(new float[2 * Width]), 1e-5);
        for (int i = 0; i < 2 * Width; i++)
        {
            float[] code = new float[2 * Width];
            code[i] = 0.1f;
            Assert.True(DiagonalGaussian.Divergence(code) > 1e-3, $"Parameter {i}.");
        }
    }

    [Fact]
    public void The_divergence_is_the_mean_of_the_log_ratio_over_draws()
    {
        float[] code = [0.3f, -0.2f, -0.5f, 0.4f], noise = new float[40_000], z = new float[2];
        GaussianNoise.Fill(noise, 3, 0);
        double sum = 0;
        for (int i = 0; i < noise.Length; i += 2)
        {
            DiagonalGaussian.Draw(code, noise.AsSpan(i, 2), z);
            sum -= DiagonalGaussian.LogRatio(code, noise.AsSpan(i, 2), z);
        }
        // The standard deviation of one draw is about 0.5.
        Assert.Equal(0.1641777, sum / (noise.Length / 2), 0.015);
    }

    [Fact]
    public void The_gradient_at_the_code_is_the_slope_through_the_draw_and_the_divergence()
    {
        const int Count = 3, K = Width;
        float[] codes = FiniteDifferences.Normal(4, Count * 2 * K), noise = FiniteDifferences.Normal(5, Count * K), weights = FiniteDifferences.Normal(6, Count * K);
        float[] z = new float[Count * K], gradient = new float[codes.Length];
        const float Weight = 0.7f;
        double Loss()
        {
            DiagonalGaussian.Draw(codes, noise, Count, z);
            double loss = FiniteDifferences.Dot(z, weights);
            for (int i = 0; i < Count; i++) loss += Weight * DiagonalGaussian.Divergence(codes.AsSpan(i * 2 * K, 2 * K));
            return loss;
        }

        double divergence = DiagonalGaussian.Backward(codes, noise, weights, Count, Weight, gradient);
        Assert.Equal(Enumerable.Range(0, Count).Sum(i => DiagonalGaussian.Divergence(codes.AsSpan(i * 2 * K, 2 * K))), divergence, 1e-4);
        for (int i = 0; i < codes.Length; i++) AssertSlope(gradient[i], codes, i, Loss);

        // Without the divergence: ∂z/∂μ = 1, ∂z/∂σ = ε, and ∂σ/∂log σ² = σ/2.
        DiagonalGaussian.Backward(codes, noise, weights, Count, 0, gradient);
        Assert.Equal(weights[0], gradient[0]);
        Assert.Equal(weights[0] * noise[0] * MathF.Exp(0.5f * codes[K]) / 2, gradient[K], 1e-5);
    }

    [Fact]
    public void Noise_is_normal_and_follows_from_seed_and_number()
    {
        float[] a = new float[100_001], b = new float[100_001];
        GaussianNoise.Fill(a, 1, 7);
        GaussianNoise.Fill(b, 1, 7);
        Assert.Equal(a, b);
        GaussianNoise.Fill(b, 1, 8);
        Assert.NotEqual(a, b);
        double mean = a.Average(value => (double)value), variance = a.Average(value => (double)value * value), fourth = a.Average(value => Math.Pow(value, 4));
        double correlation = FiniteDifferences.Dot(a, b) / a.Length, neighbours = FiniteDifferences.Dot(a.AsSpan(1), a.AsSpan(0, a.Length - 1)) / a.Length;
        Assert.Equal(0, mean, 0.02);
        Assert.Equal(1, variance, 0.03);
        Assert.Equal(3, fourth, 0.2);
        Assert.Equal(0, correlation, 0.02);
        Assert.Equal(0, neighbours, 0.02);
        Assert.InRange(a.Max(), 3.5f, 6.7f);
        // The two values of a pair lie 256 apart: a cosine and a sine of the same angle.
        double pairs = FiniteDifferences.Dot(a.AsSpan(256), a.AsSpan(0, a.Length - 256)) / a.Length;
        Assert.Equal(0, pairs, 0.02);
        foreach (double z in (double[])[-2, -1, 0, 1, 2])
        {
            double share = z switch { -2 => 0.02275, -1 => 0.15866, 0 => 0.5, 1 => 0.84134, _ => 0.97725 };
            Assert.Equal(share, a.Count(value => value < z) / (double)a.Length, 0.006);
        }
        GaussianNoise.FillSigns(a, 1, 7);
        Assert.All(a, value => Assert.Equal(1, MathF.Abs(value)));
        Assert.Equal(0, a.Average(), 0.02);
        for (int lag = 1; lag <= 65; lag++) Assert.Equal(0, FiniteDifferences.Dot(a.AsSpan(lag), a.AsSpan(0, a.Length - lag)) / a.Length, 0.02);
        float[] fewer = new float[131];
        GaussianNoise.FillSigns(fewer, 1, 7);
        Assert.Equal(a[..131], fewer);
    }

    private static float[] Terms(Likelihood likelihood, float[] x, float[] output)
    {
        float[] terms = new float[x.Length];
        likelihood.Evaluate(x, output, terms);
        return terms;
    }

    private static void AssertSlope(double gradient, float[] values, int i, Func<double> loss)
    {
        float at = values[i], step = 1e-2f;
        values[i] = at + step;
        double above = loss();
        values[i] = at - step;
        double below = loss();
        values[i] = at;
        Assert.Equal((above - below) / (2 * step), gradient, 2e-3 + 2e-3 * Math.Abs(gradient));
    }
}
