using System.Collections;

namespace AnomalySharp;

/// <summary>Part of a list, without a copy.</summary>
internal sealed class ListSlice<T> : IReadOnlyList<T>
{
    private readonly IReadOnlyList<T> _list;
    private readonly int _start;

    public ListSlice(IReadOnlyList<T> list, int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, list.Count - start);
        (_list, _start, Count) = (list, start, count);
    }

    public int Count { get; }

    public T this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            return _list[_start + index];
        }
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (int i = 0; i < Count; i++) yield return _list[_start + i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
