using AnomalySharp.Detectors.OneClass;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;

namespace AnomalySharp.Tests.FeatureLearning;

public class DeepSvddTests
{
    private static readonly Samples Normal = EasyData.Create(DataKinds.Table, 300, 0, seed: 3);

    [Theory, InlineData(SvddObjective.OneClass), InlineData(SvddObjective.SoftBoundary)]
    public void The_gradient_is_the_slope_of_the_loss(SvddObjective objective)
    {
        const int Count = 9, Width = 4;
        SvddSphere sphere = new();
        sphere.Place([0.5f, -0.3f, 0.2f, 1]);
        float[] codes = FiniteDifferences.Normal(1, Count * Width), squares = new float[Count], gradient = new float[codes.Length];
        sphere.SquaredDistances(codes, squares);
        if (objective == SvddObjective.SoftBoundary) sphere.SetRadius(squares, 0.4);
        Loss(codes);
        FiniteDifferences.CheckSlopes(codes, gradient.ToArray(), Loss);

        double Loss(float[] at) => objective == SvddObjective.OneClass
            ? sphere.OneClassLoss(at, squares, gradient)
            : sphere.SoftBoundaryLoss(at, 0.4, squares, gradient);
    }

    [Fact]
    public void The_soft_boundary_leaves_about_a_share_nu_of_the_training_samples_outside()
    {
        DeepSvddOptions options = new() { Objective = SvddObjective.SoftBoundary, Nu = 0.2, Epochs = 30, BatchSize = 300, LearningRate = 1e-3 };
        using Detector detector = options.CreateDetector();
        detector.Fit(Normal, new FitContext { Seed = 1 });
        double outside = detector.Score(Normal).Count(score => score > 0) / 300.0;
        Assert.InRange(outside, 0.1, 0.3);
    }

    [Fact]
    public void No_layer_has_a_bias_and_no_coordinate_of_the_centre_is_close_to_zero()
    {
        using Detector detector = new DeepSvddOptions { Epochs = 2 }.CreateDetector();
        detector.Fit(Normal, new FitContext { Seed = 1 });
        TensorState state = detector.GetState();
        Assert.DoesNotContain(state.Tensors.Keys, name => name.EndsWith("bias", StringComparison.Ordinal));
        Assert.All(state.Get<float>("centre"), coordinate => Assert.True(Math.Abs(coordinate) >= 0.1f));
    }

    [Fact]
    public void A_sphere_that_collapses_is_said_to_and_one_that_does_not_is_not()
    {
        // A feature that is always 1 is a bias: the network can map everything to the centre by it alone.
        float[] values = [.. Enumerable.Range(0, Normal.Count).SelectMany(i => (float[])[5, .. Normal[i].ToArray().Select(value => value * 1e-3f)])];
        Samples constant = new(values, new SampleShape(7));
        DeepSvddOptions options = new() { Epochs = 400, LearningRate = 0.01, WeightDecay = 0.1, Hidden = [], Latent = 4, LearningRateDrop = 0.5 };
        Assert.Contains("collapsed", Warnings(options, constant), StringComparison.Ordinal);
        Assert.Empty(Warnings(new DeepSvddOptions { Epochs = 20 }, Normal));
    }

    [Fact]
    public void Pre_training_starts_the_sphere_elsewhere()
    {
        float[] scores = Scores(new DeepSvddOptions { Epochs = 3 }), pretrained = Scores(new DeepSvddOptions { Epochs = 3, PretrainingEpochs = 5 });
        Assert.NotEqual(scores, pretrained);

        static float[] Scores(DeepSvddOptions options)
        {
            using Detector detector = options.CreateDetector();
            detector.Fit(Normal, new FitContext { Seed = 1 });
            return detector.Score(Normal);
        }
    }

    private static string Warnings(DeepSvddOptions options, Samples samples)
    {
        List<string> said = [];
        using Detector detector = options.CreateDetector();
        detector.Fit(samples, new FitContext { Seed = 1, Warning = said.Add });
        return string.Join(' ', said);
    }
}
