using System.Globalization;
using AnomalySharp.Data.Protocols;
using AnomalySharp.Preprocessing;

namespace AnomalySharp.Reproduction.Experiments;

/// <summary>The table of Zong et al. (ICLR 2018): DAGMM and its variants on four data sets.</summary>
internal sealed class DagmmTable : Experiment
{
    private const int MostRows = 20_000, QuickRows = 2_000;

    private static readonly PublishedFigures Figures = PublishedFigures.Read("dagmm");

    private static readonly string[] Variants = ["gmm-en", "pae", "e2e-ae", "pae-gmm-em", "pae-gmm", "dagmm-p", "dagmm-nvi", "dagmm"];

    private static readonly string[] OfFlags = ["precision", "recall", "f1"];

    /// <summary>A data set with its networks (hidden widths, code, components) and training: batch and epochs, then those of the paper.</summary>
    private sealed record Set(
        string Name, string File, double Ratio, string Hidden, int Latent, int K, int Batch, int Epochs, int PaperBatch, int PaperEpochs,
        Func<DataStore, CancellationToken, Samples> Read)
    {
        // The copies of thyroid that are passed around are scaled to 0…1 by all rows.
        public FeatureScaling Scaling => Name == "thyroid" ? FeatureScaling.None : FeatureScaling.MinMax;
    }

    private static readonly Set[] Sets =
    [
        new("kddcup", KddCup.File, 0.2, "60,30,10", 1, 4, 256, 40, 1024, 200, KddCup.Read),
        new("thyroid", "tabular/thyroid.npz", 0.025, "12,4", 1, 2, 128, 400, 1024, 20_000, (data, cancel) => Table("thyroid", data, cancel)),
        new("arrhythmia", "tabular/arrhythmia.npz", 0.15, "10", 2, 2, 128, 400, 128, 10_000, (data, cancel) => Table("arrhythmia", data, cancel)),
        new("kddcup-rev", KddCup.File, 0.2, "60,30,10", 1, 2, 256, 40, 1024, 400, KddCup.ReadReversed),
    ];

    public override string Name => "dagmm";

    public override string Title => "DAGMM and its variants: KDD Cup 1999, thyroid, arrhythmia";

    public override IReadOnlyList<PublishedFigures> Published => [Figures];

    public override string Protocol(bool quick) =>
        "A random half of the rows (which follows the seed) tests; of the other half the normal rows train. Flagged are the highest scores, as large "
        + "a share of the tested rows as the paper gives for each set: 20 %, 2.5 %, 15 % and 20 %. The KDD Cup data are its tenth, symbols one-hot; "
        + "attacks are normal in kddcup and the anomalies in kddcup-rev. Features are scaled to 0…1 by the training rows, but for thyroid, which "
        + "comes scaled to 0…1 by all rows. Of the KDD Cup data "
        + $"{Most(quick):N0} rows are used, drawn once with the share of anomalies kept.";

    public override IReadOnlyList<string> Differences(bool quick) =>
    [
        $"{(quick ? QuickRows : MostRows):N0} of the 494,021 (121,597) rows of the KDD Cup sets, and shorter training with larger steps: "
        + "40 epochs of batches of 256 (paper: 200 and 400 of 1,024), thyroid and arrhythmia 400 of 128 (20,000 of 1,024 and 10,000 of 128), "
        + "Adam at 0.001 (0.0001)."
        + (quick ? " With --quick a tenth of the epochs." : ""),
        "The paper's means are over 20 seeds, ours over those that the run names.",
        "The paper tells no scaling. Gradients are cut to a norm of 5, and 10⁻⁶ is added to the diagonals of covariances.",
        "Pre-training is layer by layer, then of the whole; each step with as many epochs as the joint training.",
        "dcn, dsebm and oc-svm have the defaults of our methods beside the set's batch, epochs and (dcn) network; oc-svm scales by the deviation.",
        .. quick ? (string[])[] : Findings,
    ];

    // What was tried where a row is off by more than the spread; each can be tried again with the settings that it names.
    private static readonly string[] Findings =
    [
        "Rows that are published with about the F1 of flags at random (gmm-en, dsebm-r: .18 to .20 on the KDD Cup sets, .02 to .04 on "
        + "thyroid) have scores that told nothing. Ours never became so. gmm-en on kddcup, seed 0: F1 .956; .965 with batchSize=1024 epochs=200 "
        + "learningRate=0.0001 as in the paper; .952 with as many steps as the paper's (batchSize=256 epochs=1200 learningRate=0.0001); .903 "
        + "standardised; .920 unscaled; .872 untrained. The reconstruction by a random network already tells these attacks from the rest. On "
        + "thyroid, standardised, it is close: .093 ± .067.",
        "e2e-ae on kddcup: the published F1 of .002 means that the normal connections have the lowest errors of all. So they mostly have before "
        + "training (row 'e2e-ae without training': .014, .057, .106, .125, and once .772), being nearer to 0 than the attacks. Seed 0 with "
        + "batchSize=1024 learningRate=0.0001: .409 after 10 epochs, .254 after 50, .822 after 200; .945 after as many steps as the paper's. "
        + "A training that did not get under way would explain the row; whether it was so cannot be known.",
        "Pre-trained rows on kddcup (published .72 to .76), seed 0. pae: .924; with the paper's batch, epochs and rate .950; standardised "
        + ".896; unscaled .501. pae-gmm-em: .851; .854; .901; .856. pae-gmm: .857; .940; .891; .911. For pae the scaling, which the paper does "
        + "not tell, moves F1 by more than the difference; for the others neither it nor the training explains it. On kddcup-rev, seed 0, "
        + "unscaled: pae .003, pae-gmm-em .662 (.9 and more when scaled; published .783 and .284).",
        "dagmm differs more between seeds than methods differ: F1 .742 to .954 on kddcup, and one seed of five is near .4 on kddcup-rev. The "
        + "paper's batch, epochs and rate do not end that: .895 ± .078 and .796 ± .259.",
        "thyroid: the scaling decides, and was chosen after a look at results. As the set comes, pae-gmm-em, dagmm and pae are within the spread of "
        + "the published rows (.464, .478, .197); scaled by the training rows they have .640 ± .038, .458 ± .108, .522 ± .065, and standardised .455 ± .054, .597 ± .097, .392 "
        + "± .085. One of the 47 flags is .02 of F1.",
        "arrhythmia: dagmm (published .498) has .422 ± .064 with the paper's training; with ours .227 ± .096 standardised and .447 ± .084 "
        + "unscaled. One of the 34 flags is .03.",
        "dcn on thyroid, scaled by the training rows: distances in a code of one value tell nothing, with 5 clusters (.029) or 2 (.037). "
        + "Codes of two values have .170 ± .188 and codes of four (hidden=12 latent=4) .408 ± .294, so the published row may have another "
        + "network.",
    ];

    public override int DefaultSeeds(bool quick) => quick ? 1 : 5;

    public override IReadOnlyList<Cell> Cells(bool quick, int seeds) =>
    [
        .. from set in Sets
           where !quick || set.Name != "kddcup-rev"
           from seed in Enumerable.Range(0, seeds)
           from method in Methods(set, quick)
           select new Cell
           {
               Case = new Dictionary<string, string> { ["set"] = set.Name },
               Method = method,
               Seed = seed,
               Setup = $"random half, at most {Most(quick)} rows, flagged {set.Ratio.ToString(CultureInfo.InvariantCulture)}",
               Files = [set.File],
               Prepare = (data, cancellation) => Prepare(set, Most(quick), seed, data, cancellation),
               Measure = (_, scores, labels) => Flagged(scores.Span, labels, set.Ratio),
           },
    ];

    public override IReadOnlyList<ResultTable> Tables(ExperimentResults results) =>
        [.. Sets.Where(set => results.Measured.Any(cell => cell.Case["set"] == set.Name)).Select(set => TableOf(set, results))];

    private static int Most(bool quick) => quick ? QuickRows : MostRows;

    private static IEnumerable<Method> Methods(Set set, bool quick)
    {
        string[] training = [$"batchSize={set.Batch}", $"epochs={(quick ? set.Epochs / 10 : set.Epochs)}", "learningRate=0.001"];
        string[] network = [$"hidden={set.Hidden}", $"latent={set.Latent}"];
        foreach (string variant in Variants)
        {
            string[] own = [$"variant={variant}", $"k={set.K}"];
            yield return new Method(variant, "dagmm", [.. own, .. network, .. training]) { Scaling = set.Scaling };
            if (variant != "e2e-ae" || !set.File.Equals(KddCup.File, StringComparison.Ordinal)) continue;
            // As the network is drawn, with hardly a step.
            string[] untrained = [.. own, .. network, "epochs=1", "learningRate=1E-8"];
            yield return new Method("e2e-ae without training", "dagmm", untrained) { Scaling = set.Scaling };
        }
        if (!quick)
        {
            string[] paper = [$"k={set.K}", .. network, $"batchSize={set.PaperBatch}", $"epochs={set.PaperEpochs}", "learningRate=0.0001"];
            yield return new Method("dagmm, trained as in the paper", "dagmm", paper) { Scaling = set.Scaling };
        }
        yield return new Method("dcn", "dcn", [.. network, .. training]) { Scaling = set.Scaling };
        foreach (string score in (string[])["energy", "reconstruction"])
        {
            yield return new Method($"dsebm-{score[0]}", "dsebm", [$"score={score}", .. training]) { Scaling = set.Scaling };
        }
        yield return new Method("oc-svm", "one-class-svm");
    }

    private static Trial Prepare(Set set, int most, int seed, DataStore data, CancellationToken cancellation)
    {
        Samples all = data.Get($"{set.Name} {most}", () =>
        {
            Samples whole = set.Read(data, cancellation);
            return whole.Count <= most ? whole : whole.Select(Subsample.Rows(whole.Labels!, most, 0));
        });
        (int[] train, int[] test) = RandomHalf.Split(all.Labels!, seed);
        return new Trial(new Dataset(all.Select(train)) { Source = set.Name }, new Dataset(all.Select(test)) { Source = set.Name });
    }

    private static IEnumerable<(string Name, double Value)> Flagged(ReadOnlySpan<float> scores, IReadOnlyList<byte> labels, double ratio)
    {
        (double precision, double recall, double f1) = RandomHalf.AtRatio(scores, labels, ratio);
        return [("precision", precision), ("recall", recall), ("f1", f1)];
    }

    private static ResultTable TableOf(Set set, ExperimentResults results)
    {
        CellResult[] cells = [.. results.Measured.Where(cell => cell.Case["set"] == set.Name)];
        return new ResultTable(
            $"{set.Name}: {cells[0].TrainRows:N0} rows train, {cells[0].TestRows:N0} with {cells[0].Anomalies:N0} anomalies test (first seed). "
            + "Precision / recall / F1 of the flags; ours are means over the seeds ± standard deviation.",
            ["method", "published P / R / F1", "our P / R / F1", "our F1 ± deviation", "ROC AUC", "seconds"],
            [
                .. cells.GroupBy(cell => cell.Method).Select(group => (string[])
                [
                    group.Key,
                    Triple(figure => Figures.Find(set.Name, group.Key, figure)),
                    Triple(figure => Spread.Of(group, figure)?.Mean),
                    Spread.Of(group, "f1")?.Text("0.000") ?? "",
                    Spread.Of(group, "rocAuc")?.Text("0.000") ?? "",
                    Spread.Number(group.Average(cell => cell.TrainSeconds), "0.0"),
                ]),
            ]);
    }

    private static string Triple(Func<string, double?> find) =>
        string.Join(" / ", OfFlags.Select(figure => Spread.Number(find(figure), "0.000")).Where(text => text.Length > 0));

    private static Samples Table(string name, DataStore data, CancellationToken cancellation) =>
        TableSet.All.Single(set => set.Name == name).Read(data, int.MaxValue, cancellation).Samples!;
}
