namespace AnomalySharp.Data;

/// <summary>
/// Writes scores to a <c>.csv</c>, <c>.tsv</c> or <c>.parquet</c> file, block after block: columns <c>row, score, probability, anomaly</c>, and
/// <c>explanation</c> where it is given. The file appears when <see cref="Complete"/> is called, whole.
/// </summary>
public sealed class ScoreWriter : IDisposable
{
    /// <summary>Starts a file; the format is told by the ending.</summary>
    /// <param name="path">Where the file will be.</param>
    /// <param name="explained">Whether there is a column <c>explanation</c>.</param>
    /// <exception cref="OptionException">Unknown ending.</exception>
    /// <exception cref="AnomalySharpException">The folder is missing or not writable.</exception>
    public ScoreWriter(string path, bool explained = false) => throw new NotImplementedException();

    /// <summary>Appends scored samples. Rows without names are numbered on from the last block, from 0.</summary>
    /// <param name="scored">The block.</param>
    /// <param name="explanations">One text per sample, or null.</param>
    public void Write(ScoredSamples scored, IReadOnlyList<string>? explanations = null) => throw new NotImplementedException();

    /// <summary>Finishes the file and renames it into place.</summary>
    /// <exception cref="AnomalySharpException">It cannot be written; an old file stays as it was.</exception>
    public void Complete() => throw new NotImplementedException();

    /// <summary>Removes what was written, unless <see cref="Complete"/> was called.</summary>
    public void Dispose() => throw new NotImplementedException();
}
