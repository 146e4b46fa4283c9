using System.Text.Json;

namespace AnomalySharp.Cli.Tests.Support;

/// <summary>What a command wrote, and its exit code.</summary>
internal sealed record CliResult(int Code, string Out, string Error)
{
    /// <summary>Standard output as one JSON document.</summary>
    public JsonElement Json => JsonDocument.Parse(Out).RootElement;

    /// <summary>Asserts success, with what was said as the reason.</summary>
    public CliResult MustSucceed()
    {
        Assert.True(Code == 0, $"Exit code {Code}: {Error}");
        return this;
    }

    /// <summary>Asserts a refusal that a user can act on: every one of <paramref name="words"/> is in the message.</summary>
    public void MustRefuse(int code, params string[] words)
    {
        Assert.True(Code == code, $"Exit code {Code}, not {code}: {Error}{Out}");
        foreach (string word in words) Assert.Contains(word, Error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("bug in anomaly", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.Empty(Out);
    }
}

/// <summary>The command line in this process.</summary>
internal static class Anomaly
{
    /// <summary>Folder of the repository: the nearest one above the tests that holds the solution.</summary>
    public static string Repository { get; } = FindRepository(AppContext.BaseDirectory);

    public static string Demo { get; } = Path.Combine(Repository, "data", "breast-cancer.csv");

    /// <summary>Arguments that name the demo table and its labels.</summary>
    public static string[] DemoLabels { get; } = [Demo, "--label", "diagnosis", "--anomaly", "malignant"];

    public static CliResult Run(params string[] arguments) => Run(TestContext.Current.CancellationToken, arguments);

    public static CliResult Run(CancellationToken cancellation, params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = CommandLine.Run(arguments, output, error, cancellation);
        return new CliResult(code, output.ToString(), error.ToString());
    }

    private static string FindRepository(string folder) =>
        File.Exists(Path.Combine(folder, "AnomalySharp.slnx")) ? folder : FindRepository(Directory.GetParent(folder)!.FullName);
}
