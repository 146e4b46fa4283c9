namespace AnomalySharp;

/// <summary>A detector that can also make samples like those it learnt from: what it takes for normal, to look at.</summary>
/// <remarks>
/// Samples here are scaled, as the detector sees them; <see cref="AnomalyModel.Generate"/> and <see cref="AnomalyModel.Interpolate"/> give them in the
/// units of the data.
/// </remarks>
public interface IGenerativeDetector
{
    /// <summary>Draws samples.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="seed">Start of the random sequence: the same seed, the same samples.</param>
    Samples Generate(int count, int seed);

    /// <summary>Walks in the space of codes from one sample to another, in equal steps.</summary>
    /// <param name="ends">Two samples: where to start, and where to end.</param>
    /// <param name="steps">Samples on the way, both ends included (as the detector reconstructs them), at least 2.</param>
    /// <exception cref="DataException">Not two samples, or of another shape than at training.</exception>
    Samples Interpolate(Samples ends, int steps);
}
