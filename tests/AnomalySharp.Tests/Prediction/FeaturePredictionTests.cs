using AnomalySharp.Detectors.Prediction;
using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;
using AnomalySharp.Tests.Reconstruction;

namespace AnomalySharp.Tests.Prediction;

public class FeaturePredictionTests
{
    private static readonly FeaturePredictionOptions Quick = new() { Epochs = 60, Hidden = [32] };

    [Fact]
    public void Hidden_features_go_in_as_zero_and_say_which_group_they_are()
    {
        using MaskedPrediction prediction = MaskedPrediction.Create(3, 3, [4], new Random(1));
        float[] input = new float[12];
        prediction.Hide([1, 2, 3, 4, 5, 6], [1, 2], input);
        Assert.Equal([1, 0, 3, 0, 1, 0, 4, 5, 0, 0, 0, 1], input);
    }

    [Fact]
    public void The_gradient_is_the_slope_of_the_loss_and_nothing_where_nothing_is_hidden()
    {
        using MaskedPrediction prediction = MaskedPrediction.Create(7, 3, [4], new Random(1));
        float[] x = FiniteDifferences.Normal(1, 21), predicted = FiniteDifferences.Normal(2, 21), gradient = new float[21], scratch = new float[21];
        int[] hidden = [2, 0, 1];
        prediction.Loss(predicted, x, hidden, gradient);
        FiniteDifferences.CheckSlopes(predicted, gradient, at => prediction.Loss(at, x, hidden, scratch));
        Assert.Equal(7, gradient.Count(slope => slope != 0));
    }

    [Fact]
    public void A_prediction_does_not_see_what_it_predicts()
    {
        using MaskedPrediction prediction = MaskedPrediction.Create(4, 4, [8], new Random(1));
        float[] x = FiniteDifferences.Normal(3, 4), squares = new float[4], changed = new float[4];
        prediction.SquaredErrors(x, 1, squares);
        double predicted = x[2] - Math.Sqrt(squares[2]), other = x[2] + Math.Sqrt(squares[2]);
        float[] moved = [x[0], x[1], x[2] + 3, x[3]];
        prediction.SquaredErrors(moved, 1, changed);
        // |x + 3 − x̂| for the one x̂ of the two that the error allows.
        Assert.True(
            Math.Abs(Math.Sqrt(changed[2]) - Math.Abs(moved[2] - predicted)) < 1e-4 || Math.Abs(Math.Sqrt(changed[2]) - Math.Abs(moved[2] - other)) < 1e-4);
    }

    [Fact]
    public void Broken_dependence_is_found_though_every_feature_for_itself_looks_as_it_should()
    {
        using Detector detector = Quick.CreateDetector();
        detector.Fit(BrokenDependence.Training(1), new FitContext { Seed = 1 });
        Samples test = BrokenDependence.Test(1);
        double auc = EasyData.RocAuc(detector.Score(test), test.Labels!);
        Assert.True(auc > 0.97, $"{auc}");
    }

    [Fact]
    public void A_feature_that_the_others_say_nothing_of_does_not_count()
    {
        // Two features that are the same, and one of its own.
        float[] noise = FiniteDifferences.Normal(5, 1200);
        Samples samples = new((float[])[.. Enumerable.Range(0, 600).SelectMany(i => (float[])[noise[i], noise[i], noise[600 + i]])], new SampleShape(3));
        using Detector detector = Quick.CreateDetector();
        detector.Fit(samples, new FitContext { Seed = 1 });
        float[] weights = detector.GetState().Get<float>("weights");
        Assert.True(weights[0] > 0.8 && weights[1] > 0.8 && weights[2] < 0.1, string.Join(", ", weights));
    }

    [Fact]
    public void Attributions_sum_to_the_squared_score_and_point_at_the_value_that_is_wrong()
    {
        using Detector detector = Quick.CreateDetector();
        Samples training = BrokenDependence.Training(2);
        detector.Fit(training, new FitContext { Seed = 1 });
        float[] wrong = training[0].ToArray();
        wrong[4] += 2;
        Samples asked = new(wrong, training.Shape);
        float[] attribution = detector.Attribute(asked).Values.ToArray();
        Assert.Equal(Math.Pow(detector.Score(asked)[0], 2), attribution.Sum(), 1e-3);
        Assert.Equal(4, Array.IndexOf(attribution, attribution.Max()));
    }

    [Fact]
    public void Wide_samples_are_predicted_group_by_group()
    {
        using MaskedPrediction prediction = MaskedPrediction.Create(10, 4, [4], new Random(1));
        Assert.Equal(14, prediction.Network.InputSize);
        float[] input = new float[14];
        prediction.Hide([.. Enumerable.Repeat(1f, 10)], [0], input);
        Assert.InRange(input.AsSpan(0, 10).Count(0f), 2, 3);
    }
}
