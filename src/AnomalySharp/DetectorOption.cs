using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace AnomalySharp;

/// <summary>One option of a detector or a feature extractor as help texts, validation and <c>--set</c> see it: read from the attributes of the property.</summary>
public sealed class DetectorOption
{
    private readonly PropertyInfo _property;

    private DetectorOption(PropertyInfo property, object? defaultValue) => (_property, Default) = (property, defaultValue);

    /// <summary>Name in JSON and in <c>--set</c>: the property's, in camel case.</summary>
    public string Name => JsonNamingPolicy.CamelCase.ConvertName(_property.Name);

    /// <summary>Type of the value.</summary>
    public Type Type => Nullable.GetUnderlyingType(_property.PropertyType) ?? _property.PropertyType;

    /// <summary>What it does, from <see cref="DescriptionAttribute"/>.</summary>
    public string Description => _property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "";

    /// <summary>Value of an untouched options record.</summary>
    public object? Default { get; }

    /// <summary>The default as <c>--set</c> would take it.</summary>
    public string DefaultText => Format(Default);

    /// <summary>The allowed values in words: <c>1 to 1000</c>, <c>true or false</c>, or the names of an enumeration.</summary>
    public string AllowedText
    {
        get
        {
            if (Type.IsEnum) return string.Join(", ", Enum.GetNames(Type).Select(JsonNamingPolicy.CamelCase.ConvertName));
            if (Type == typeof(bool)) return "true or false";
            string kind = Type == typeof(IReadOnlyList<int>) ? "none, or integers separated by commas, each "
                : Type == typeof(IReadOnlyList<double>) ? "numbers separated by commas, each "
                : Type == typeof(int) ? "integer, "
                : "";
            return Range is { } range ? $"{kind}{RangeText(range)}" : $"{kind.TrimEnd(' ', ',')}{(kind.Length == 0 ? Type.Name.ToLowerInvariant() : "")}";
        }
    }

    private RangeAttribute? Range => _property.GetCustomAttribute<RangeAttribute>();

    /// <summary>The options of <paramref name="optionsType"/>, in order of declaration, those of the method before those it shares with others.</summary>
    public static IReadOnlyList<DetectorOption> Of(Type optionsType)
    {
        object defaults = Activator.CreateInstance(optionsType)!;
        return
        [
            .. optionsType.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.CanWrite && property.GetCustomAttribute<DescriptionAttribute>() is not null)
                .Select(property => new DetectorOption(property, property.GetValue(defaults))),
        ];
    }

    /// <summary>Does nothing if every option is in its range.</summary>
    /// <exception cref="OptionException">Names the option, its value and the allowed range.</exception>
    public static void Validate(object options)
    {
        foreach (DetectorOption option in Of(options.GetType()))
        {
            object? value = option._property.GetValue(options);
            if (value is null) continue;
            bool valid = value switch
            {
                IReadOnlyList<int> list => list.All(item => option.InRange(item)),
                IReadOnlyList<double> list => list.All(item => double.IsFinite(item) && option.InRange(item)),
                Enum member => Enum.IsDefined(member.GetType(), member),
                double number => double.IsFinite(number) && option.InRange(number),
                float number => float.IsFinite(number) && option.InRange(number),
                IConvertible number when value is int or long => option.InRange(number.ToDouble(CultureInfo.InvariantCulture)),
                _ => true,
            };
            if (!valid) throw new OptionException($"Option '{option.Name}' is {Format(value)}; allowed: {option.AllowedText}.");
        }
    }

    /// <summary>A copy of <paramref name="options"/> with <c>key=value</c> settings applied; keys are matched without regard to case and dashes.</summary>
    /// <exception cref="OptionException">An unknown key (the message lists the keys), or a value that cannot be read or is out of range.</exception>
    public static T Apply<T>(T options, IEnumerable<KeyValuePair<string, string>> settings) where T : notnull
    {
        IReadOnlyList<DetectorOption> known = Of(options.GetType());
        // A record's copy constructor is protected; its generated clone method is the one way to copy without knowing the type.
        object copy = options.GetType().GetMethod("<Clone>$")!.Invoke(options, null)!;
        foreach ((string key, string text) in settings)
        {
            string plain = key.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);
            DetectorOption option = known.FirstOrDefault(candidate => candidate.Name.Equals(plain, StringComparison.OrdinalIgnoreCase))
                ?? throw new OptionException($"Unknown option '{key}'. The options are: {string.Join(", ", known.Select(candidate => candidate.Name))}.");
            option._property.SetValue(copy, option.Parse(text));
        }
        Validate(copy);
        return (T)copy;
    }

    private object? Parse(string text)
    {
        try
        {
            if (text.Length == 0 || (text.Equals("auto", StringComparison.OrdinalIgnoreCase) && (!Type.IsEnum || Default is null)))
            {
                return Default is null || Nullable.GetUnderlyingType(_property.PropertyType) is not null ? null : throw new FormatException();
            }
            if (Type.IsEnum)
            {
                // Not Enum.Parse alone: it takes numbers, and several names joined by commas.
                string plain = text.Replace("-", "", StringComparison.Ordinal);
                string? name = Enum.GetNames(Type).FirstOrDefault(name => name.Equals(plain, StringComparison.OrdinalIgnoreCase));
                return name is null ? throw new FormatException() : Enum.Parse(Type, name);
            }
            if (Type == typeof(IReadOnlyList<int>))
            {
                if (text.Equals("none", StringComparison.OrdinalIgnoreCase)) return Array.Empty<int>();
                return text.Split(',', StringSplitOptions.TrimEntries).Select(item => int.Parse(item, CultureInfo.InvariantCulture)).ToArray();
            }
            if (Type == typeof(IReadOnlyList<double>))
            {
                return text.Split(',', StringSplitOptions.TrimEntries).Select(item => double.Parse(item, CultureInfo.InvariantCulture)).ToArray();
            }
            return Convert.ChangeType(text, Type, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is FormatException or OverflowException or InvalidCastException)
        {
            throw new OptionException($"Option '{Name}' cannot be '{text}'; allowed: {AllowedText}.", e);
        }
    }

    private bool InRange(double value) => Range is not { } range
        || (value >= Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture) && value <= Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture));

    private static string RangeText(RangeAttribute range) => Format(range.Maximum) is var high && Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture) >= int.MaxValue
        ? $"{Format(range.Minimum)} or more"
        : $"{Format(range.Minimum)} to {high}";

    private static string Format(object? value) => value switch
    {
        null => "auto",
        IReadOnlyList<int> { Count: 0 } => "none",
        bool flag => flag ? "true" : "false",
        Enum member => JsonNamingPolicy.CamelCase.ConvertName(member.ToString()),
        IReadOnlyList<int> list => string.Join(',', list),
        IReadOnlyList<double> list => string.Join(',', list.Select(item => item.ToString(CultureInfo.InvariantCulture))),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
