using System.Collections;
using System.Globalization;

namespace AnomalySharp;

/// <summary>Positions counted from 0 as row names, so that a block of rows still tells where in the whole a row is.</summary>
internal sealed class Positions(int count) : IReadOnlyList<string>
{
    public int Count => count;

    public string this[int index] => index.ToString(CultureInfo.InvariantCulture);

    public IEnumerator<string> GetEnumerator()
    {
        for (int i = 0; i < count; i++) yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
