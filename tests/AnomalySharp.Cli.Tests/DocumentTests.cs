using System.Text;
using AnomalySharp.Cli.Tests.Support;
using AnomalySharp.Detectors.Classical;

#pragma warning disable CS0436 // Whoever tries the guide has the same detector in the library.

namespace AnomalySharp.Cli.Tests;

/// <summary>What the documents of the repository claim.</summary>
public class DocumentTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(Anomaly.Repository, "README.md"));

    [Fact]
    public void The_table_of_detectors_in_the_readme_is_that_of_the_catalogue()
    {
        StringBuilder table = new("| name | family | data | decides by | paper |\n|---|---|---|---|---|\n");
        foreach (DetectorEntry entry in DetectorCatalog.All)
        {
            Commands.DetectorDescription one = Commands.DetectorDescription.Of(entry);
            table.Append($"| `{one.Name}` | {one.Family} | {string.Join(", ", one.Data)} | {one.Summary} | {one.Paper} |\n");
        }
        const string start = "<!-- detectors -->\n", end = "<!-- /detectors -->";
        int first = Readme.IndexOf(start, StringComparison.Ordinal) + start.Length, last = Readme.IndexOf(end, StringComparison.Ordinal);
        Assert.True(last >= first, "README.md lacks the marks around the table of detectors.");
        Assert.True(table.ToString() == Readme[first..last], $"Put this between the marks in README.md:\n{table}");
    }

    [Fact]
    public void The_example_of_the_readme_is_the_one_that_compiles() =>
        Assert.Contains(Example("ReadmeExample.cs"), Readme, StringComparison.Ordinal);

    [Fact]
    public void The_example_of_the_readme_runs()
    {
        using TemporaryFolder folder = new();
        string before = Environment.CurrentDirectory;
        Directory.CreateDirectory(folder["data"]);
        File.Copy(Anomaly.Demo, folder["data/breast-cancer.csv"]);
        try
        {
            // The other tests use absolute paths.
            Environment.CurrentDirectory = folder.Path;
            ReadmeExample.Run();
        }
        finally
        {
            Environment.CurrentDirectory = before;
        }
        Assert.Equal(["cancer.anomaly", "data"], folder.Files);
    }

    [Fact]
    public void Every_command_of_the_readme_is_understood()
    {
        string[] lines = [.. Readme.Split('\n').Where(line => line.StartsWith("anomaly ", StringComparison.Ordinal))];
        Assert.NotEmpty(lines);
        foreach (string line in lines)
        {
            // Help is asked for in the end, so that the line is read and nothing is done.
            string[] words = line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
            Anomaly.Run([words[0], "--help"]).MustSucceed();
            string help = Anomaly.Run([words[0], "--help"]).Out;
            IEnumerable<string> options = words.Where(word => word.StartsWith("--", StringComparison.Ordinal));
            foreach (string option in options) Assert.Contains(option, help, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_detector_of_the_contributing_guide_is_the_one_that_works()
    {
        string guide = File.ReadAllText(Path.Combine(Anomaly.Repository, "CONTRIBUTING.md"));
        Assert.Contains(Example("ContributingExample.cs"), guide, StringComparison.Ordinal);
        Samples samples = new(new float[] { 0, 0, 0, 2, 2, 0, 2, 2, 9, 1 }, new SampleShape(2));
        using Detector detector = new CenterOptions().CreateDetector(), copy = new CenterOptions().CreateDetector();
        detector.Fit(samples, new FitContext());
        float[] scores = detector.Score(samples);
        Assert.Equal(4, Array.IndexOf(scores, scores.Max()));
        copy.SetState(detector.GetState(), samples.Shape);
        Assert.Equal(scores, copy.Score(samples));
    }

    /// <summary>The lines between the marks of a source file, without their common indentation.</summary>
    private static string Example(string file)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Anomaly.Repository, "tests", "AnomalySharp.Cli.Tests", file));
        int start = Array.FindIndex(lines, line => line.Trim() == "// <example>") + 1;
        int end = Array.FindIndex(lines, line => line.Trim() == "// </example>");
        int indentation = lines[start].Length - lines[start].TrimStart().Length;
        return string.Join('\n', lines[start..end].Select(line => line.Length > indentation ? line[indentation..] : ""));
    }
}
