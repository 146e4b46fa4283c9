using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace AnomalySharp.Cli.Options;

/// <summary>Options that take a number, with messages that give the allowed range.</summary>
internal static class NumberOption
{
    public static Option<T?> Create<T>(string name, string help, string allowed, Func<T, bool> valid, string helpName = "N")
        where T : struct, INumber<T>
    {
        return new Option<T?>(name) { Description = help, HelpName = helpName, CustomParser = result => Parse(result, name, allowed, valid) };
    }

    /// <summary>The number that <paramref name="text"/> writes, if it is an allowed one.</summary>
    public static T Parse<T>(string name, string text, string allowed, Func<T, bool> valid) where T : struct, INumber<T> =>
        T.TryParse(text, NumberStyles.Float & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out T value) && valid(value)
            ? value
            : throw new OptionException($"{name} cannot be '{text}'; allowed: {allowed}.");

    private static T? Parse<T>(ArgumentResult result, string name, string allowed, Func<T, bool> valid) where T : struct, INumber<T>
    {
        try
        {
            return Parse(name, result.Tokens[0].Value, allowed, valid);
        }
        catch (OptionException e)
        {
            result.AddError(e.Message);
            return null;
        }
    }
}
