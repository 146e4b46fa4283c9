using AnomalySharp.Networks;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>
/// z = [z_c, z_r] of DAGMM: the code of a compression network and the features of its reconstruction (equations 1 to 3 of the paper).
/// </summary>
internal sealed class CompressionCode(AutoencoderNetworks networks)
{
    private readonly int _latent = networks.Decoder.InputSize, _width = networks.Encoder.InputSize;
    private float[] _codes = [], _outputs = [], _gradient = [];

    /// <summary>Values of z.</summary>
    public int Dimensions => _latent + ReconstructionFeatures.Count;

    /// <summary>x′ of the last <see cref="Forward"/>.</summary>
    public ReadOnlySpan<float> Reconstruction => _outputs;

    /// <summary>z of a batch, for training.</summary>
    public void Forward(ReadOnlySpan<float> x, int count, Span<double> z)
    {
        if (_codes.Length < count * _latent)
        {
            (_codes, _outputs, _gradient) = (new float[count * _latent], new float[count * _width], new float[count * _latent]);
        }
        networks.Encoder.Forward(x, count).CopyTo(_codes);
        networks.Decoder.Forward(_codes.AsSpan(0, count * _latent), count).CopyTo(_outputs);
        Join(x, _codes, _outputs, count, z);
    }

    /// <summary>Adds the gradients of both networks.</summary>
    /// <param name="x">The batch of the last <see cref="Forward"/>.</param>
    /// <param name="count">Number of samples.</param>
    /// <param name="atZ">The gradient at z.</param>
    /// <param name="atReconstruction">The gradient at x′ that does not go through z; receives the whole one.</param>
    public void Backward(ReadOnlySpan<float> x, int count, ReadOnlySpan<double> atZ, Span<float> atReconstruction)
    {
        int d = Dimensions;
        for (int i = 0; i < count; i++)
        {
            int at = i * _width;
            ReconstructionFeatures.AddGradient(
                x.Slice(at, _width), _outputs.AsSpan(at, _width), atZ[i * d + _latent], atZ[i * d + _latent + 1], atReconstruction.Slice(at, _width));
        }
        Span<float> atCode = _gradient.AsSpan(0, count * _latent);
        networks.Decoder.Backward(atReconstruction[..(count * _width)], needInputGradient: true).CopyTo(atCode);
        for (int i = 0; i < count; i++) for (int j = 0; j < _latent; j++) atCode[i * _latent + j] += (float)atZ[i * d + j];
        networks.Encoder.Backward(atCode);
    }

    /// <summary>z without training. Safe from several threads at once.</summary>
    public double[] Infer(ReadOnlySpan<float> x, int count)
    {
        float[] codes = new float[count * _latent], outputs = new float[count * _width];
        double[] z = new double[count * Dimensions];
        networks.Encoder.Infer(x, count, codes);
        networks.Decoder.Infer(codes, count, outputs);
        Join(x, codes, outputs, count, z);
        return z;
    }

    /// <summary>z of all samples, a block at a time.</summary>
    public double[] Infer(Samples samples)
    {
        const int Block = 1024;
        double[] z = new double[samples.Count * Dimensions];
        for (int start = 0; start < samples.Count; start += Block)
        {
            int rows = Math.Min(Block, samples.Count - start);
            Infer(samples.Values.Span.Slice(start * _width, rows * _width), rows).CopyTo(z, start * Dimensions);
        }
        return z;
    }

    private void Join(ReadOnlySpan<float> x, ReadOnlySpan<float> codes, ReadOnlySpan<float> outputs, int count, Span<double> z)
    {
        int d = Dimensions;
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < _latent; j++) z[i * d + j] = codes[i * _latent + j];
            (z[i * d + _latent], z[i * d + _latent + 1]) = ReconstructionFeatures.Of(x.Slice(i * _width, _width), outputs.Slice(i * _width, _width));
        }
    }
}
