using System.Collections;
using System.Globalization;
using AnomalySharp.Tables;

namespace AnomalySharp.Preprocessing;

/// <summary>The cells of a column as row names, made when they are asked for: most rows are never called by their name.</summary>
/// <param name="column">The names; where a cell is empty, the row's number stands for it.</param>
/// <param name="firstRow">Number of the first row.</param>
internal sealed class CellTexts(TableColumn column, long firstRow) : IReadOnlyList<string>
{
    public int Count => column.Count;

    public string this[int index] => IsMissing(index) ? (firstRow + index).ToString(CultureInfo.InvariantCulture) : column.Text(index);

    /// <summary>Whether the position stands for an empty cell.</summary>
    public bool IsMissing(int index) => column.Text(index).Length == 0;

    public IEnumerator<string> GetEnumerator()
    {
        for (int i = 0; i < Count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
