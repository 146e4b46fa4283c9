using AnomalySharp.Preprocessing;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>Defects of magnetic tiles by the features of a pre-trained network: patch-core, padim, and kNN of whole pictures.</summary>
internal sealed class DefectsFeatures : Experiment
{
    private const string Network = "models/mobilenet-v2-224.onnx";

    // σ = 4 on pictures of 256 pixels, as the papers smooth their maps, on pictures of 128.
    private const double Sigma = 4.0 * DefectTrial.Side / 256;

    private const int QuickLimit = 60;

    // Speed is of extracting, too: nothing may come from an earlier run.
    private const string Preprocessing = "mean=128;deviation=128;cacheMegabytes=0";

    private static readonly string Maps = $"onnx:{{{Network}}}:f28_32,f14_96[{Preprocessing}]", Pooled = $"onnx:{{{Network}}}:pool_1280[{Preprocessing}]";

    public override string Name => "defects-features";

    public override string Title => "Defects of magnetic tiles by pre-trained features";

    public override string Protocol(bool quick) =>
        "As the experiment defects (pictures of magnetic tiles, normal-only: a random half of the pictures without defect trains), on pictures of 128×128. The "
        + "features are those of a MobileNetV2 trained on ImageNet, which sees the pictures resized to 224×224, grey as three equal channels: for patch-core and "
        + "padim its layers of 28×28 (32 channels) and 14×14 (96), the second up-sampled to the first; for knn, which has no maps of its own, the mean of its last "
        + "layer (1,280 values). The heat map is the distance of each place, up-sampled to the picture's size and smoothed with a Gaussian of "
        + $"σ = {Sigma:0.#} pixels. Masks and labels reach neither training nor heat maps.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        "There are no published figures for this protocol on this set: the columns are ours only. On MVTec, which the papers measure on, their networks are larger "
        + "(Wide ResNet 50, ResNet 18).",
        "PatchCore and PaDiM take the network's stages of strides 8 and 16 (of a ResNet the second and third); PaDiM's first stage, of stride 4, is left out here.",
        "Each picture is of another tile; PaDiM's Gaussians are of places, and suppose that pictures are aligned.",
        "The score of a picture is the greatest of the map that is not smoothed; PaDiM takes that of the smoothed one.",
        "The settings are the papers' (a coreset of 1 %, b = 9; 100 random features, ε = 0.01; k = 2) and were not changed after a look at results.",
        "Pictures with a defect whose masks show nothing are left out.",
    ];

    public override int DefaultSeeds(bool quick) => 1;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from seed in Enumerable.Range(0, seeds)
           from method in Methods[..(quick ? 2 : Methods.Length)]
           select new Cell
           {
               Case = new Dictionary<string, string> { ["set"] = "magnetic-tile" },
               Method = method,
               Seed = seed,
               Setup = $"normal-only, sigma {Sigma}{(quick ? $", {QuickLimit} pictures" : "")}",
               Files = [DefectTrial.File, Network],
               Prepare = (data, _) => DefectTrial.Read(data, shrink: 1, quick ? QuickLimit : null, seed),
               // Occluding 861 pictures patch by patch would take hours.
               Inspect = method.Detector == "knn" ? null : (model, trial, _) => ((DefectTrial)trial).Inspect(model, Sigma, method.Label, exhibit: seed == 0),
           },
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) => [DefectTables.Methods(results, speed: true), DefectTables.Chance(results)];

    private static Method[] Methods { get; } =
    [
        new Method("patch-core", "patch-core") { Features = Maps },
        new Method("padim", "padim") { Features = Maps },
        new Method("knn", "knn", "k=2", "method=mean") { Features = Pooled, Scaling = FeatureScaling.None },
    ];
}
