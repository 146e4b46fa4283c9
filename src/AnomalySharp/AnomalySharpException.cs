namespace AnomalySharp;

/// <summary>
/// Something the user can mend: bad data, a bad option, a damaged model, a training run that diverged. The message says what is wrong,
/// where, and what to do; it is written to be shown as it is.
/// </summary>
public class AnomalySharpException : Exception
{
    /// <inheritdoc cref="AnomalySharpException"/>
    public AnomalySharpException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>The data cannot be used: unreadable, not finite, of the wrong shape, too few samples, unknown columns.</summary>
public sealed class DataException : AnomalySharpException
{
    /// <inheritdoc cref="DataException"/>
    public DataException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>An option is unknown, malformed or out of its range, or a detector's name is unknown.</summary>
public sealed class OptionException : AnomalySharpException
{
    /// <inheritdoc cref="OptionException"/>
    public OptionException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>A model file is truncated, altered, or written by a version that this one does not know.</summary>
public sealed class ModelFileException : AnomalySharpException
{
    /// <inheritdoc cref="ModelFileException"/>
    public ModelFileException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>Training could not go on, for example because the loss diverged.</summary>
public sealed class TrainingException : AnomalySharpException
{
    /// <inheritdoc cref="TrainingException"/>
    public TrainingException(string message, Exception? inner = null) : base(message, inner) { }
}
