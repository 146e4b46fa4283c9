namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>
/// How far predictions φ(x) are from targets η(x): L_aux = mean (φ − η)² over batch and outputs, and L_rdp = mean (⟨φ(x), φ(x′)⟩ − ⟨η(x), η(x′)⟩)²
/// over pairs, products taken of the vectors or of the vectors over their ℓ1 norm.
/// </summary>
internal sealed class RandomDistanceLoss(int outputs, bool auxiliary, bool distance, bool normalized)
{
    private const double LeastNorm = 1e-12;

    private double[] _predictions = [], _targets = [], _slopes = [];

    /// <summary>The loss of a batch and its gradient at the predictions.</summary>
    /// <param name="predictions">φ(x), row-major.</param>
    /// <param name="targets">η(x), likewise.</param>
    /// <param name="partners">x′ of every x: its row in the batch.</param>
    /// <param name="gradient">Receives the gradient.</param>
    public double Of(ReadOnlySpan<float> predictions, ReadOnlySpan<float> targets, ReadOnlySpan<int> partners, Span<float> gradient)
    {
        int count = partners.Length, k = outputs;
        double loss = 0;
        gradient.Clear();
        if (auxiliary)
        {
            double share = 1.0 / (count * k);
            for (int i = 0; i < count * k; i++)
            {
                double error = (double)predictions[i] - targets[i];
                loss += error * error * share;
                gradient[i] = (float)(2 * share * error);
            }
        }
        if (!distance) return loss;
        Grow(count * k);
        for (int i = 0; i < count; i++)
        {
            Scale(predictions.Slice(i * k, k), _predictions.AsSpan(i * k, k));
            Scale(targets.Slice(i * k, k), _targets.AsSpan(i * k, k));
        }
        Array.Clear(_slopes);
        for (int i = 0; i < count; i++)
        {
            int own = i * k, other = partners[i] * k;
            double error = Dot(_predictions.AsSpan(own, k), _predictions.AsSpan(other, k)) - Dot(_targets.AsSpan(own, k), _targets.AsSpan(other, k));
            loss += error * error / count;
            double slope = 2 * error / count;
            for (int j = 0; j < k; j++)
            {
                _slopes[own + j] += slope * _predictions[other + j];
                _slopes[other + j] += slope * _predictions[own + j];
            }
        }
        for (int i = 0; i < count; i++) AddScaled(predictions.Slice(i * k, k), i * k, gradient.Slice(i * k, k));
        return loss;
    }

    /// <summary>The same of one sample, with fixed partners.</summary>
    public double OfSample(
        ReadOnlySpan<float> prediction, ReadOnlySpan<float> target, ReadOnlySpan<float> partnerPredictions, ReadOnlySpan<float> partnerTargets)
    {
        int k = outputs, partners = partnerTargets.Length / k;
        double loss = 0;
        if (auxiliary)
        {
            for (int j = 0; j < k; j++) loss += Math.Pow((double)prediction[j] - target[j], 2) / k;
        }
        if (!distance) return loss;
        double products = 0, scale = 1 / Norm(prediction), targetScale = 1 / Norm(target);
        for (int p = 0; p < partners; p++)
        {
            ReadOnlySpan<float> otherPrediction = partnerPredictions.Slice(p * k, k), otherTarget = partnerTargets.Slice(p * k, k);
            double predicted = 0, wanted = 0;
            for (int j = 0; j < k; j++)
            {
                predicted += (double)prediction[j] * otherPrediction[j];
                wanted += (double)target[j] * otherTarget[j];
            }
            products += Math.Pow(predicted * scale / Norm(otherPrediction) - wanted * targetScale / Norm(otherTarget), 2);
        }
        return loss + products / partners;
    }

    private double Norm(ReadOnlySpan<float> vector)
    {
        if (!normalized) return 1;
        double sum = 0;
        foreach (float value in vector) sum += Math.Abs((double)value);
        return Math.Max(sum, LeastNorm);
    }

    private void Scale(ReadOnlySpan<float> vector, Span<double> scaled)
    {
        double norm = Norm(vector);
        for (int j = 0; j < vector.Length; j++) scaled[j] = vector[j] / norm;
    }

    /// <summary>From the slope at p̂ = p/‖p‖₁ to that at p: (g − sign(p)⟨g, p̂⟩)/‖p‖₁.</summary>
    private void AddScaled(ReadOnlySpan<float> prediction, int start, Span<float> gradient)
    {
        ReadOnlySpan<double> slope = _slopes.AsSpan(start, outputs), scaled = _predictions.AsSpan(start, outputs);
        double norm = Norm(prediction), along = normalized && norm > LeastNorm ? Dot(slope, scaled) : 0;
        for (int j = 0; j < outputs; j++) gradient[j] += (float)((slope[j] - Sign(prediction[j]) * along) / norm);
    }

    /// <summary>Unlike that of the library, of what is not a number, too: a training that diverges gets as far as its loss.</summary>
    private static int Sign(float value) => value > 0 ? 1 : value < 0 ? -1 : 0;

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b) => System.Numerics.Tensors.TensorPrimitives.Dot(a, b);

    private void Grow(int length)
    {
        if (_slopes.Length < length) (_predictions, _targets, _slopes) = (new double[length], new double[length], new double[length]);
    }
}
