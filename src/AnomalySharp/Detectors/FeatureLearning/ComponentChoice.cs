using System.Globalization;
using AnomalySharp.Mixtures;
using AnomalySharp.Networks;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>Chooses DAGMM's number of components by the Bayesian information criterion (Schwarz 1978), and fits mixtures to its z.</summary>
internal static class ComponentChoice
{
    private const int MostComponents = 8, EpochsPart = 5;

    private static readonly MixtureSettings Settings = new()
    {
        Components = 1,
        Diagonal = false,
        Regularization = 1e-6,
        Tolerance = 1e-3,
        MaxIterations = 200,
    };

    /// <summary>The K with the least BIC among mixtures of z of an autoencoder that is trained for this alone.</summary>
    public static int Find(Samples samples, DagmmOptions options, AutoencoderArchitecture architecture, FitContext context)
    {
        FitContext silent = context with { Progress = null, CheckpointPath = null, Warning = null };
        int seed = context.CreateRandom(-4).Next();
        using AutoencoderNetworks networks = AutoencoderNetworks.Create(architecture with { Seed = seed, Device = context.Device });
        TrainingPhase phase = ReconstructionPhase.Create(networks, samples, options) with { Epochs = Math.Max(1, options.Epochs / EpochsPart) };
        new TrainingLoop("dagmm", samples, options, silent, networks.Both).Run(phase);
        CompressionCode code = new(networks);
        int best = Best(code.Infer(samples), code.Dimensions, silent);
        context.Note(string.Create(CultureInfo.InvariantCulture, $"The Bayesian information criterion chose k={best} components."));
        return best;
    }

    /// <summary>The K of 1 to 8 with the least −2 log L + p log n, p the number of parameters.</summary>
    internal static int Best(double[] z, int dimensions, FitContext context)
    {
        int d = dimensions, best = 1, count = z.Length / d;
        float[] energies = new float[count], points = [.. z.Select(value => (float)value)];
        double least = double.PositiveInfinity;
        // As many samples as a component has parameters, at least.
        int most = Math.Clamp(count / (1 + d + d * (d + 1) / 2), 1, MostComponents);
        for (int k = 1; k <= most; k++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            Fit(z, d, k, context).Energies(points, energies);
            double parameters = k - 1 + k * (d + d * (d + 1) / 2.0);
            double criterion = 2 * energies.Sum(energy => (double)energy) + parameters * Math.Log(count);
            if (criterion < least) (least, best) = (criterion, k);
        }
        return best;
    }

    /// <summary>Expectation maximisation from the clusters of k-means.</summary>
    public static GaussianMixture Fit(double[] z, int dimensions, int components, FitContext context)
    {
        Samples points = new(new ReadOnlyMemory<float>([.. z.Select(value => (float)value)]), new SampleShape(dimensions));
        return ExpectationMaximization.Fit(points, Settings with { Components = components }, context with { Progress = null });
    }
}
