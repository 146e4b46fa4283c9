using AnomalySharp.Detectors.FeatureLearning;
using AnomalySharp.Mixtures;
using AnomalySharp.Networks;
using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;
using MathNet.Numerics.LinearAlgebra;

namespace AnomalySharp.Tests.FeatureLearning;

public class DagmmTests
{
    private static readonly Samples Easy = EasyData.Create(DataKinds.Table, 300, 9, seed: 6);

    public static TheoryData<DagmmVariant> Variants => [.. Enum.GetValues<DagmmVariant>()];

    [Fact]
    public void Moments_of_memberships_that_are_certain_are_the_means_and_covariances_of_the_groups()
    {
        double[] z = [1, 2, 3, 6, 5, 4, 10, 0, 12, 2], gamma = [1, 0, 1, 0, 1, 0, 0, 1, 0, 1];
        MembershipMoments moments = new(2, 2);
        moments.Set(z, gamma);
        Assert.Equal([0.6, 0.4], moments.Weights);
        Assert.Equal([3, 4, 11, 1], moments.Means, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal([8.0 / 3, 4.0 / 3, 4.0 / 3, 8.0 / 3, 1, 1, 1, 1], moments.Covariances, (a, b) => Math.Abs(a - b) < 2e-6);
    }

    [Fact]
    public void The_energy_of_one_component_is_the_negative_log_density_of_a_normal_distribution()
    {
        double[] z = [.. FiniteDifferences.Normal(1, 60).Select(value => (double)value)], gamma = [.. Enumerable.Repeat(1.0, 20)];
        MembershipMoments moments = new(1, 3);
        moments.Set(z, gamma);
        Matrix<double> covariance = Matrix<double>.Build.DenseOfRowMajor(3, 3, moments.Covariances);
        double[] logs = new double[1], point = [0.5, -1, 2];
        Vector<double> deviation = Vector<double>.Build.DenseOfEnumerable(point.Zip(moments.Means, (a, b) => a - b));
        double expected = 0.5 * (3 * Math.Log(2 * Math.PI) + Math.Log(covariance.Determinant()) + deviation * covariance.Inverse() * deviation);
        Assert.Equal(expected, -moments.LogDensity(point, logs), 1e-9);
        // The mixture that is kept gives the same, to the rounding of its input.
        float[] energies = new float[1];
        moments.ToMixture().Energies([0.5f, -1, 2], energies);
        Assert.Equal(expected, energies[0], 1e-4);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void Gradients_of_energy_bound_and_penalty_are_slopes_through_the_moments_of_the_batch(bool variational)
    {
        const int Count = 15, Dimensions = 3, Components = 2;
        double[] z = [.. FiniteDifferences.Normal(4, Count * Dimensions).Select(value => (double)value)];
        double[] gamma = [.. FiniteDifferences.Normal(5, Count * Components).Select(value => 0.1 + Math.Abs(value))];
        MixtureLoss loss = new(Components, Dimensions, 0.7, 0.05, variational);
        double[] atZ = new double[z.Length], atGamma = new double[gamma.Length];
        loss.Of(z, gamma, atZ, atGamma);
        FiniteDifferences.CheckSlopes(z, atZ, at => loss.Of(at, gamma, [], []));
        FiniteDifferences.CheckSlopes(gamma, atGamma, at => loss.Of(z, at, [], []));
    }

    [Fact]
    public void Gradients_reach_every_parameter_of_compression_and_estimation()
    {
        const int Count = 12, Width = 5;
        DagmmOptions options = new() { EstimationDropout = 0, EstimationHidden = [6] };
        AutoencoderArchitecture architecture = new() { Shape = new SampleShape(Width), Latent = 2, Hidden = [7], Activation = Activation.Tanh };
        using AutoencoderNetworks networks = AutoencoderNetworks.Create(architecture);
        CompressionCode code = new(networks);
        using EstimationNetwork estimation = new(code.Dimensions, options, 2, seed: 3);
        MixtureLoss mixture = new(2, code.Dimensions, 0.1, 0.005, variational: false);
        float[] x = FiniteDifferences.Normal(6, Count * Width);
        double[] z = new double[Count * code.Dimensions], atZ = new double[z.Length], atGamma = new double[Count * 2];
        code.Forward(x, Count, z);
        mixture.Of(z, estimation.Forward(z), atZ, atGamma);
        estimation.Backward(atGamma, atZ);
        code.Backward(x, Count, atZ, new float[x.Length]);
        foreach (Network network in (Network[])[networks.Encoder, networks.Decoder, estimation.Network])
        {
            float[] gradient = network.Parameters.Gradients.ToArray(), values = network.Parameters.Values.ToArray();
            double length = Math.Sqrt(FiniteDifferences.Dot(gradient, gradient)), step = 1e-3 / length;
            double slope = (Moved(step) - Moved(-step)) / (2 * step);
            Assert.Equal(length * length, slope, 0.02 * length * length);

            double Moved(double h)
            {
                for (int j = 0; j < values.Length; j++) network.Parameters.Values[j] = values[j] + (float)(h * gradient[j]);
                double[] moved = code.Infer(x, Count);
                double loss = mixture.Of(moved, estimation.Infer(moved), [], []);
                values.CopyTo(network.Parameters.Values);
                return loss;
            }
        }
    }

    [Fact]
    public void Features_of_a_reconstruction_are_relative_distance_and_cosine_with_their_slopes()
    {
        Assert.Equal((0.5, 1), ReconstructionFeatures.Of([0, 2], [0, 1]));
        Assert.Equal((Math.Sqrt(2), 0), ReconstructionFeatures.Of([0, 2], [2, 0]));
        (double distance, double cosine) = ReconstructionFeatures.Of([0, 0], [0, 0]);
        Assert.Equal((0, 0), (distance, cosine));
        float[] x = FiniteDifferences.Normal(7, 6), reconstruction = FiniteDifferences.Normal(8, 6), gradient = new float[6];
        ReconstructionFeatures.AddGradient(x, reconstruction, 0.3, -2, gradient);
        FiniteDifferences.CheckSlopes(
            reconstruction, gradient, at => 0.3 * ReconstructionFeatures.Of(x, at).Distance - 2 * ReconstructionFeatures.Of(x, at).Cosine);
    }

    [Theory, MemberData(nameof(Variants))]
    public void Every_variant_tells_anomalies_apart(DagmmVariant variant)
    {
        DagmmOptions options = new() { Variant = variant, Epochs = 40, BatchSize = 64, LearningRate = 3e-3, K = 2 };
        using Detector detector = options.CreateDetector();
        detector.Fit(EasyData.Create(DataKinds.Table, 300, 0, seed: 6), new FitContext { Seed = 2 });
        Assert.InRange(EasyData.RocAuc(detector.Score(Easy), Easy.Labels!), 0.93, 1);
    }

    [Fact]
    public void No_start_of_a_thousand_ends_in_something_that_is_not_a_number()
    {
        // Few samples, some equal, more components than they need, large steps: covariances become singular.
        float[] values = [.. FiniteDifferences.Normal(9, 60), .. new float[12]];
        Samples few = new(values, new SampleShape(4));
        Parallel.For(0, 1000, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            DagmmVariant variant = (DagmmVariant)(seed % 3);
            DagmmOptions options = new() { Variant = variant, Epochs = 4, BatchSize = 9, LearningRate = 0.05, Hidden = [5], K = 1 + seed % 5 };
            using Detector detector = options.CreateDetector();
            detector.Fit(few, new FitContext { Seed = seed, Threads = 1 });
            Assert.All(detector.Score(few), score => Assert.True(float.IsFinite(score)));
        });
    }

    [Fact]
    public void The_information_criterion_finds_as_many_components_as_there_are_clusters()
    {
        Random random = new(3);
        float[] noise = FiniteDifferences.Normal(10, 900);
        double[] z = [.. Enumerable.Range(0, 900).Select(i => i / 3 % 3 * 10 * (i % 3 == 1 ? -1 : 1) + (double)noise[i])];
        Assert.Equal(3, ComponentChoice.Best(z, 3, new FitContext()));
        List<string> notes = [];
        using Detector detector = new DagmmOptions { K = null, Epochs = 5 }.CreateDetector();
        detector.Fit(Easy, new FitContext { Remark = notes.Add });
        Assert.Contains("criterion chose k=", notes.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_autoencoder_variants_score_by_the_reconstruction_error_that_attributions_add_up_to()
    {
        using Detector detector = new DagmmOptions { Variant = DagmmVariant.E2eAe, Epochs = 5 }.CreateDetector();
        detector.Fit(Easy, new FitContext());
        Samples parts = detector.Attribute(Easy.Slice(0, 5));
        float[] scores = detector.Score(Easy.Slice(0, 5));
        for (int i = 0; i < 5; i++) Assert.Equal(parts[i].ToArray().Average(), scores[i], 1e-5f);
    }
}
