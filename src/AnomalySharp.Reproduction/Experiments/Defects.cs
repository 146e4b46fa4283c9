using AnomalySharp.Preprocessing;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>Defects of magnetic tiles: which pictures have one, and where in them it is.</summary>
internal sealed class Defects : Experiment
{
    private const int Shrink = 2, Side = 128 / Shrink, QuickShrink = 4, Epochs = 10, QuickEpochs = 2, QuickLimit = 160, QuickMethods = 3;

    // σ = 4 on pictures of 256 pixels, as PaDiM and PatchCore smooth their maps, on pictures of 64.
    private const double Sigma = 4.0 * Side / 256;

    private const string Sigmoid = "outputActivation=sigmoid";

    public override string Name => "defects";

    public override string Title => "Defects of magnetic tiles: which pictures, and where";

    public override string Protocol(bool quick) =>
        "Normal-only: pictures of magnetic tiles (Huang et al., Surface Defect Saliency of Magnetic Tile, 2020), grey, resized beforehand to 128×128. "
        + "A random half of the pictures without defect trains; the other half and all pictures with a defect are tested. Each picture is of another "
        + "tile. The score of a picture is the method's own; the heat map of a picture is its attribution pixel by pixel, (x − x̂)² or, of the "
        + $"variational autoencoder, −log p(x|z), smoothed with a Gaussian of σ = {Sigma:0.#} pixel (the σ = 4 on 256 pixels that is usual for such "
        + "maps). ROC AUC of pixels is over all pixels of all tested pictures. Dice too, above a threshold that other pictures choose: the one with the "
        + "greatest Youden's J on every other tested picture, Dice being that of the rest. Masks and labels reach neither training nor heat maps.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        "There are no published figures for this protocol on this set: the columns are ours only.",
        $"Pictures are shrunk to {128 / (quick ? QuickShrink : Shrink)}×{128 / (quick ? QuickShrink : Shrink)} (means of pixels; masks by nearest "
        + "neighbour), for two cores.",
        "Pictures with a defect whose masks show nothing in this size are left out: where their defect is, is not known. Of the 392 pictures with a "
        + "defect, five masks are empty from the beginning; at 64×64 two more are.",
        $"{(quick ? QuickEpochs : Epochs)} epochs at most, with early stopping on a tenth of the training pictures (the robust autoencoder: 4 rounds of "
        + "a quarter of them); batches of 16.",
        $"Convolutional stages of {(quick ? "16 and 32" : "32, 64 and 128")} channels and a code of 64; pixels in 0…1, outputs through a sigmoid, of the "
        + "variational autoencoder as they are; the denoising autoencoder's noise is Gaussian with a deviation of 0.1.",
        "Two settings were changed after a look at results of seed 0: the denoising autoencoder's noise, which was masking (image 0.517, pixels 0.502 with "
        + "40 epochs in batches of 128), and the epochs, which were 40 in batches of 128 (autoencoder 0.599, 0.652). The autoencoder was the better of the two either way.",
    ];

    public override int DefaultSeeds(bool quick) => 1;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from seed in Enumerable.Range(0, seeds)
           from method in Methods(quick)
           select new Cell
           {
               Case = new Dictionary<string, string> { ["set"] = "magnetic-tile" },
               Method = method,
               Seed = seed,
               Setup = $"normal-only, shrunk {(quick ? QuickShrink : Shrink)} times, sigma {Sigma}{(quick ? $", {QuickLimit} pictures" : "")}",
               Files = [DefectTrial.File],
               Prepare = (data, _) => DefectTrial.Read(data, quick ? QuickShrink : Shrink, quick ? QuickLimit : null, seed),
               Inspect = (model, trial) => ((DefectTrial)trial).Inspect(model, Sigma, method.Label, exhibit: seed == 0),
           },
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) => DefectTables.Of(results);

    // A method whose attributions of pictures are maps is one line more.
    private static Method[] Methods(bool quick)
    {
        int epochs = quick ? QuickEpochs : Epochs;
        string[] network = [quick ? "hidden=16,32" : "hidden=32,64,128", "latent=64", "batchSize=16"], trained = [.. network, $"epochs={epochs}"];
        Method[] all =
        [
            OnPictures("autoencoder", [.. trained, Sigmoid]),
            // Masking would darken what is learnt from against what is scored: a pixel of 0 is black here, not the mean.
            OnPictures("denoising-autoencoder", [.. trained, Sigmoid, "corruption=gaussian", "noiseLevel=0.1"]),
            OnPictures("variational-autoencoder", [.. trained, "draws=4"]),
            OnPictures("robust-autoencoder", [.. network, Sigmoid, "rounds=4", $"epochs={Math.Max(1, epochs / 4)}"]),
        ];
        return quick ? all[..QuickMethods] : all;
    }

    private static Method OnPictures(string detector, IReadOnlyList<string> settings) =>
        new(detector, detector, settings) { Scaling = FeatureScaling.None };
}
