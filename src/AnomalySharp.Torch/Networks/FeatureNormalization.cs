namespace AnomalySharp.Torch.Networks;

/// <summary>How the stages of a convolutional or residual discriminator (critic) are normalised.</summary>
public enum FeatureNormalization
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Over the batch: a sample's features depend on the others in training, which a gradient penalty does not allow.</summary>
    Batch,

    /// <summary>
    /// Over all values of a sample, with a factor and an offset per channel: what the references of WGAN-GP call layer normalisation.
    /// </summary>
    Sample,
}
