using AnomalySharp.Data.Protocols;
using AnomalySharp.Evaluation;
using AnomalySharp.Explanation;
using AnomalySharp.Reports;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>Magnetic tiles under the normal-only protocol: what trains and what is tested with one seed, and what is found out from heat maps.</summary>
internal sealed record DefectTrial(Samples Learnt, DefectPictures Tested) : Trial(Learnt, Tested.Pictures)
{
    public const string File = "defects/magnetic-tile-128.npz";

    /// <summary>Side of the pictures in the file.</summary>
    public const int Side = 128;

    /// <summary>Reads the pictures, shrunk; at most <paramref name="limit"/> of them.</summary>
    public static DefectTrial Read(DataStore data, int shrink, int? limit, int seed) => data.Get($"{File} {shrink} {limit} {seed}", () =>
    {
        DefectPictures all = DefectPictures.Read(data.Require(File)).Shrink(shrink);
        int[] known = [.. Enumerable.Range(0, all.Classes.Count).Where(i => all.Classes[i] == 0 || all.Masks.HasDefect(i))];
        all = all.Select(known);
        if (limit is int most) all = all.Select(Subsample.Rows(all.Pictures.Labels!, most, seed));
        (int[] train, int[] test) = Comparison.Split(Protocol.NormalOnly, all.Pictures.Labels!, seed);
        return new DefectTrial(all.Pictures.Select(train), all.Select(test));
    });

    /// <summary>Figures of heat maps, smoothed with a Gaussian of <paramref name="sigma"/> pixels, and examples of them where they are asked for.</summary>
    public Inspection Inspect(AnomalyModel model, double sigma, string method, bool exhibit)
    {
        Samples attributions = model.Attribute(Tested.Pictures.WithLabels(null), threads: 1), maps = HeatMaps.Of(attributions, sigma);
        PixelMetrics all = PixelMetrics.Compute(maps, Tested.Masks);
        int[] choosing = [.. Enumerable.Range(0, maps.Count).Where(i => i % 2 == 0)];
        int[] rest = [.. Enumerable.Range(0, maps.Count).Where(i => i % 2 == 1)];
        float threshold = PixelMetrics.Compute(maps.Select(choosing), Tested.Masks.Select(choosing)).Threshold;
        Dictionary<string, double> figures = new()
        {
            ["pixelRocAuc"] = all.RocAuc,
            ["pixelRocAucNotSmoothed"] = PixelMetrics.Compute(HeatMaps.Of(attributions), Tested.Masks).RocAuc,
            ["pixelAveragePrecision"] = all.AveragePrecision,
            ["dice"] = PixelMetrics.Compute(maps.Select(rest), Tested.Masks.Select(rest), threshold).Dice,
            ["bestDice"] = all.BestDice,
            ["defectivePixels"] = (double)all.DefectivePixels / all.Pixels,
        };
        return new Inspection(figures, exhibit ? Examples(maps, method) : null);
    }

    /// <summary>The picture in the middle of each class, so that none is chosen for its looks: a good one and one of each of five defects.</summary>
    private ExhibitRow[] Examples(Samples maps, string method)
    {
        int[] shown =
        [
            .. Enumerable.Range(0, Tested.ClassNames.Count)
                .Select(one => (int[])[.. Enumerable.Range(0, Tested.Classes.Count).Where(i => Tested.Classes[i] == one)])
                .Where(rows => rows.Length > 0).Select(rows => rows[rows.Length / 2]),
        ];
        Samples pictures = Tested.Pictures.Select(shown);
        return
        [
            new ExhibitRow(
                $"pictures of the classes {string.Join(", ", shown.Select(i => Tested.ClassNames[Tested.Classes[i]]))}", PictureStrip.Of(pictures)),
            new ExhibitRow("their masks", PictureStrip.Of(Tested.Masks.Select(shown).ToSamples())),
            new ExhibitRow($"heat maps of {method}, each on its own scale", PictureStrip.HeatMaps(pictures, maps.Select(shown))),
        ];
    }
}
