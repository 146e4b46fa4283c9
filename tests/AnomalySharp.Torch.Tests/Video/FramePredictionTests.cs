using AnomalySharp.Sequences;
using AnomalySharp.Torch.Detectors.Prediction;
using AnomalySharp.Torch.Detectors.Reconstruction;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Tests.Video;

public class FramePredictionTests
{
    private static readonly WindowSettings Clips = new() { Length = 5 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0.1, -20)]
    [InlineData(0.01, -40)]
    // At least 10⁻¹⁰.
    [InlineData(0, -100)]
    public void The_score_is_the_negative_peak_signal_to_noise_ratio(double error, double score)
    {
        using var scope = NewDisposeScope();
        Tensor frame = zeros(2, 1, 4, 4), forecast = full_like(frame, 2 * error);
        Assert.All(FramePrediction.Score(frame, forecast).data<float>().ToArray(), value => Assert.Equal(score, value, 1e-3));
    }

    [Fact]
    public void The_gradient_loss_compares_absolute_differences_with_zeros_after_the_last_pixel()
    {
        using var scope = NewDisposeScope();
        Tensor frame = tensor(new float[] { 0, 1 }).view(1, 1, 1, 2), forecast = tensor(new float[] { 1, 0 }).view(1, 1, 1, 2);
        // Across: 1 and 1 against 1 and 0; down: 0 and 1 against 1 and 0.
        Assert.Equal(0.5 + 1, FramePrediction.GradientLoss(frame, forecast).item<float>(), 1e-6);
        Assert.Equal(0, FramePrediction.GradientLoss(frame, frame).item<float>());
    }

    [Fact]
    public void A_bouncing_square_is_forecast_better_than_by_persistence_and_a_jump_shows_in_the_frames_that_involve_it_and_no_others()
    {
        Random random = new(3);
        Dataset training = BouncingSquare.Videos([.. Enumerable.Range(0, 24).Select(_ => BouncingSquare.Path(random))]);
        TrainingSettings settings = new()
        {
            Windows = Clips,
            Normalization = ScoreNormalization.None,
            Context = new FitContext { Seed = 1, Threads = 1 },
        };
        using AnomalyModel model = AnomalyModel.Train(training, new FramePredictionOptions { Epochs = 15 }, settings);
        Dataset test = BouncingSquare.Videos([.. Enumerable.Range(0, 4).Select(_ => BouncingSquare.Path(random))]);
        float[] scores = model.Score(test, 1, Token).Scores.ToArray();
        int[] judged = [.. Enumerable.Range(0, test.Count).Where(frame => frame % BouncingSquare.Frames >= 4)];
        double forecast = judged.Average(frame => Math.Pow(10, scores[frame] / 10)), persistence = judged.Average(frame => Error(test.Samples!, frame));
        Assert.True(forecast < 0.8 * persistence, $"The mean squared error of forecasts is {forecast:G3}, of persistence {persistence:G3}.");

        const int Jump = 12;
        (int X, int Y)[] path = BouncingSquare.Path(random), jumping = [.. path];
        jumping[Jump] = ((path[Jump].X + 7) % 13, (path[Jump].Y + 7) % 13);
        float[] smooth = model.Score(BouncingSquare.Videos([path]), 1, Token).Scores.ToArray();
        float[] jumped = model.Score(BouncingSquare.Videos([jumping]), 1, Token).Scores.ToArray();
        for (int t = 0; t < BouncingSquare.Frames; t++)
        {
            if (t is < Jump or > Jump + 4) Assert.Equal(smooth[t], jumped[t]);
            else Assert.True(jumped[t] > smooth[t], $"Frame {t}: {jumped[t]} with the jump, {smooth[t]} without.");
        }
        Assert.InRange(Array.IndexOf(jumped, jumped.Max()), Jump, Jump + 4);
        // The heat map is of the frame's own errors.
        Samples map = model.Attribute(BouncingSquare.Videos([jumping]), [Jump], 1, Token);
        Assert.Equal(new SampleShape(1, BouncingSquare.Side, BouncingSquare.Side), map.Shape);
        int hottest = map[0].ToArray().Index().MaxBy(pixel => pixel.Item).Index;
        Assert.True(BouncingSquare.Videos([jumping]).Samples![Jump][hottest] == 1 || BouncingSquare.Videos([path]).Samples![Jump][hottest] == 1);
    }

    [Fact]
    public void With_an_adversary_both_learn_and_a_stored_model_scores_the_same()
    {
        Random random = new(4);
        Dataset videos = BouncingSquare.Videos(BouncingSquare.Path(random), BouncingSquare.Path(random));
        List<FitProgress> reports = [];
        using AnomalyModel model = AnomalyModel.Train(videos, new FramePredictionOptions { Epochs = 2, AdversarialWeight = 0.05 }, new TrainingSettings
        {
            Windows = Clips,
            Context = new FitContext { Seed = 1, Threads = 1, Progress = new Reporter(reports.Add) },
        });
        Assert.All(reports, report => Assert.True(report.Measures!["discriminator"] > 0 && report.Measures["forecaster"] > 0));
        Assert.NotEqual(reports[0].Measures!["discriminator"], reports[1].Measures!["discriminator"]);
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.anomaly");
        try
        {
            model.Save(path);
            using AnomalyModel loaded = AnomalyModel.Load(path);
            Assert.Equal(model.Score(videos, 1, Token).Scores.ToArray(), loaded.Score(videos, 1, Token).Scores.ToArray());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void An_autoencoder_of_clips_scores_a_frame_by_the_clips_that_it_is_in()
    {
        Random random = new(5);
        Dataset videos = BouncingSquare.Videos(BouncingSquare.Path(random));
        using AnomalyModel model = AnomalyModel.Train(videos, new FrameAutoencoderOptions { Epochs = 1 }, new TrainingSettings
        {
            Windows = Clips,
            Normalization = ScoreNormalization.None,
            Context = new FitContext { Seed = 1, Threads = 1 },
        });
        float[] frames = model.Score(videos, 1, Token).Scores.ToArray();
        int last = BouncingSquare.Frames - 5;
        float[] clips = [.. Enumerable.Range(0, last + 1).SelectMany(start => videos.Samples!.Slice(start, 5).Values.ToArray())];
        float[] steps = ((IStepScores)model.Detector).ScoreSteps(new Samples(clips, model.Shape));
        for (int t = 0; t < frames.Length; t++)
        {
            double mean = Enumerable.Range(0, last + 1).Where(start => t >= start && t < start + 5).Average(start => steps[(start * 5) + t - start]);
            Assert.Equal(mean, frames[t], 1e-6);
        }
    }

    [Fact]
    public void Pictures_and_rows_are_refused_with_what_to_do()
    {
        Samples frames = BouncingSquare.Videos(BouncingSquare.Path(new Random(6))).Samples!;
        DataException refused = Assert.Throws<DataException>(() => AnomalyModel.Train(frames, new FramePredictionOptions()));
        Assert.Contains("--window", refused.Message, StringComparison.Ordinal);
    }

    private static double Error(Samples frames, int frame)
    {
        double sum = 0;
        for (int j = 0; j < frames.Shape.Length; j++) sum += Math.Pow(frames[frame][j] - frames[frame - 1][j], 2);
        return sum / frames.Shape.Length;
    }

    private sealed class Reporter(Action<FitProgress> report) : IProgress<FitProgress>
    {
        public void Report(FitProgress value) => report(value);
    }
}
