using System.Globalization;

namespace AnomalySharp.Reports;

/// <summary>Numbers as a reader wants them: about four digits, thousands apart.</summary>
internal static class Numbers
{
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Four significant digits; powers of ten only where zeros would fill the line.</summary>
    public static string Short(double value)
    {
        double size = Math.Abs(value);
        string format = size switch
        {
            0 => "0",
            >= 1e7 or < 1e-4 => "0.###e+0",
            >= 1000 => "#,0",
            >= 100 => "0.#",
            >= 10 => "0.##",
            >= 1 => "0.###",
            _ => "0.####",
        };
        return value.ToString(format, CultureInfo.InvariantCulture);
    }

    /// <summary>A share as a percentage; not quite all is never shown as all.</summary>
    public static string Percent(double share) => share is > 0.9995 and < 1
        ? ">\u200999.9\u2009%"
        : (share * 100).ToString(share is > 0 and < 0.0995 ? "0.##" : "0.#", CultureInfo.InvariantCulture) + "\u2009%";

    public static string Seconds(double seconds) => seconds switch
    {
        < 0.0995 => (seconds * 1000).ToString("0.#", CultureInfo.InvariantCulture) + "\u2009ms",
        < 120 => seconds.ToString(seconds < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture) + "\u2009s",
        < 3600 => TimeSpan.FromSeconds(seconds).ToString(@"m\:ss", CultureInfo.InvariantCulture) + "\u2009min",
        _ => (int)(seconds / 3600) + TimeSpan.FromSeconds(seconds).ToString(@"\:mm\:ss", CultureInfo.InvariantCulture) + "\u2009h",
    };
}
