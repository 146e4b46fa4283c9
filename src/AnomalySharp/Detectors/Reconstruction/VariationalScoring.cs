using System.Buffers;
using System.Numerics.Tensors;
using AnomalySharp.Networks;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>
/// The scores of a variational autoencoder that average over codes z = μ(x) + σ(x)⊙ε drawn for a sample.
/// </summary>
/// <remarks>
/// All samples share the same noise vectors ε₁ … ε_L, which follow from the model's seed: a score then depends on its sample and on nothing that is
/// scored beside it, and two samples differ by what they are, not by their luck (common random numbers).
/// Left out of −log p(x|z) is what x has of itself, see <see cref="Likelihood.OwnTerms"/>: for pixels of 0 and 1 nothing.
/// </remarks>
internal sealed class VariationalScoring
{
    private readonly AutoencoderNetworks _networks;
    private readonly Likelihood _likelihood;
    private readonly VariationalScore _score;
    private readonly int _draws, _latent;
    private readonly float[] _noise;

    public VariationalScoring(AutoencoderNetworks networks, Likelihood likelihood, VariationalScore score, int draws, int seed)
    {
        (_networks, _likelihood, _score, _draws, _latent) = (networks, likelihood, score, draws, networks.Decoder.InputSize);
        _noise = new float[draws * _latent];
        // Draw by draw, so that more draws add to those that fewer would have.
        for (int l = 0; l < draws; l++) GaussianNoise.Fill(Noise(l), seed, l);
    }

    /// <summary>Scores of <paramref name="rows"/> samples.</summary>
    public void Score(ReadOnlySpan<float> x, int rows, Span<float> scores)
    {
        float[] codes = Encode(x, rows);
        double[] logWeights = LogWeights(x, codes, rows);
        for (int i = 0; i < rows; i++)
        {
            ReadOnlySpan<double> ofRow = logWeights.AsSpan(i * _draws, _draws);
            double score = _score == VariationalScore.ImportanceWeighted ? -LogMeanExp(ofRow) : -Mean(ofRow);
            if (_score == VariationalScore.NegativeElbo) score += DiagonalGaussian.Divergence(codes.AsSpan(i * 2 * _latent, 2 * _latent));
            // The weights of the networks are finite: NaN is a difference of infinities, a sample too far away for float32.
            scores[i] = double.IsNaN(score) ? float.PositiveInfinity : (float)score;
        }
        ArrayPool<float>.Shared.Return(codes);
    }

    /// <summary>−log p(x_j|z) of every feature j, averaged over the draws, by their importance where the score is so.</summary>
    public void Attribute(ReadOnlySpan<float> x, int rows, Span<float> attributions)
    {
        float[] codes = Encode(x, rows);
        double[]? logWeights = _score == VariationalScore.ImportanceWeighted ? LogWeights(x, codes, rows) : null;
        int width = x.Length / rows;
        float[] sums = new float[x.Length];
        ForEachDraw(x, codes, rows, (l, i, terms, _) =>
        {
            float weight = logWeights is null ? 1f / _draws : Importance(logWeights.AsSpan(i * _draws, _draws), l);
            Span<float> sum = sums.AsSpan(i * width, width);
            for (int j = 0; j < width; j++) sum[j] += weight * terms[j];
        });
        for (int j = 0; j < sums.Length; j++) attributions[j] = sums[j] <= float.MaxValue ? Math.Max(sums[j], float.MinValue) : float.MaxValue;
        ArrayPool<float>.Shared.Return(codes);
    }

    private delegate void DrawAction(int draw, int row, ReadOnlySpan<float> terms, ReadOnlySpan<float> z);

    /// <summary>log p(x|z) of every row and draw; with log p(z) − log q(z|x) where draws are weighted by their importance.</summary>
    private double[] LogWeights(ReadOnlySpan<float> x, float[] codes, int rows)
    {
        double[] logWeights = new double[rows * _draws];
        ForEachDraw(x, codes, rows, (l, i, terms, z) =>
        {
            double logWeight = -Lanes.Sum(terms);
            if (_score == VariationalScore.ImportanceWeighted) logWeight += DiagonalGaussian.LogRatio(codes.AsSpan(i * 2 * _latent, 2 * _latent), Noise(l), z);
            logWeights[i * _draws + l] = logWeight;
        });
        return logWeights;
    }

    private void ForEachDraw(ReadOnlySpan<float> x, float[] codes, int rows, DrawAction action)
    {
        int width = x.Length / rows, outputWidth = _networks.Decoder.OutputSize;
        float[] z = ArrayPool<float>.Shared.Rent(rows * _latent), outputs = ArrayPool<float>.Shared.Rent(rows * outputWidth), terms = ArrayPool<float>.Shared.Rent(width);
        float[] own = ArrayPool<float>.Shared.Rent(x.Length);
        _likelihood.OwnTerms(x, own);
        for (int l = 0; l < _draws; l++)
        {
            for (int i = 0; i < rows; i++) DiagonalGaussian.Draw(codes.AsSpan(i * 2 * _latent, 2 * _latent), Noise(l), z.AsSpan(i * _latent, _latent));
            _networks.Decoder.Infer(z.AsSpan(0, rows * _latent), rows, outputs);
            for (int i = 0; i < rows; i++)
            {
                _likelihood.Evaluate(x.Slice(i * width, width), outputs.AsSpan(i * outputWidth, outputWidth), terms.AsSpan(0, width));
                TensorPrimitives.Subtract(terms.AsSpan(0, width), own.AsSpan(i * width, width), terms.AsSpan(0, width));
                action(l, i, terms.AsSpan(0, width), z.AsSpan(i * _latent, _latent));
            }
        }
        ArrayPool<float>.Shared.Return(own);
        ArrayPool<float>.Shared.Return(terms);
        ArrayPool<float>.Shared.Return(outputs);
        ArrayPool<float>.Shared.Return(z);
    }

    private float[] Encode(ReadOnlySpan<float> x, int rows)
    {
        float[] codes = ArrayPool<float>.Shared.Rent(rows * 2 * _latent);
        _networks.Encoder.Infer(x, rows, codes);
        return codes;
    }

    private Span<float> Noise(int draw) => _noise.AsSpan(draw * _latent, _latent);

    private float Importance(ReadOnlySpan<double> logWeights, int draw)
    {
        double share = Math.Exp(logWeights[draw] - LogMeanExp(logWeights)) / _draws;
        return double.IsFinite(share) ? (float)share : 1f / _draws;
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values) sum += value;
        return sum / values.Length;
    }

    private static double LogMeanExp(ReadOnlySpan<double> values)
    {
        double most = double.NegativeInfinity, sum = 0;
        foreach (double value in values) most = Math.Max(most, value);
        foreach (double value in values) sum += Math.Exp(value - most);
        return most + Math.Log(sum / values.Length);
    }
}
