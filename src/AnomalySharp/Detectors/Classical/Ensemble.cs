using System.ComponentModel;
using System.Numerics.Tensors;
using AnomalySharp.FeatureExtraction;
using AnomalySharp.Persistence;

namespace AnomalySharp.Detectors.Classical;

/// <summary>How an ensemble joins its members' scores.</summary>
public enum EnsembleCombination
{
    /// <summary>The mean of the scores, each less its mean over the training samples and divided by its standard deviation there.</summary>
    Standardized,

    /// <summary>The mean of the shares of training samples that score lower; all beyond the highest of them are equal.</summary>
    Ranks,

    /// <summary>The greatest of the standardised scores: one member that is sure is enough.</summary>
    Maximum,
}

/// <summary>Options of <see cref="Ensemble"/>.</summary>
[Detector("ensemble", Family = DetectorFamily.Classical,
    Summary = "What several detectors together find abnormal is abnormal.",
    Paper = "Aggarwal, Sathe: Theoretical Foundations and Algorithms for Outlier Ensembles. SIGKDD Explorations 17(1), 2015.")]
public sealed record EnsembleOptions : DetectorOptions
{
    /// <summary>
    /// Names of the catalogue, separated by commas; each with its defaults, and where <c>@</c> follows, on features of its own, written as
    /// <see cref="FeatureCatalog.Parse"/> reads them: <c>knn@autoencoder:8,knn@onnx:m.onnx:pool,isolation-forest</c>. The default value is
    /// <c>knn,isolation-forest,gmm</c>.
    /// </summary>
    [Description("The members: names of detectors, separated by commas, each with its defaults; NAME@FEATURES sees features, as for --features.")]
    public string Detectors { get; init; } = "knn,isolation-forest,gmm";

    /// <summary>How scores are joined. The default value is the mean of the standardised scores.</summary>
    [Description("How scores are joined: the mean of standardised scores, the mean of their ranks in training, or the greatest standardised one.")]
    public EnsembleCombination Combine { get; init; } = EnsembleCombination.Standardized;

    /// <summary>None: every member scales its features as it wants them.</summary>
    public override Preprocessing.FeatureScaling PreferredScaling => Preprocessing.FeatureScaling.None;

    /// <inheritdoc/>
    protected override Detector Create()
    {
        (DetectorEntry Entry, IFeatureOptions? Features)[] members = [.. Split(Detectors).Select(Parse)];
        if (members.Length == 0) throw new OptionException("Option 'detectors' is empty; allowed: names of detectors, separated by commas.");
        if (members.Any(member => member.Entry.OptionsType == typeof(EnsembleOptions)))
        {
            throw new OptionException("Option 'detectors' names an ensemble: name its members.");
        }
        foreach ((DetectorEntry entry, IFeatureOptions? features) in members)
        {
            using FeatureExtractor? extractor = features?.CreateExtractor(entry.CreateOptions().PreferredFeatures);
            if (extractor is not { SeesGraph: true } && entry.Info.Kinds != DataKinds.Graph) continue;
            throw new OptionException($"Option 'detectors': the member '{entry.Name}' sees edges, and members of an ensemble do not. Give all of them --features.");
        }
        return new Ensemble(this, [.. members.Select(member => new EnsembleMember(member.Entry, member.Features))]);
    }

    // Outputs of a network stand between commas, too: after features, only the name of a detector starts a member.
    private static List<string> Split(string text)
    {
        List<string> members = [];
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string name = part.Split('@')[0].Trim();
            bool goesOn = members is [.., var last] && last.Contains('@', StringComparison.Ordinal)
                && !DetectorCatalog.All.Any(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (goesOn) members[^1] += "," + part;
            else members.Add(part);
        }
        return members;
    }

    private static (DetectorEntry, IFeatureOptions?) Parse(string member)
    {
        int at = member.IndexOf('@', StringComparison.Ordinal);
        return at < 0
            ? (DetectorCatalog.Find(member), null)
            : (DetectorCatalog.Find(member[..at].Trim()), FeatureCatalog.Parse(member[(at + 1)..]));
    }
}

/// <summary>
/// Detectors side by side: each is trained on all samples or on features of them, by one thread, several at a time; their scores are made comparable by
/// what they are on the training samples, and joined.
/// </summary>
public sealed class Ensemble : Detector
{
    private readonly EnsembleOptions _options;
    private readonly EnsembleMember[] _members;

    internal Ensemble(EnsembleOptions options, EnsembleMember[] members) => (_options, _members) = (options, members);

    /// <inheritdoc/>
    public override int MinimumSamples => _members.Max(member => member.MinimumSamples);

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(context.Cancellation);
        FitContext inner = context with { Threads = 1, Progress = null, CheckpointPath = null, Resume = false, Cancellation = stop.Token };
        // One thread each; no more of them at a time than the caller has.
        using SemaphoreSlim free = new(context.Threads);
        List<Task<Action<FitContext>>> running = [.. _members.Select(member => Task.Run(async () =>
        {
            await free.WaitAsync(stop.Token).ConfigureAwait(false);
            try
            {
                return member.Fit(samples, inner);
            }
            finally
            {
                free.Release();
            }
        }))];
        Task all = Task.WhenAll(running);
        try
        {
            for (int done = 1; running.Count > 0; done++)
            {
                Task<Action<FitContext>> finished = running[Task.WaitAny([.. running], CancellationToken.None)];
                running.Remove(finished);
                // Here, on the training thread: what members had to say, and what went wrong with them.
                finished.GetAwaiter().GetResult()(context);
                context.Progress?.Report(new FitProgress("training members", done, _members.Length));
                context.Cancellation.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            stop.Cancel();
            // The others are in the middle of a step: they may not outlive the samples.
            ((IAsyncResult)all).AsyncWaitHandle.WaitOne();
            _ = all.Exception;
        }
    }

    /// <inheritdoc/>
    protected override float[] ScoreCore(Samples samples)
    {
        double[] joined = new double[samples.Count];
        if (_options.Combine == EnsembleCombination.Maximum) Array.Fill(joined, double.NegativeInfinity);
        foreach (EnsembleMember member in _members)
        {
            double[] scores = member.Score(samples, _options.Combine == EnsembleCombination.Ranks);
            if (_options.Combine == EnsembleCombination.Maximum) TensorPrimitives.Max(joined, scores, joined);
            else TensorPrimitives.MultiplyAdd(scores, 1.0 / _members.Length, joined, joined);
        }
        return [.. joined.Select(score => (float)score)];
    }

    /// <summary>The mean of the members' attributions, those of each divided by their greatest absolute value in the sample.</summary>
    /// <inheritdoc/>
    protected override float[] AttributeCore(Samples samples)
    {
        int width = samples.Shape.Length;
        float[] result = new float[samples.Values.Length];
        foreach (EnsembleMember member in _members)
        {
            float[] part = member.Attribute(samples);
            for (int start = 0; start < part.Length; start += width)
            {
                Span<float> row = part.AsSpan(start, width);
                float most = MathF.Abs(TensorPrimitives.MaxMagnitude<float>(row));
                if (!(most > 0)) continue;
                TensorPrimitives.Divide(row, most, row);
                TensorPrimitives.MultiplyAdd(row, 1f / _members.Length, result.AsSpan(start, width), result.AsSpan(start, width));
            }
        }
        return result;
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        for (int i = 0; i < _members.Length; i++) state.AddPart($"member{i}", _members[i].GetState());
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        for (int i = 0; i < _members.Length; i++) _members[i].SetState(state.GetPart($"member{i}"), shape);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (EnsembleMember member in _members) member.Dispose();
        base.Dispose(disposing);
    }
}
