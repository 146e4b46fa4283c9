using System.Collections.Concurrent;
using AnomalySharp.Graphs;
using AnomalySharp.Sequences;

namespace AnomalySharp.Tests.Contract;

/// <summary>One method of the catalogue on one kind of data, with training cut down to what the easy data needs.</summary>
internal sealed class ContractCase
{
    private static readonly ConcurrentDictionary<string, Lazy<Detector>> Trained = new();

    private ContractCase(DetectorEntry entry, DataKinds kind) => (Entry, Kind) = (entry, kind);

    /// <summary>
    /// All cases of this project, by name: where libtorch is referenced those that need it, elsewhere those that do not. So every case runs once.
    /// </summary>
    public static IReadOnlyDictionary<string, ContractCase> All { get; } = Find();

    public DetectorEntry Entry { get; }

    public DataKinds Kind { get; }

    public SampleShape Shape => EasyData.ShapeOf(Kind);

    /// <summary>Whether it judges the last steps of a window by those before them, and nothing else.</summary>
    public bool JudgesTheEnd => IsInTime && Entry.Info.Family == DetectorFamily.Prediction;

    /// <summary>Whether it scores the steps of a window, too.</summary>
    public bool ScoresSteps
    {
        get
        {
            using Detector detector = Entry.CreateOptions().CreateDetector();
            return IsInTime && detector is IStepScores;
        }
    }

    /// <summary>Normal samples to learn from: fewer pictures and clips, which take longer, and nodes, which are scored all at once.</summary>
    public int NormalCount => HasPixels ? 120 : Kind == DataKinds.Graph ? 90 : 400;

    /// <summary>400 normal samples and 12 anomalies to learn from, or fewer.</summary>
    public Samples Training => HasPixels || Kind == DataKinds.Graph
        ? EasyData.Create(Kind, NormalCount, 6, seed: 1, JudgesTheEnd)
        : EasyData.Create(Kind, 400, 12, seed: 1, JudgesTheEnd);

    /// <summary>Whether samples are pictures or clips of them.</summary>
    public bool HasPixels => Kind is DataKinds.Image or DataKinds.Video;

    private bool IsInTime => Kind is DataKinds.Sequence or DataKinds.Video;

    /// <summary>Samples like the training ones that no method has seen.</summary>
    public Samples Test { get => field ??= EasyData.Create(Kind, 60, 12, seed: 2, JudgesTheEnd); private set; }

    /// <summary>Samples of the shape with these values; nodes are not connected.</summary>
    public Samples Of(float[] values)
    {
        Samples samples = new(values, Shape);
        return Kind == DataKinds.Graph ? samples.WithGraph(Graph.OfEdges(samples.Count, [], [])) : samples;
    }

    /// <summary>The first samples; of a graph with the edges among them.</summary>
    public Samples First(Samples samples, int count) =>
        Kind == DataKinds.Graph ? samples.Select([.. Enumerable.Range(0, count)]) : samples.Slice(0, count);

    /// <summary>Defaults, with less training where the method has an option for that.</summary>
    public DetectorOptions Options
    {
        get
        {
            Dictionary<string, string> settings = [];
            if (Entry.Options.Any(option => option.Name == "epochs"))
            {
                settings["epochs"] = HasPixels ? "4" : "30";
                if (Entry.Options.Any(option => option.Name == "batchSize")) settings["batchSize"] = "32";
                // Larger steps make up for fewer, where the method has no step size of its own.
                if (Entry.Options.Any(option => option is { Name: "learningRate", Default: 1e-3 })) settings["learningRate"] = "0.005";
            }
            if (Entry.Options.Any(option => option.Name == "criticSteps"))
            {
                // Their steps cost several times those of others, and their own are for tens of thousands of them.
                settings["learningRate"] = "0.005";
                settings["epochs"] = HasPixels ? "3" : "10";
                if (Entry.Options.Any(option => option.Name == "width")) settings["width"] = HasPixels ? "4" : "32";
                if (Entry.Options.Any(option => option.Name == "searchSteps")) settings["searchSteps"] = "6";
                if (Entry.Options.Any(option => option.Name == "restarts")) settings["restarts"] = "1";
            }
            if (Entry.Options.Any(option => option.Name == "transformations" && option.Type.IsEnum))
            {
                // A score asks the network once for each of them, and an attribution many times.
                settings["transformations"] = "rotations";
                settings["epochs"] = "8";
            }
            if (Entry.Options.Any(option => option.Name == "rounds"))
            {
                // Epochs are per round there: as many in all as the others have.
                settings["rounds"] = HasPixels ? "2" : "3";
                settings["epochs"] = HasPixels ? "2" : "10";
            }
            return DetectorOption.Apply(Entry.CreateOptions(), settings);
        }
    }

    /// <summary>A detector of its own, trained.</summary>
    public Detector Train(Samples samples, FitContext? context = null)
    {
        Detector detector = Options.CreateDetector();
        detector.Fit(samples, context ?? new FitContext { Seed = 1, Threads = 2 });
        return detector;
    }

    /// <summary>A detector trained on <see cref="Training"/> that tests share: only for scoring.</summary>
    public Detector Shared => Trained.GetOrAdd($"{Entry.Name} {Kind}", _ => new Lazy<Detector>(() => Train(Training))).Value;

    private static Dictionary<string, ContractCase> Find()
    {
        bool torch = OptionalAssembly.Torch is not null;
        Dictionary<string, ContractCase> cases = [];
        foreach (DetectorEntry entry in DetectorCatalog.All)
        {
            foreach (DataKinds kind in new[] { DataKinds.Table, DataKinds.Image, DataKinds.Sequence, DataKinds.Video, DataKinds.Graph })
            {
                if (!entry.Info.Kinds.HasFlag(kind) || entry.Info.TorchKinds.HasFlag(kind) != torch) continue;
                cases.Add($"{entry.Name} on a {kind.ToString().ToLowerInvariant()}", new ContractCase(entry, kind));
            }
        }
        return cases;
    }
}
