namespace AnomalySharp;

/// <summary>A detector that makes samples of codes, and so can go from one sample to another through its space of codes.</summary>
/// <remarks>
/// Samples here are scaled, as the detector sees them; <see cref="AnomalyModel.Generate"/> and
/// <see cref="AnomalyModel.Interpolate(Dataset, int, int, int)"/>
/// give them in the units of the data.
/// </remarks>
public interface IInterpolatingDetector
{
    /// <summary>Walks in the space of codes from one sample to another, in equal steps.</summary>
    /// <param name="ends">Two samples: where to start, and where to end.</param>
    /// <param name="steps">Samples on the way, both ends included (as the detector reconstructs them), at least 2.</param>
    /// <exception cref="DataException">Not two samples, or of another shape than at training.</exception>
    Samples Interpolate(Samples ends, int steps);
}

/// <summary>One whose codes have a known distribution, so that it can also draw samples: what it takes for normal, to look at.</summary>
public interface IGenerativeDetector : IInterpolatingDetector
{
    /// <summary>Draws samples.</summary>
    /// <param name="count">How many, at least 1.</param>
    /// <param name="seed">Start of the random sequence: the same seed, the same samples.</param>
    Samples Generate(int count, int seed);

    /// <summary>
    /// Walks in equal steps between two drawn codes that are at least √k standard deviations of a unit apart,
    /// k units in a code: 10 for the normal codes
    /// of 100 units with which f-AnoGAN shows it.
    /// </summary>
    /// <param name="steps">Samples on the way, both ends included, at least 2.</param>
    /// <param name="seed">Start of the random sequence: the same seed, the same walk.</param>
    Samples Interpolate(int steps, int seed);
}
