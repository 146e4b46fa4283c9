namespace AnomalySharp.Torch.Native;

/// <summary>libtorch cannot be used on this system. The message says what is missing, where it was looked for, and how to mend it.</summary>
public sealed class TorchNotAvailableException : AnomalySharpException
{
    /// <inheritdoc cref="TorchNotAvailableException"/>
    public TorchNotAvailableException(string message, Exception? inner = null) : base(message, inner) { }
}
