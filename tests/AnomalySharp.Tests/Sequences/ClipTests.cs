using AnomalySharp.Detectors.Prediction;
using AnomalySharp.Sequences;

namespace AnomalySharp.Tests.Sequences;

public sealed class ClipTests : IDisposable
{
    private static readonly SampleShape Frame = new(1, 2, 3);

    private static readonly WindowSettings Pairs = new() { Length = 2 };

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"clips-{Guid.NewGuid():N}.anomaly");

    public void Dispose() => File.Delete(_file);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Clips_go_over_no_border_of_videos_and_share_the_values_of_their_frames()
    {
        Dataset videos = Videos(3, 4);
        WindowIndex clips = WindowIndex.Every(SeriesRuns.Of(videos, Pairs), length: 2, stride: 1);
        Samples cut = clips.Cut(videos.Samples!, 0, clips.Count);
        Assert.Equal(new SampleShape(2, 1, 2, 3), cut.Shape);
        Assert.Equal(DataKinds.Video, cut.Shape.Kind);
        int[] starts = [0, 1, 3, 4, 5];
        Assert.Equal(starts.Length, cut.Count);
        Assert.True(cut.SharesValues);
        for (int k = 0; k < starts.Length; k++)
        {
            Assert.Equal(videos.Samples!.Slice(starts[k], 2).Values.ToArray(), cut[k].ToArray());
            Assert.True(cut[k].Overlaps(videos.Samples.Values.Span));
        }
        // Whoever wants them apart gets them so, also of a part.
        Assert.Equal(starts.SelectMany(start => videos.Samples!.Slice(start, 2).Values.ToArray()), cut.Values.ToArray());
        Assert.Equal(cut.Values[24..48].ToArray(), cut.Slice(2, 2).Values.ToArray());
        Assert.Equal(cut[4].ToArray(), cut.Select([4, 0])[0].ToArray());
    }

    [Fact]
    public void Frames_of_a_bad_value_are_named_by_their_clip()
    {
        float[] values = new float[24];
        values[13] = float.NaN;
        Samples clips = Samples.Overlapping(values, new SampleShape(2, 6), Enumerable.Range(0, 3).Select(k => 6 * k).ToArray());
        DataException refused = Assert.Throws<DataException>(clips.RequireFinite);
        Assert.Contains("row 1, column 'f7' is NaN", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Persistence_scores_every_frame_but_the_first_of_each_video_by_its_change_and_a_model_file_remembers_the_clips()
    {
        Dataset videos = Videos(30, 40);
        TrainingSettings settings = new() { Windows = Pairs, Normalization = ScoreNormalization.None };
        using AnomalyModel model = AnomalyModel.Train(videos, new PersistenceOptions(), settings);
        Assert.Equal(Frame, model.RowShape);
        ScoredSamples scored = model.Score(videos, 1, Token);
        Assert.Contains(scored.Notes, note => note.StartsWith("2 rows are judged by no window", StringComparison.Ordinal));
        double[] changes = [.. Enumerable.Range(0, 70).Select(i => i is 0 or 30 ? double.NaN : Change(videos.Samples!, i))];
        double usual = changes.Where(change => !double.IsNaN(change)).Average();
        for (int i = 0; i < 70; i++)
        {
            if (!double.IsNaN(changes[i])) Assert.Equal(changes[i] / usual, scored.Scores.Span[i], 1e-4);
        }
        Samples map = model.Attribute(videos, [7], 1, Token);
        Assert.Equal(Frame, map.Shape);
        Assert.Equal(scored.Scores.Span[7], map[0].ToArray().Sum(), 1e-4);

        model.Save(_file);
        using AnomalyModel loaded = AnomalyModel.Load(_file);
        Assert.Equal(scored.Scores.ToArray(), loaded.Score(videos, 1, Token).Scores.ToArray());
    }

    [Fact]
    public void Clips_are_normalised_causally_where_nothing_is_said_and_the_model_file_remembers_the_range()
    {
        Dataset videos = Videos(30, 40);
        using AnomalyModel model = AnomalyModel.Train(videos, new PersistenceOptions(), new TrainingSettings { Windows = Pairs });
        float[] scores = model.Score(videos, 1, Token).Scores.ToArray();
        Assert.Equal((0f, 1f), (scores.Min(), scores.Max()));
        // A score depends on nothing that comes later.
        Dataset beginning = videos.Select([.. Enumerable.Range(0, 20)]);
        Assert.Equal(scores[..20], model.Score(beginning, 1, Token).Scores.ToArray());
        Assert.Equal(scores[7], model.Explain(videos, [7])[0].Score);

        model.Save(_file);
        using AnomalyModel loaded = AnomalyModel.Load(_file);
        Assert.Equal(model.ScoreRange, loaded.ScoreRange);
        Assert.Equal(scores, loaded.Score(videos, 1, Token).Scores.ToArray());
    }

    [Theory]
    [InlineData(ScoreNormalization.None, 2f, 6f, 4f, 1f, 3f)]
    // From the training's 2 to 4 on: 6 widens it to 2…6, and 1 to 1…6; the next series begins anew.
    [InlineData(ScoreNormalization.Causal, 0f, 1f, 0.5f, 0f, 0.5f)]
    [InlineData(ScoreNormalization.Video, 0.2f, 1f, 0.6f, 0f, 0f)]
    public void Scores_are_normalised_series_by_series(ScoreNormalization normalization, params float[] expected)
    {
        ScoreRange range = ScoreRange.Of(normalization, [2, float.NaN, 4]);
        float[] normalized = range.Normalize([2, 6, 4, 1, 3, float.NaN], [[0, 1, 2, 3], [4, 5]]);
        Assert.Equal([.. expected, float.NaN], normalized);
    }

    [Fact]
    public void Where_all_scores_are_equal_they_are_0() =>
        Assert.Equal([0f, 0f], ScoreRange.Of(ScoreNormalization.Causal, [3, 3]).Normalize([3, 3], [[0, 1]]));

    [Fact]
    public void A_threshold_above_all_normalised_scores_comes_down_to_where_it_can_be_passed()
    {
        TrainingSettings settings = new() { Windows = Pairs, Threshold = AnomalySharp.Thresholding.ThresholdRule.Parse("median-mad:1000") };
        using AnomalyModel model = AnomalyModel.Train(Videos(30, 40), new PersistenceOptions(), settings);
        Assert.Equal(MathF.BitDecrement(1), model.Threshold);
        Assert.Contains(model.Summary.Notes, note => note.Contains("above all normalised scores", StringComparison.Ordinal));
    }

    [Fact]
    public void Normalisation_without_windows_and_windows_of_clips_are_refused()
    {
        Dataset videos = Videos(30, 40);
        Assert.Throws<OptionException>(() => AnomalyModel.Train(
            videos, new PersistenceOptions(), new TrainingSettings { Normalization = ScoreNormalization.Video }));
        DataException refused = Assert.Throws<DataException>(() => AnomalyModel.Train(videos, new AutoregressionOptions(), new TrainingSettings { Windows = Pairs }));
        Assert.Contains("autoregression", refused.Message, StringComparison.Ordinal);
    }

    private static double Change(Samples frames, int i) =>
        Enumerable.Range(0, frames.Shape.Length).Average(j => Math.Pow(frames[i][j] - frames[i - 1][j], 2));

    private static Dataset Videos(params int[] lengths)
    {
        Random random = new(7);
        int count = lengths.Sum();
        float[] values = [.. Enumerable.Range(0, count * Frame.Length).Select(_ => random.NextSingle())];
        string[] series = [.. lengths.SelectMany((length, video) => Enumerable.Repeat($"video {video}", length))];
        return new Dataset(new Samples(values, Frame)) { Series = series };
    }
}
