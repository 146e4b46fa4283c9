namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>
/// Batches drawn with replacement from rows that may hold a sample more than once, as a bootstrap does. A sample that is drawn several times is
/// in <see cref="Values"/> once: where there are few samples, most of a batch are repetitions, and the network need not see them.
/// </summary>
internal sealed class DrawnBatch
{
    private readonly Samples _all;
    private readonly int _width;
    private readonly int[] _samples, _sampleOfRow, _drawn, _place, _placeOfSample;
    private readonly float[] _values;

    /// <param name="samples">What the rows are rows of.</param>
    /// <param name="rows">Positions in it, with repetitions.</param>
    /// <param name="size">Samples to draw for a batch.</param>
    public DrawnBatch(Samples samples, int[] rows, int size)
    {
        (_all, _width, _samples) = (samples, samples.Shape.Length, [.. rows.Distinct()]);
        Dictionary<int, int> at = _samples.Index().ToDictionary(one => one.Item, one => one.Index);
        _sampleOfRow = [.. rows.Select(row => at[row])];
        (_drawn, _place, _placeOfSample) = (new int[size], new int[size], new int[_samples.Length]);
        _placeOfSample.AsSpan().Fill(-1);
        _values = new float[size * _width];
    }

    /// <summary>Different samples among the rows.</summary>
    public int Count => _samples.Length;

    /// <summary>Different samples in the last batch.</summary>
    public int Distinct { get; private set; }

    /// <summary>They, row-major.</summary>
    public ReadOnlySpan<float> Values => _values.AsSpan(0, Distinct * _width);

    /// <summary>Which of the <see cref="Count"/> samples draw <paramref name="i"/> of the last batch gave.</summary>
    public int Drawn(int i) => _drawn[i];

    /// <summary>Its row of <see cref="Values"/>.</summary>
    public int Place(int i) => _place[i];

    /// <summary>Draws the next batch.</summary>
    public void Draw(Random random)
    {
        Distinct = 0;
        for (int i = 0; i < _drawn.Length; i++)
        {
            int sample = _drawn[i] = _sampleOfRow[random.Next(_sampleOfRow.Length)];
            if (_placeOfSample[sample] < 0) Append(sample);
            _place[i] = _placeOfSample[sample];
        }
        foreach (int sample in _drawn) _placeOfSample[sample] = -1;
    }

    /// <summary>Instead of a draw, as many of the <see cref="Count"/> samples from <paramref name="start"/> on as a batch has room for.</summary>
    /// <returns>How many.</returns>
    public int Take(int start)
    {
        Distinct = 0;
        int end = Math.Min(_samples.Length, start + _drawn.Length);
        for (int sample = start; sample < end; sample++) Append(sample);
        _placeOfSample.AsSpan(start, end - start).Fill(-1);
        return Distinct;
    }

    private void Append(int sample)
    {
        _all[_samples[sample]].CopyTo(_values.AsSpan(Distinct * _width));
        _placeOfSample[sample] = Distinct++;
    }
}
