using System.Text;
using System.Text.Unicode;

namespace AnomalySharp.Data.Tables;

/// <summary>How a text table is written, told by its first bytes.</summary>
/// <param name="Delimiter">What separates cells.</param>
/// <param name="Compressed">Whether it is gzip.</param>
/// <param name="Encoding">DuckDB's name of the encoding.</param>
/// <param name="Header">The cells of the first line.</param>
/// <param name="Notes">What is unusual.</param>
internal sealed record TextDialect(char Delimiter, bool Compressed, string Encoding, IReadOnlyList<string> Header, IReadOnlyList<string> Notes)
{
    private const int SampleBytes = 1 << 16;

    /// <exception cref="DataException">Empty, or not text.</exception>
    public static TextDialect Of(string path)
    {
        byte[] sample = FileBytes.Head(path, SampleBytes);
        List<string> notes = [];
        if (sample.Length == 0) throw new DataException($"'{path}' is empty. Give a file with a header line and at least one row.");
        string encoding = EncodingOf(path, sample, notes);
        string text = encoding switch
        {
            "utf-16" => System.Text.Encoding.Unicode.GetString(sample),
            "latin-1" => System.Text.Encoding.Latin1.GetString(sample),
            _ => System.Text.Encoding.UTF8.GetString(sample),
        };
        text = text.TrimStart('\uFEFF');
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new DataException(
                $"'{path}' holds nothing but white space. Give a file with a header line and rows.");
        }
        char delimiter = DelimiterOf(path, text);
        return new TextDialect(delimiter, FileBytes.IsGzip(path), encoding, FirstLine(text, delimiter), notes);
    }

    private static string EncodingOf(string path, byte[] sample, List<string> notes)
    {
        if (sample.AsSpan().StartsWith<byte>([0xFF, 0xFE])) return "utf-16";
        int control = Array.FindIndex(sample, b => b < 9 || b is > 13 and < 27);
        if (control >= 0)
        {
            throw new DataException(
                $"'{path}' is not a text table: byte {control:N0} is 0x{sample[control]:X2}. Check that it is the right file and that its ending tells what it is.");
        }
        // The sample may end inside a character, which takes up to four bytes.
        for (int cut = 0; cut < 4 && cut < sample.Length; cut++)
        {
            if (Utf8.IsValid(sample.AsSpan(0, sample.Length - cut))) return "utf-8";
            if (sample.Length < SampleBytes) break;
        }
        notes.Add($"'{Path.GetFileName(path)}' is not UTF-8; it was read as Latin-1.");
        return "latin-1";
    }

    // The first line decides, outside quotes: later lines may be ragged, which is to be reported, not explained away by another delimiter.
    private static char DelimiterOf(string path, string text)
    {
        string name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        if (name.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase)) return '\t';
        ReadOnlySpan<char> candidates = [',', ';', '\t', '|'];
        Span<int> counts = stackalloc int[candidates.Length];
        bool quoted = false, spaces = false;
        foreach (char c in text)
        {
            if (c == '"') quoted = !quoted;
            if (quoted) continue;
            if (c is '\n' or '\r') break;
            spaces |= c == ' ';
            int k = candidates.IndexOf(c);
            if (k >= 0) counts[k]++;
        }
        int best = 0;
        for (int k = 1; k < counts.Length; k++) best = counts[k] > counts[best] ? k : best;
        return counts[best] > 0 || !spaces || !name.EndsWith(".txt", StringComparison.OrdinalIgnoreCase) ? candidates[best] : ' ';
    }

    private static List<string> FirstLine(string text, char delimiter)
    {
        List<string> cells = [];
        StringBuilder cell = new();
        bool quoted = false;
        foreach (char c in text)
        {
            if (c == '"') quoted = !quoted;
            else if (!quoted && c is '\n' or '\r') break;
            else if (!quoted && c == delimiter)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else cell.Append(c);
        }
        cells.Add(cell.ToString());
        return cells;
    }
}
