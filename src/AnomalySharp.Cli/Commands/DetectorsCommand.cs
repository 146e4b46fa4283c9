using System.CommandLine;
using AnomalySharp.Cli.Options;
using AnomalySharp.Cli.Output;
using Spectre.Console;

namespace AnomalySharp.Cli.Commands;

/// <summary><c>anomaly detectors</c>: the catalogue.</summary>
internal static class DetectorsCommand
{
    public static Command Create(Terminal terminal)
    {
        Argument<string?> name = new("NAME") { Description = "Shows the options of this one.", Arity = ArgumentArity.ZeroOrOne };
        DataOptions.RefuseOptions(name);
        OutputOptions outputs = new();
        Command command = new("detectors", "Lists the detectors, or the options of one.") { name };
        outputs.AddTo(command);
        command.SetAction(parsed =>
        {
            (bool json, terminal.Quiet) = outputs.Read(parsed);
            if (parsed.GetValue(name) is string one) Describe(DetectorCatalog.Find(one), json, terminal);
            else List(json, terminal);
            return ExitCode.Fine;
        });
        return command;
    }

    private static void List(bool json, Terminal terminal)
    {
        DetectorDescription[] all = [.. DetectorCatalog.All.Select(DetectorDescription.Of)];
        if (json)
        {
            JsonOutput.Write<IReadOnlyList<DetectorDescription>>(terminal.Out, all);
            return;
        }
        Table table = Terminal.CreateTable("name", "family", "data", "decides by");
        foreach (DetectorDescription one in all)
        {
            table.AddRow(Markup.Escape(one.Name), Markup.Escape(one.Family), string.Join(", ", one.Data), Markup.Escape(one.Summary));
        }
        terminal.Write(table);
        terminal.Out.WriteLine("'anomaly detectors NAME' shows the options of one.");
    }

    private static void Describe(DetectorEntry entry, bool json, Terminal terminal)
    {
        DetectorDescription one = DetectorDescription.Of(entry);
        if (json)
        {
            JsonOutput.Write(terminal.Out, one);
            return;
        }
        terminal.Out.WriteLine($"{one.Name} ({one.Family}): {one.Summary}");
        terminal.Out.WriteLine($"Paper: {one.Paper}");
        string native = one.Libtorch.Count > 0 ? $"; libtorch is used for: {string.Join(", ", one.Libtorch)}" : "";
        terminal.Out.WriteLine($"Data: {string.Join(", ", one.Data)}{native}");
        Table table = Terminal.CreateTable("option", "default", "allowed", "what it does");
        foreach (OptionDescription option in one.Options)
        {
            table.AddRow(Markup.Escape(option.Name), Markup.Escape(option.Default), Markup.Escape(option.Allowed), Markup.Escape(option.Description));
        }
        if (one.Options.Count > 0) terminal.Write(table);
        string data = entry.Info.Kinds switch
        {
            DataKinds.Video => "video.mp4 --frame 64x64 --window 5",
            DataKinds.Sequence or (DataKinds.Sequence | DataKinds.Video) => "data.csv --time COL",
            DataKinds.Graph => "nodes.csv --edges edges.csv",
            _ => "data.csv",
        };
        string set = one.Options.Count > 0 ? $" --set {one.Options[0].Name}={one.Options[0].Default}" : "";
        terminal.Out.WriteLine($"Example: anomaly detect {data} --detector {one.Name}{set}");
    }
}

/// <summary>A detector as <c>detectors</c> shows it.</summary>
internal sealed record DetectorDescription(
    string Name,
    string Family,
    string Summary,
    string Paper,
    IReadOnlyList<string> Data,
    IReadOnlyList<string> Libtorch,
    IReadOnlyList<OptionDescription> Options)
{
    public static DetectorDescription Of(DetectorEntry entry) => new(
        entry.Name,
        FamilyName(entry.Info.Family),
        entry.Info.Summary,
        entry.Info.Paper,
        KindNames(entry.Info.Kinds),
        KindNames(entry.Info.TorchKinds),
        [.. entry.Options.Select(option => new OptionDescription(option.Name, option.DefaultText, option.AllowedText, option.Description))]);

    private static string FamilyName(DetectorFamily family) => family switch
    {
        DetectorFamily.FeatureExtraction => "feature extraction",
        DetectorFamily.SelfSupervised => "self-supervised",
        DetectorFamily.FeatureLearning => "feature learning",
        DetectorFamily.OneClass => "one-class",
        _ => family.ToString().ToLowerInvariant(),
    };

    private static string[] KindNames(DataKinds kinds) =>
    [
        .. new[]
        {
            (DataKinds.Table, "tables"), (DataKinds.Image, "pictures"), (DataKinds.Sequence, "sequences"), (DataKinds.Video, "videos"), (DataKinds.Graph, "graphs"),
        }
            .Where(kind => kinds.HasFlag(kind.Item1)).Select(kind => kind.Item2),
    ];
}

/// <summary>An option as <c>detectors NAME</c> shows it.</summary>
internal sealed record OptionDescription(string Name, string Default, string Allowed, string Description);
