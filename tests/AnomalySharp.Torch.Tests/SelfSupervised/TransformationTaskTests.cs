using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;
using AnomalySharp.Torch.Detectors.SelfSupervised;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using AnomalySharp.Torch.Transformations;
using AnomalySharp.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.SelfSupervised;

public class TransformationTaskTests
{
    [Fact]
    public void In_k_passes_every_picture_has_every_transformation_once_and_a_batch_is_a_mixture_of_them()
    {
        using TransformationTable table = new(TransformationSet.FlipsAndRotations.Create(8, 8), CPU);
        FeatureModel model = PictureClassifier.Small.Create(new SampleShape(1, 8, 8), table.Count, 1, "cpu");
        using TorchNetwork network = model.Network;
        TransformationTask task = new(network, table, 50, new Random(2));
        for (int row = 0; row < 50; row++)
        {
            Assert.Equal(8, Enumerable.Range(16, 8).Select(pass => task.Transformation(row, pass)).Distinct().Count());
        }
        for (int pass = 0; pass < 8; pass++)
        {
            Assert.InRange(Enumerable.Range(0, 50).Select(row => task.Transformation(row, pass)).Distinct().Count(), 6, 8);
        }
        // ⌈200/8⌉ and ⌈201/8⌉ epochs of 8 passes.
        Assert.Equal((200, 208), (task.Passes(200), task.Passes(201)));
    }

    [Theory]
    [InlineData(PictureClassifier.Small, 28, 1)]
    [InlineData(PictureClassifier.Small, 12, 3)]
    [InlineData(PictureClassifier.Wrn10x4, 32, 3)]
    [InlineData(PictureClassifier.Wrn10x4, 12, 1)]
    [InlineData(PictureClassifier.Wrn16x8, 12, 3)]
    public void A_classifier_gives_one_logit_per_transformation_for_pictures_of_any_size(PictureClassifier kind, int size, int channels)
    {
        FeatureModel model = kind.Create(new SampleShape(channels, size, size), 72, 1, "cpu");
        using TorchNetwork network = model.Network;
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal([2L, 72], model.Module.call(zeros(2, channels, size, size)).shape);
        Assert.Equal([2L, model.Module.Width], model.Module.Features(zeros(2, channels, size, size)).shape);
    }

    [Theory]
    // Weights of convolutions, two parameters per channel of each normalisation, and the last layer without the filling of its outputs.
    [InlineData(PictureClassifier.Wrn10x4, 10, 4)]
    [InlineData(PictureClassifier.Wrn16x8, 16, 8)]
    [InlineData(PictureClassifier.Wrn28x10, 28, 10)]
    public void A_wide_residual_network_has_the_parameters_of_its_paper(PictureClassifier kind, int depth, int widen)
    {
        const int Classes = 72;
        FeatureModel model = kind.Create(new SampleShape(3, 32, 32), Classes, 1, "cpu");
        using TorchNetwork network = model.Network;
        long expected = 9 * 3 * 16, before = 16;
        for (int group = 0; group < 3; group++)
        {
            long after = (16 << group) * widen;
            for (int block = 0; block < (depth - 4) / 6; block++)
            {
                expected += (2 * before) + (9 * before * after) + (2 * after) + (9 * after * after) + (before == after ? 0 : before * after);
                before = after;
            }
        }
        expected += (2 * before) + ((before + 1) * Classes);
        Assert.Equal(expected, model.Module.parameters().Sum(parameter => parameter.numel()));
        // 36.5 million for ten classes is the paper's figure for 28 layers, 10 times as wide.
        if (kind == PictureClassifier.Wrn28x10) Assert.InRange(expected - (62 * (before + 1)), 36_400_000, 36_600_000);
    }

    [Fact]
    public void A_wide_block_adds_to_its_input_and_where_it_widens_to_a_convolution_of_the_activated_input()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        Tensor input = randn(2, 16, 8, 8);
        foreach (int after in (int[])[16, 32])
        {
            using WideBlock block = new(16, after, after / 16, new Random(1));
            block.eval();
            Tensor shortcut = input;
            foreach ((string name, nn.Module part) in block.named_children())
            {
                if (part is not Conv2d convolution) continue;
                // With nothing from the second convolution only the way past both is left. A new normalisation leaves values as they are, but for its ε.
                if (name == "convolution2") convolution.weight!.zero_();
                if (name == "shortcut") shortcut = convolution.call(nn.functional.relu(input));
            }
            Assert.True((block.call(input) - shortcut).abs().max().Number() < 1e-4);
            Assert.Equal(after > 16, !ReferenceEquals(shortcut, input));
        }
    }

    [Theory]
    [InlineData(GeometricScore.Dirichlet)]
    [InlineData(GeometricScore.Simplified)]
    [InlineData(GeometricScore.LogProbability)]
    public void Other_digits_than_those_that_were_learnt_are_turned_less_surely(GeometricScore score)
    {
        (Samples all, Samples fours) = Fours();
        using Detector detector = new GeometricTransformationsOptions { Score = score, BatchSize = 32 }.CreateDetector();
        detector.Fit(fours, new FitContext { Seed = 1 });
        Assert.InRange(EasyData.RocAuc(detector.Score(all), all.Labels!), 0.9, 1);
    }

    [Theory]
    [InlineData(OutlierScore.NegativeEntropy)]
    [InlineData(OutlierScore.PseudoLabel)]
    [InlineData(OutlierScore.MaximumProbability)]
    public void Other_digits_among_those_that_were_learnt_are_turned_less_surely(OutlierScore score)
    {
        (Samples all, _) = Fours();
        using Detector detector = new E3OutlierOptions { Score = score, BatchSize = 32 }.CreateDetector();
        detector.Fit(all, new FitContext { Seed = 1 });
        Assert.InRange(EasyData.RocAuc(detector.Score(all), all.Labels!), 0.9, 1);
    }

    [Fact]
    public void Scores_are_what_their_names_say_of_the_same_answers()
    {
        (Samples all, Samples fours) = Fours();
        int count = TransformationSet.ShiftsAndRotations.Create(8, 8).Count;
        float[] trueOnes = Outlier(OutlierScore.PseudoLabel), greatest = Outlier(OutlierScore.MaximumProbability), entropy = Outlier(OutlierScore.NegativeEntropy);
        float[] simplified = Geometric(GeometricScore.Simplified), logarithms = Geometric(GeometricScore.LogProbability);
        for (int i = 0; i < all.Count; i++)
        {
            // Scores are minus the means: of the probability of the true answer, of the greatest, and of Σ P log P.
            Assert.InRange(-trueOnes[i], 0, -greatest[i] + 1e-6);
            Assert.InRange(-greatest[i], 1.0 / count, 1 + 1e-6);
            Assert.InRange(entropy[i], 0, Math.Log(count) + 1e-6);
            Assert.Equal(trueOnes[i], simplified[i], 1e-6);
            // The logarithm of a mean is at least the mean of the logarithms.
            Assert.True(logarithms[i] >= -count * Math.Log(-simplified[i]) - 1e-3, $"{logarithms[i]} for a mean probability of {-simplified[i]}.");
        }
        Assert.Contains(Enumerable.Range(0, all.Count), i => -greatest[i] > -trueOnes[i] + 1e-3);

        float[] Outlier(OutlierScore score) => Scores(new E3OutlierOptions { Score = score, Network = PictureClassifier.Small, Epochs = 20 });

        float[] Geometric(GeometricScore score) => Scores(new GeometricTransformationsOptions { Score = score, Network = PictureClassifier.Small, Epochs = 20 });

        float[] Scores(DetectorOptions options)
        {
            using Detector detector = options.CreateDetector();
            detector.Fit(fours, new FitContext { Seed = 1 });
            return detector.Score(all);
        }
    }

    [Fact]
    public void Learning_in_16_bits_detects_as_well()
    {
        (Samples all, Samples fours) = Fours();
        GeometricTransformationsOptions options = new() { Network = PictureClassifier.Small, BatchSize = 32 };
        using Detector full = options.CreateDetector(), half = (options with { Precision = TrainingPrecision.Bfloat16 }).CreateDetector();
        full.Fit(fours, new FitContext { Seed = 1 });
        half.Fit(fours, new FitContext { Seed = 1 });
        Assert.InRange(EasyData.RocAuc(half.Score(all), all.Labels!), 0.9, 1);
        Assert.NotEqual(full.Score(all), half.Score(all));
    }

    /// <summary>Whole blocks go through the network transformation by transformation, fewer pictures under all of them together.</summary>
    [Theory]
    [InlineData(GeometricScore.Dirichlet, TransformationSet.ShiftsAndRotations)]
    [InlineData(GeometricScore.LogProbability, TransformationSet.RegularAffine)]
    public void A_picture_has_the_same_score_alone_and_in_a_block(GeometricScore score, TransformationSet transformations)
    {
        (Samples all, Samples fours) = Fours();
        GeometricTransformationsOptions options = new() { Score = score, Transformations = transformations, Network = PictureClassifier.Small, Epochs = 1 };
        using Detector detector = options.CreateDetector();
        detector.Fit(fours, new FitContext { Seed = 1 });
        float[] together = detector.Score(all.Slice(0, 48));
        foreach (int count in (int[])[1, 2, 7, 15])
        {
            Assert.Equal(together[..count], detector.Score(all.Slice(0, count)));
            Assert.Equal(together[16..(16 + count)], detector.Score(all.Slice(16, count)));
        }
    }

    [Theory]
    [InlineData(PictureClassifier.Small)]
    [InlineData(PictureClassifier.Wrn10x4)]
    public void A_step_in_16_bits_is_about_that_in_32_and_leaves_weights_of_32(PictureClassifier kind)
    {
        Samples fours = Fours().Fours.Slice(0, 36);
        Dictionary<TrainingPrecision, (double Loss, float[] Weights)> steps = [];
        foreach (TrainingPrecision precision in Enum.GetValues<TrainingPrecision>())
        {
            using TransformationTable table = new(TransformationSet.FlipsAndRotations.Create(8, 8), CPU);
            FeatureModel model = kind.Create(fours.Shape, table.Count, 1, "cpu");
            using TorchNetwork network = model.Network;
            TransformationTask task = new(network, table, fours.Count, new Random(2)) { Precision = precision };
            TrainingBatch batch = new() { Values = fours.Values.Span, Rows = [.. Enumerable.Range(0, fours.Count)] };
            double loss = task.Step(batch, Optimizer.Create(new GeometricTransformationsOptions(), network));
            steps[precision] = (loss, network.Parameters.Values.ToArray());
        }
        (double full, float[] weights) = steps[TrainingPrecision.Full];
        (double half, float[] others) = steps[TrainingPrecision.Bfloat16];
        // 8 bits of precision: a relative error of 0.4 % in each number.
        Assert.NotEqual(full, half);
        Assert.Equal(full, half, 0.02 * full);
        Assert.NotEqual(weights, others);
        // Sixteen bits would leave the lower sixteen of every weight empty.
        Assert.Contains(others, weight => (BitConverter.SingleToInt32Bits(weight) & 0xFFFF) != 0);
    }

    [Fact]
    public void Known_labels_measure_whose_gradients_are_larger_and_change_no_score()
    {
        (Samples all, _) = Fours();
        E3OutlierOptions options = new() { BatchSize = 64, Epochs = 20 };
        List<FitProgress> reports = [];
        using Detector measured = options.CreateDetector(), plain = options.CreateDetector();
        measured.Fit(all, new FitContext { Seed = 1, KnownLabels = all.Labels, Progress = new Reports(reports) });
        plain.Fit(all, new FitContext { Seed = 1 });
        Assert.Equal(plain.Score(all), measured.Score(all));
        double[] ratios =
        [
            .. reports.Where(report => report.Measures!.ContainsKey("gradient of anomalies"))
                .Select(report => report.Measures!["gradient of normal samples"] / report.Measures["gradient of anomalies"]),
        ];
        Assert.NotEmpty(ratios);
        // Of 181 fours and 10 others; it falls below 1 once the fours are learnt and the others are not.
        Assert.True(ratios.Average() > 1.5, $"{ratios.Average()}");
        Assert.All(reports.Where(report => report.Measures!.ContainsKey("gradient of anomalies")), report =>
        {
            Assert.True(report.Measures!["normal samples along the step"] <= report.Measures["gradient of normal samples"] * 1.0001);
            Assert.True(report.Measures["normal samples along the step"] > report.Measures["anomalies along the step"]);
        });
    }

    [Fact]
    public void At_random_weights_gradients_are_to_each_other_as_the_numbers_of_samples_or_their_root_and_add_up_to_that_of_the_step()
    {
        (Samples all, _) = Fours();
        using TransformationTable table = new(TransformationSet.FlipsAndRotations.Create(8, 8), CPU);
        FeatureModel model = PictureClassifier.Small.Create(all.Shape, table.Count, 1, "cpu");
        using TorchNetwork network = model.Network;
        TransformationTask task = new(network, table, all.Count, new Random(2), all.Labels);
        float[] before = network.Parameters.Values.ToArray();
        E3OutlierOptions plain = new() { Optimizer = OptimizerKind.Sgd, LearningRate = 1, Momentum = 0, WeightDecay = 0 };
        task.Step(new TrainingBatch { Values = all.Values.Span, Rows = [.. Enumerable.Range(0, all.Count)] }, Optimizer.Create(plain, network));
        // A step of size 1 is the gradient.
        double whole = Math.Sqrt(network.Parameters.Values.ToArray().Zip(before, (now, then) => Math.Pow((double)now - then, 2)).Sum());
        IReadOnlyDictionary<string, double> measured = task.Measures.EndEpoch();
        Assert.Equal(whole, measured["normal samples along the step"] + measured["anomalies along the step"], 1e-4 * whole);
        double anomalies = all.Labels!.Count(label => label == 1), numbers = (all.Count - anomalies) / anomalies;
        Assert.InRange(measured["gradient of normal samples"] / measured["gradient of anomalies"], 0.8 * Math.Sqrt(numbers), 1.2 * numbers);
    }

    [Fact]
    public void A_model_measures_by_labels_that_its_data_lacks()
    {
        (Samples all, _) = Fours();
        E3OutlierOptions options = new() { Network = PictureClassifier.Small, BatchSize = 64, Epochs = 1 };
        using AnomalyModel model = AnomalyModel.Train(all.WithLabels(null), options, Knowing(all.Labels!));
        Assert.Contains(model.Summary.History, step => step.Measures!.ContainsKey("gradient of anomalies"));
        DataException refused = Assert.Throws<DataException>(() => AnomalyModel.Train(all.WithLabels(null), options, Knowing([0, 1])));
        Assert.Contains($"2 known labels for {all.Count} training samples", refused.Message, StringComparison.Ordinal);

        static TrainingSettings Knowing(IReadOnlyList<byte> labels) => new() { Context = new FitContext { KnownLabels = labels } };
    }

    private static (Samples All, Samples Fours) Fours()
    {
        Samples digits = Digits.Fours.WithValues(Digits.Fours.Values, new SampleShape(1, 8, 8));
        int[] fours = [.. Enumerable.Range(0, digits.Count).Where(i => digits.Labels![i] == 0)];
        return (digits, digits.Select(fours));
    }

    private sealed class Reports(List<FitProgress> reports) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => reports.Add(value);
    }
}
