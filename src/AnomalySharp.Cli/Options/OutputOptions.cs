using System.CommandLine;

namespace AnomalySharp.Cli.Options;

/// <summary>How much is said, and in which form.</summary>
internal sealed class OutputOptions
{
    private const string ThreadsAllowed = "an integer, 1 to 1024";
    private readonly Option<bool> _json = new("--json") { Description = "Standard output carries one JSON document and nothing else." };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "No notes and no progress." };

    public void AddTo(Command command)
    {
        command.Add(_json);
        command.Add(_quiet);
    }

    public (bool Json, bool Quiet) Read(ParseResult parsed) => (parsed.GetValue(_json), parsed.GetValue(_quiet));

    public static Option<int?> Threads() =>
        NumberOption.Create<int>("--threads", "Most threads at once. [default: the number of processors]", ThreadsAllowed, IsThreads);

    public static int ParseThreads(string text) => NumberOption.Parse<int>("threads", text, ThreadsAllowed, IsThreads);

    private static bool IsThreads(int value) => value is >= 1 and <= 1024;
}
