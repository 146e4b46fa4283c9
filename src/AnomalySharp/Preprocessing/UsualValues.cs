using System.Globalization;

namespace AnomalySharp.Preprocessing;

/// <summary>What is usual of a column, in words.</summary>
internal static class UsualValues
{
    /// <summary>Share of the values below the usual range, and above it.</summary>
    public const double Tail = 0.05;

    /// <summary><c>0.1 to 3.2</c>, or a single number where both are the same to four digits.</summary>
    public static string Range(double low, double high)
    {
        (string from, string to) = (Number(low), Number(high));
        return from == to ? from : $"{from} to {to}";
    }

    /// <summary>The most frequent categories with their shares: <c>DE 62 %, FR 21 %, US 9 %</c>.</summary>
    public static string Categories(IReadOnlyList<string> categories, IReadOnlyList<double> shares) => string.Join(
        ", ",
        Enumerable.Range(0, categories.Count).OrderByDescending(i => shares[i]).Take(3)
            .Select(i => string.Create(CultureInfo.InvariantCulture, $"{categories[i]} {100 * shares[i]:0.#} %")));

    /// <summary>Four significant digits, without an exponent where that is readable.</summary>
    public static string Number(double value)
    {
        double magnitude = Math.Abs(value);
        if (magnitude != 0 && magnitude is < 1e-4 or >= 1e15) return value.ToString("G4", CultureInfo.InvariantCulture);
        int decimals = magnitude == 0 ? 0 : Math.Clamp(3 - (int)Math.Floor(Math.Log10(magnitude)), 0, 8);
        return Math.Round(value, decimals).ToString("0.########", CultureInfo.InvariantCulture);
    }
}
