using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using AnomalySharp.Conditioning;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Preprocessing;
using AnomalySharp.Sequences;
using AnomalySharp.Tables;
using AnomalySharp.Thresholding;

namespace AnomalySharp;

/// <summary>From data to a model: preprocessing, detector, threshold, probability.</summary>
internal static class ModelTraining
{
    public static AnomalyModel Run(Dataset data, DetectorOptions options, TrainingSettings settings) =>
        Run(data, DetectorCatalog.Find(options), options, settings);

    /// <summary>The same for a method that is in no catalogue.</summary>
    public static AnomalyModel Run(Dataset data, DetectorEntry entry, DetectorOptions options, TrainingSettings settings)
    {
        long started = Stopwatch.GetTimestamp();
        // Rows of an array are as good as those of a table, and have names of columns.
        if (settings.ContextColumns is not null && data.Samples is { Shape.Rank: 1 } array) data = ModelParts.AsTable(array, data);
        ThresholdRule rule = Validate(data, settings);
        if (settings.Features is not null && entry.Info.Kinds == DataKinds.Graph)
        {
            throw new OptionException($"The detector '{entry.Name}' sees the graph itself. Leave --features away, or name another detector.");
        }
        Dataset training = settings.NormalOnly ? NormalRows(data) : data;
        if (training.Count == 0) throw new DataException($"{data.Source} has no {(settings.NormalOnly ? "rows labelled 0" : "rows")} to train on.");

        List<string> notes = [.. data.Notes];
        if (data.Graph is { } whole && training.Graph is { } learntFrom && learntFrom.EdgeCount < whole.EdgeCount)
        {
            notes.Add($"Of {whole.EdgeCount} edges, the {learntFrom.EdgeCount} among rows labelled 0 were learnt from.");
        }
        TableEncoder? encoder = null;
        ContextStage? given = null;
        if (training.Table is not null)
        {
            Table table = ModelParts.WithoutLabels(training.Table, settings.LabelColumn, settings.Windows, settings.ContextColumns);
            encoder = TableEncoder.Fit(table, settings.Encoding, out IReadOnlyList<string> said);
            notes.AddRange(said);
            if (settings.ContextColumns is { } columns)
            {
                ContextLayout.RequireFeatures(encoder, columns, said, data.Source);
                given = ContextStage.Fit(encoder, [.. columns.Distinct()], encoder.Encode(table).Samples, settings.Context);
            }
        }
        // Windows need all rows in their places, also those that are not learnt from.
        Samples rows = Encode(encoder, given, settings.Windows is null ? training : data, settings), samples = rows;
        // Scaling would turn what is not finite into something else, and the message into a riddle.
        ModelParts.RequireFinite(data.Source, rows);
        WindowSettings? windows = settings.Windows;
        SeriesRuns? series = null;
        if (windows is not null)
        {
            if (rows.Graph is not null) throw new DataException($"{data.Source} is a graph, whose nodes have no order of time. Leave --edges or --window away.");
            if (rows.Shape.Rank is not (1 or 3))
            {
                throw new DataException($"Windows are cut from rows or frames, and {data.Source} holds samples of shape {rows.Shape}. Leave --window away.");
            }
            series = SeriesRuns.Of(data, windows, settings.NormalOnly);
            notes.AddRange(series.Notes);
            windows = windows with { UsualStep = series.UsualStep };
            samples = WindowIndex.Training(series, windows, rows, data.Source);
        }
        if (settings.Features is null) RequireKind(entry, samples);

        ProgressRecorder recorder = new(settings.Context.Progress);
        Detector detector = options.CreateDetector();
        FeatureStage? features = null;
        try
        {
            RequireEnough(detector, entry, data.Source, samples.Count);
            FitContext context = settings.Context with
            {
                Progress = recorder,
                Warning = text =>
                {
                    // Of a warning in every epoch one is enough.
                    if (!notes.Contains(text)) notes.Add(text);
                    settings.Context.Warn(text);
                },
                Remark = text =>
                {
                    notes.Add(text);
                    settings.Context.Note(text);
                },
                Contamination = settings.Contamination ?? settings.Context.Contamination,
                NeighborsOverlap = settings.Windows is not null,
                KnownLabels = settings.Windows is null ? training.Labels ?? Given(settings.Context.KnownLabels, samples.Count) : null,
            };
            if (settings.Features is { } extraction) features = FeatureStage.Fit(extraction, options.PreferredFeatures, samples, context);
            Samples seen = features?.ExtractAll(samples, context) ?? samples;
            if (features is not null) RequireKind(entry, seen);
            if (!detector.SeesGraph) seen = seen.WithGraph(null);
            FeatureScaler scaler = FeatureScaler.Fit(seen, settings.Scaling ?? options.PreferredScaling);
            Samples learnt = scaler.Apply(seen);
            if (settings.Denoise)
            {
                (learnt, string note) = LowRankPart.Of(learnt, settings.Context.Cancellation);
                notes.Add(note);
            }
            detector.Fit(learnt, context);
            CancellationToken cancellation = settings.Context.Cancellation;
            // Of features, what was extracted for training is scored as it is.
            Samples judged = series is null && !rule.NeedsLabels ? RandomRows.ToThreshold(seen, detector.MostThresholdSamples, context) : seen;
            ScoreNormalization normalization = settings.Normalization
                ?? (samples.Shape.Kind == DataKinds.Video ? ScoreNormalization.Causal : ScoreNormalization.None);
            ScoreRange? range = null;
            float[] all = series is not null || (features is null && judged == seen)
                ? Scores(rows, series)
                : BlockedDetector.Score(detector, scaler, judged, settings.Context.Threads, cancellation);
            float[] scores = [.. all.Where(score => !float.IsNaN(score))];
            float unjudged = series is null ? 0 : Median(scores);
            // Labelled rules need anomalies to choose by, also where only normal rows were learnt from.
            float[] ruled = !rule.NeedsLabels ? scores
                : !settings.NormalOnly ? all
                : Scores(Encode(encoder, given, data, settings), series is null ? null : SeriesRuns.Of(data, windows!));
            for (int i = 0; i < ruled.Length; i++) ruled[i] = float.IsNaN(ruled[i]) ? unjudged : ruled[i];
            float threshold = rule.Find(ruled, rule.NeedsLabels ? data.Labels : null, settings.Contamination);
            if (series is not null && normalization != ScoreNormalization.None && threshold >= 1)
            {
                threshold = MathF.BitDecrement(1);
                notes.Add("By its rule the threshold is above all normalised scores, which are at most 1: only what is beyond all that came before is abnormal.");
            }
            ModelParts parts = new()
            {
                Entry = entry,
                Options = options,
                Shape = samples.Shape,
                Features = features,
                Encoder = encoder,
                Context = given,
                FeatureNames = encoder is null ? rows.FeatureNames : null,
                Scaler = scaler,
                Usual = encoder is null ? UsualRanges(samples) : [],
                ThresholdRule = rule,
                Probability = AnomalyProbability.Fit(scores, threshold),
                Contamination = settings.Contamination ?? scores.Count(score => score > threshold) / (double)scores.Length,
                LabelColumn = settings.LabelColumn,
                Windows = windows,
                UnjudgedScore = unjudged,
                ScoreRange = range,
                Summary = new TrainingSummary
                {
                    Rows = samples.Count,
                    Features = seen.Shape.Length,
                    Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds,
                    Seed = settings.Context.Seed,
                    Threads = settings.Context.Threads,
                    Version = Version,
                    TrainedAt = DateTime.UtcNow,
                    Notes = notes,
                    History = recorder.History,
                },
            };
            return new AnomalyModel(parts, detector);

            float[] Scores(Samples of, SeriesRuns? inSeries)
            {
                if (inSeries is null) return BlockedDetector.Score(detector, scaler, of, settings.Context.Threads, cancellation, features);
                float[] raw = new RowScores(detector, features, scaler, of, settings.Context.Threads, cancellation)
                    .Of(WindowIndex.Every(inSeries, windows!.Length, stride: 1));
                // What is scored first is what was learnt from.
                range ??= ScoreRange.Of(normalization, raw);
                return range.Normalize(raw, inSeries.Runs);
            }
        }
        catch
        {
            detector.Dispose();
            features?.Dispose();
            given?.Dispose();
            throw;
        }
    }

    /// <summary>Version of this assembly, without the commit that a build may append.</summary>
    public static string Version { get; } =
        typeof(ModelTraining).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0.0.0";

    private static Samples Encode(TableEncoder? encoder, ContextStage? given, Dataset data, TrainingSettings settings)
    {
        if (encoder is null) return data.Samples!;
        Table table = ModelParts.WithoutLabels(data.Table!, settings.LabelColumn, settings.Windows, settings.ContextColumns);
        Samples encoded = encoder.Encode(table).Samples;
        return (given?.Apply(encoded) ?? encoded).WithGraph(data.Graph);
    }

    private static float Median(float[] scores)
    {
        float[] sorted = [.. scores.Order()];
        return (float)ThresholdRule.Quantile(sorted, 0.5);
    }

    private static ThresholdRule Validate(Dataset data, TrainingSettings settings)
    {
        if (settings.Contamination is not null) ThresholdRule.RequireContamination(settings.Contamination);
        settings.Windows?.Validate();
        if (settings.ContextColumns is { } columns) ContextLayout.Require(columns, data, settings.LabelColumn, settings.Windows?.TimeColumn);
        if (settings.Normalization is not null && settings.Windows is null)
        {
            throw new OptionException(
                "Scores are normalised series by series, and without windows there is no series. Give --window too, or leave --normalize away.");
        }
        if (settings.Context.Threads < 1) throw new OptionException($"The number of threads is {settings.Context.Threads}; allowed: 1 or more.");
        if (settings.Scaling is { } scaling && !Enum.IsDefined(scaling)) throw new OptionException($"Unknown scaling {(int)scaling}.");
        if (!Enum.IsDefined(settings.Encoding)) throw new OptionException($"Unknown category encoding {(int)settings.Encoding}.");
        ThresholdRule rule = settings.Threshold ?? new(settings.Contamination is null ? ThresholdKind.MedianMad : ThresholdKind.Contamination);
        // What can be known before a long training is said before it.
        rule.Validate();
        if (rule.Kind == ThresholdKind.Contamination) ThresholdRule.RequireContamination(settings.Contamination);
        if (rule.NeedsLabels) rule.RequireLabels(data.Count, data.Labels);
        return rule;
    }

    private static Dataset NormalRows(Dataset data)
    {
        if (data.Labels is not { } labels)
        {
            throw new DataException($"{data.Source} has no labels, and normal-only training needs to know which rows are normal. Give --label.");
        }
        return data.Select([.. Enumerable.Range(0, labels.Count).Where(i => labels[i] == 0)]);
    }

    private static IReadOnlyList<byte>? Given(IReadOnlyList<byte>? labels, int count) => labels is null || labels.Count == count ? labels
        : throw new DataException($"There are {labels.Count} known labels for {count} training samples: give one for each.");

    private static void RequireEnough(Detector detector, DetectorEntry entry, string source, int count)
    {
        if (count >= detector.MinimumSamples) return;
        throw new DataException(
            $"In {source}: {entry.Name} needs at least {detector.MinimumSamples} samples to learn from, and there {(count == 1 ? "is 1" : $"are {count}")}. "
            + $"Add rows{(entry.Options.Any(option => option.Name == "k") ? ", lower k" : "")}, or choose another detector.");
    }

    private static void RequireKind(DetectorEntry entry, Samples samples)
    {
        SampleShape shape = samples.Shape;
        if (samples.Graph is not null && entry.Info.Kinds.HasFlag(DataKinds.Graph)) return;
        if (shape.Kind != DataKinds.None && entry.Info.Kinds.HasFlag(shape.Kind)) return;
        DataKinds lacking = entry.Info.Kinds & (DataKinds.Sequence | DataKinds.Video);
        string remedy = (shape.Kind, lacking) switch
        {
            (DataKinds.Table, not DataKinds.None) when entry.Info.Kinds == lacking && lacking.HasFlag(DataKinds.Sequence) =>
                " Rows over time become windows of a sequence with --time or --window.",
            (DataKinds.Image, _) when lacking.HasFlag(DataKinds.Video) => " Frames become clips of a video with --window, such as --window 5.",
            (DataKinds.Video, _) when entry.Info.Kinds.HasFlag(DataKinds.Image) => " Leave --window away: it works on single frames.",
            (DataKinds.Table, _) when entry.Info.Kinds == DataKinds.Graph => " Rows become nodes of a graph with --edges.",
            _ => "",
        };
        throw new DataException(string.Create(
            CultureInfo.InvariantCulture,
            $"The detector '{entry.Name}' works on {entry.Info.Kinds.ToString().ToLowerInvariant()} data, and the samples have shape {shape}.{remedy}"));
    }

    private static UsualRange[] UsualRanges(Samples samples)
    {
        ValueGroups groups = new(samples.Shape);
        UsualRange[] ranges = new UsualRange[groups.Count];
        for (int g = 0; g < ranges.Length; g++)
        {
            float[] sorted = groups.SortedValues(samples, g);
            ranges[g] = new((float)ThresholdRule.Quantile(sorted, UsualValues.Tail), (float)ThresholdRule.Quantile(sorted, 1 - UsualValues.Tail));
        }
        return ranges;
    }
}
