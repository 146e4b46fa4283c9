using AnomalySharp.Detectors.SelfSupervised;
using AnomalySharp.Networks;
using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;

namespace AnomalySharp.Tests.SelfSupervised;

public class NeutralAdTests
{
    private static readonly Samples Easy = EasyData.Create(DataKinds.Table, 300, 9, seed: 8);

    [Fact]
    public void The_gradient_is_the_slope_of_the_loss()
    {
        const int Count = 3, Views = 4, Width = 5;
        DeterministicContrastiveLoss loss = new(Views, Width, temperature: 0.5);
        float[] codes = FiniteDifferences.Normal(1, Count * (Views + 1) * Width), gradient = new float[codes.Length];
        loss.Of(codes, Count, gradient);
        FiniteDifferences.CheckSlopes(codes, gradient, at => loss.Of(at, Count, new float[at.Length]));
    }

    [Theory, InlineData(LearntTransformation.Residual), InlineData(LearntTransformation.Multiplicative), InlineData(LearntTransformation.Free)]
    public void The_gradients_of_the_encoder_and_of_every_transformation_are_slopes_of_the_loss(LearntTransformation kind)
    {
        const int Count = 6, Width = 4, Views = 3;
        NeutralAdOptions options = new() { Transformation = kind, Transformations = Views, Bias = true, Temperature = 0.5 };
        using NeutralAd model = (NeutralAd)options.CreateDetector();
        model.Build(Width, [8], 5, 6, new Random(3));
        float[] x = FiniteDifferences.Normal(1, Count * Width);
        float[] views = new float[(Views + 1) * x.Length], memory = new float[(Views + 1) * Count * 5];
        model.AddGradients(x, Count, model.CreateLoss(), views, memory);
        float[][] gradients = [.. model.Networks.Select(network => network.Parameters.Gradients.ToArray())];
        foreach ((DenseNetwork network, float[] gradient) in model.Networks.Zip(gradients))
        {
            float[] values = network.Parameters.Values.ToArray();
            // Along the gradient itself the slope is its squared length; short steps, which meet few kinks of rectifiers.
            double length = Math.Sqrt(FiniteDifferences.Dot(gradient, gradient)), step = 0.002 / length;
            Assert.True(length > 0);
            Assert.Equal(length * length, (Moved(step) - Moved(-step)) / (2 * step), 0.02 * length * length);

            double Moved(double h)
            {
                for (int j = 0; j < values.Length; j++) network.Parameters.Values[j] = values[j] + (float)(h * gradient[j]);
                double loss = model.AddGradients(x, Count, model.CreateLoss(), views, memory);
                values.CopyTo(network.Parameters.Values);
                return loss;
            }
        }
    }

    [Fact]
    public void Codes_that_are_all_alike_cost_1_and_only_directions_count()
    {
        DeterministicContrastiveLoss loss = new(views: 3, width: 2, temperature: 0.1);
        Assert.Equal(1, loss.OfSample([1, 2, 1, 2, 1, 2, 1, 2], 1, 0), 1e-5);
        Assert.Equal(1, loss.OfSample([1, 2, 1e-3f, 2e-3f, 1e20f, 2e20f, 5, 10], 1, 0), 1e-5);
        // Codes of zeros have no direction: their cosines are 0, which is alike, too.
        Assert.Equal(1, loss.OfSample(new float[8], 1, 0), 1e-5);
    }

    [Fact]
    public void Views_that_are_near_the_sample_and_far_from_each_other_cost_less_and_figures_are_those_of_the_formula()
    {
        const double Temperature = 0.5;
        DeterministicContrastiveLoss loss = new(views: 2, width: 2, Temperature);
        // x at 0°, its views at 60° and −60°: cos(x_k, x) = ½, cos(x_1, x_2) = −½.
        float[] spread = [1, 0, 0.5f, MathF.Sqrt(0.75f), 0.5f, -MathF.Sqrt(0.75f)];
        double positive = Math.Exp(0.5 / Temperature), negative = Math.Exp(-0.5 / Temperature);
        double expected = -2 * Math.Log(positive / (positive + negative)) / (2 * Math.Log(2));
        Assert.Equal(expected, loss.OfSample(spread, 1, 0), 1e-5);
        // Views that are alike, and opposite to x.
        Assert.True(loss.OfSample([1, 0, -1, 0, -1, 0], 1, 0) > 1);
    }

    [Fact]
    public void The_loss_of_a_batch_is_the_mean_of_its_samples()
    {
        const int Count = 4, Views = 3, Width = 6;
        DeterministicContrastiveLoss loss = new(Views, Width, temperature: 0.1);
        float[] codes = FiniteDifferences.Normal(2, Count * (Views + 1) * Width);
        double mean = Enumerable.Range(0, Count).Average(i => loss.OfSample(codes, Count, i));
        Assert.Equal(mean, loss.Of(codes, Count, new float[codes.Length]), 1e-9);
        float[] alone = [.. Enumerable.Range(0, Views + 1).SelectMany(v => codes.Skip((v * Count + 2) * Width).Take(Width))];
        Assert.Equal(loss.OfSample(codes, Count, 2), loss.OfSample(alone, 1, 0), 1e-9);
    }

    [Theory, InlineData(LearntTransformation.Residual), InlineData(LearntTransformation.Multiplicative), InlineData(LearntTransformation.Free)]
    public void Every_kind_of_transformation_learns_and_finds_anomalies(LearntTransformation kind)
    {
        using Detector detector = (Quick with { Transformation = kind, Bias = true }).CreateDetector();
        List<FitProgress> reports = [];
        detector.Fit(Easy, new FitContext { Seed = 1, Progress = new Reporter(reports.Add) });
        Assert.True(reports[^1].Loss < reports[0].Loss, $"Loss {reports[0].Loss} at first, {reports[^1].Loss} at the end.");
        Assert.InRange(EasyData.RocAuc(detector.Score(Easy), Easy.Labels!), 0.9, 1);
    }

    [Fact]
    public void Held_out_samples_are_watched()
    {
        using Detector detector = (Quick with { ValidationFraction = 0.2, Patience = 3, Epochs = 4 }).CreateDetector();
        List<FitProgress> reports = [];
        detector.Fit(Easy, new FitContext { Seed = 1, Progress = new Reporter(reports.Add) });
        Assert.All(reports, report => Assert.NotNull(report.ValidationLoss));
    }

    [Fact]
    public void Without_biases_residual_transformations_see_only_the_direction_of_a_sample()
    {
        using Detector detector = (Quick with { Bias = false, Epochs = 2, Transformation = LearntTransformation.Residual }).CreateDetector();
        detector.Fit(Easy, new FitContext { Seed = 1 });
        // By a power of two, so that nothing is rounded otherwise.
        Samples larger = Easy.WithValues(Easy.Values.ToArray().Select(value => value * 4).ToArray(), Easy.Shape);
        Assert.Equal(detector.Score(Easy), detector.Score(larger));
    }

    private static NeutralAdOptions Quick { get; } = new() { Epochs = 20, BatchSize = 32, LearningRate = 0.005 };

    private sealed class Reporter(Action<FitProgress> report) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => report(value);
    }
}
