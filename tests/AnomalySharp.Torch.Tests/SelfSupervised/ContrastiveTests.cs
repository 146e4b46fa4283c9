using AnomalySharp.Tests.Common;
using AnomalySharp.Tests.Contract;
using AnomalySharp.Torch.Detectors.SelfSupervised;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.SelfSupervised;

public class ContrastiveTests
{
    private static readonly Samples Easy = EasyData.Create(DataKinds.Table, 300, 9, seed: 8);

    [Theory, InlineData(1), InlineData(2), InlineData(16)]
    public void Identical_codes_cost_the_logarithm_of_the_number_of_others(int count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor codes = ones(count, 3) * 7;
        Assert.Equal(Math.Log(2 * count - 1), ContrastiveLoss.Of(codes, codes, 0.5).Number(), 1e-5);
    }

    [Theory, InlineData(0.5), InlineData(0.1)]
    public void Aligned_pairs_at_right_angles_to_each_other_cost_what_the_formula_says_whatever_their_length(double temperature)
    {
        const int Count = 4;
        using DisposeScope scope = NewDisposeScope();
        double other = Math.Exp(-1 / temperature);
        double expected = Math.Log(1 + (2 * Count - 2) * other);
        Assert.Equal(expected, ContrastiveLoss.Of(eye(Count), eye(Count) * 30, temperature).Number(), 1e-5);
    }

    [Fact]
    public void Pairs_are_rows_at_the_same_place_and_the_gradient_is_the_slope_of_the_loss()
    {
        const int Count = 3, Width = 4;
        using DisposeScope scope = NewDisposeScope();
        float[] values = FiniteDifferences.Normal(1, 2 * Count * Width);
        Tensor codes = tensor(values, 2 * Count, Width).requires_grad_(), shuffled = eye(4)[tensor(new long[] { 1, 2, 3, 0 })];
        float[] gradient = TorchNetwork.Floats(TorchNetwork.Export(autograd.grad([Loss(codes)], [codes])[0])).ToArray();
        FiniteDifferences.CheckSlopes(values, gradient, at =>
        {
            using DisposeScope inner = NewDisposeScope();
            return Loss(tensor(at, 2 * Count, Width)).Number();
        });
        Assert.True(ContrastiveLoss.Of(eye(4), shuffled, 0.5).Number() > ContrastiveLoss.Of(eye(4), eye(4), 0.5).Number() + 1);

        static Tensor Loss(Tensor codes) => ContrastiveLoss.Of(codes.narrow(0, 0, Count), codes.narrow(0, Count, Count), 0.5);
    }

    [Fact]
    public void A_row_keeps_all_but_a_share_of_its_features_which_other_rows_have_in_the_same_place()
    {
        const int Count = 40, Width = 10;
        // Value i + j/100 says where it is from.
        float[] values = [.. Enumerable.Range(0, Count * Width).Select(at => at / Width + at % Width / 100f)];
        Samples rows = new(values, new SampleShape(Width));
        CorruptedRows views = new(rows, 0.65, seed: 3);
        float[] first = new float[values.Length], second = new float[values.Length], again = new float[values.Length];
        float[] other = new float[values.Length];
        views.Fill(values, Count, 7, first, second);
        Assert.Equal(6, views.Replaced);
        Assert.Equal(values, first);
        int[] changes = new int[Width];
        for (int at = 0; at < values.Length; at++)
        {
            Assert.Equal(at % Width, (int)Math.Round(second[at] * 100) % 100);
            if (second[at] != values[at]) changes[at % Width]++;
        }
        for (int i = 0; i < Count; i++)
        {
            // One in forty is from the row itself.
            Assert.InRange(Enumerable.Range(i * Width, Width).Count(at => second[at] != values[at]), 4, 6);
        }
        // Each feature in its turn: 24 of 40 rows on average.
        Assert.All(changes, count => Assert.InRange(count, 10, 36));
        views.Fill(values, Count, 7, first, again);
        views.Fill(values, Count, 8, first, other);
        Assert.Equal(second, again);
        Assert.NotEqual(second, other);
    }

    [Fact]
    public void A_vector_over_its_length_has_length_1_however_long_it_was_and_zeros_stay()
    {
        float[] usual = [3, 4], huge = [float.PositiveInfinity, 0], zero = [0, 0], unknown = [float.NaN, 2];
        Assert.Equal(5, Contrastive.Normalize(usual), 1e-9);
        Assert.Equal([0.6f, 0.8f], usual);
        Contrastive.Normalize(huge);
        Assert.Equal([1, 0], huge);
        Assert.Equal(0, Contrastive.Normalize(zero));
        Assert.Equal([0, 0], zero);
        Contrastive.Normalize(unknown);
        Assert.Equal([0, 1], unknown);
    }

    [Fact]
    public void Features_of_rows_and_of_pictures_have_their_width_and_codes_come_from_them()
    {
        foreach (SampleShape shape in (SampleShape[])[new(6), new(3, 12, 12)])
        {
            using ContrastiveNetwork network = new(shape, [16, 32], 5, seed: 1);
            using DisposeScope scope = NewDisposeScope();
            network.eval();
            Tensor x = rand([2, .. shape.Dimensions.Select(extent => (long)extent)]), features = network.Features(x);
            Assert.Equal([2, 32], features.shape);
            Assert.Equal(32, network.Width);
            Assert.True(features.min().Number() >= 0);
            Assert.Equal([2, 5], network.call(x).shape);
            Assert.True((network.call(x) - network.Code(features)).abs().max().Number() < 1e-6f);
        }
    }

    [Theory, InlineData(ContrastiveScore.Neighbors), InlineData(ContrastiveScore.Distances), InlineData(ContrastiveScore.Norm)]
    public void The_loss_falls_and_all_scores_are_of_the_learnt_space(ContrastiveScore score)
    {
        using Detector detector = (Quick with { Score = score }).CreateDetector();
        List<FitProgress> reports = [];
        detector.Fit(Easy, new FitContext { Seed = 1, Progress = new Reporter(reports.Add) });
        Assert.All(reports, report => Assert.NotNull(report.ValidationLoss));
        Assert.True(reports[^1].Loss < reports[0].Loss - 0.1, $"Loss {reports[0].Loss} at first, {reports[^1].Loss} at the end.");
        float[] scores = detector.Score(Easy);
        // Codes of training samples have near neighbours: minus almost all of their length.
        if (score == ContrastiveScore.Norm) Assert.All(scores, value => Assert.True(value < 0));
        else Assert.InRange(EasyData.RocAuc(scores, Easy.Labels!), 0.9, 1);
        // Two unit vectors are 2 apart at most; features of what is far away are far away.
        float[] far = detector.Score(Easy.WithValues(Easy.Values.ToArray().Select(value => value * 1000).ToArray(), Easy.Shape));
        if (score == ContrastiveScore.Neighbors) Assert.All(far, value => Assert.InRange(value, 0, 2));
        if (score == ContrastiveScore.Distances) Assert.All(far, value => Assert.True(value > 2));
    }

    [Fact]
    public void An_encoder_without_layers_is_refused_with_advice()
    {
        OptionException refused = Assert.Throws<OptionException>(() => (Quick with { Hidden = [] }).CreateDetector());
        Assert.Contains("hidden", refused.Message, StringComparison.Ordinal);
    }

    private static ContrastiveOptions Quick { get; } = new() { Epochs = 12, BatchSize = 32, Hidden = [32, 32], Latent = 16 };

    private sealed class Reporter(Action<FitProgress> report) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => report(value);
    }
}
