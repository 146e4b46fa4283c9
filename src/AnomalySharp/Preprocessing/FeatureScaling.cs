namespace AnomalySharp.Preprocessing;

/// <summary>How features are brought to comparable ranges; fitted on training rows only.</summary>
public enum FeatureScaling
{
    /// <summary>As they are.</summary>
    None,

    /// <summary>Mean 0, standard deviation 1.</summary>
    Standard,

    /// <summary>Training minimum to 0, training maximum to 1.</summary>
    MinMax,

    /// <summary>Median 0, interquartile range 1.</summary>
    Robust,
}
