using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace AnomalySharp.Reports;

/// <summary>
/// A piece of finished markup. What is interpolated into it is escaped, unless it is markup itself: column names and cells come from the user's data,
/// and no section has to remember that.
/// </summary>
internal readonly record struct Html(string Markup)
{
    public static readonly Html Empty = new("");

    /// <summary>Markup with holes: numbers are written invariantly, texts escaped, pieces and lists of pieces inserted.</summary>
    public static Html Of(HtmlHandler markup) => new(markup.Text());

    public override string ToString() => Markup;
}

/// <summary>Builds the text behind <see cref="Html.Of"/>.</summary>
[InterpolatedStringHandler]
internal readonly ref struct HtmlHandler
{
    private readonly StringBuilder _text;

    public HtmlHandler(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + formattedCount * 16);

    public void AppendLiteral(string markup) => _text.Append(markup);

    public void AppendFormatted(Html markup) => _text.Append(markup.Markup);

    public void AppendFormatted(IEnumerable<Html> markup)
    {
        foreach (Html piece in markup) _text.Append(piece.Markup);
    }

    public void AppendFormatted(string? text) => _text.Append(WebUtility.HtmlEncode(text));

    public void AppendFormatted<T>(T value, string? format = null) where T : IFormattable =>
        _text.Append(WebUtility.HtmlEncode(value.ToString(format, CultureInfo.InvariantCulture)));

    public string Text() => _text.ToString();
}
