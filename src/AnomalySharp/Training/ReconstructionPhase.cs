using AnomalySharp.Networks;

namespace AnomalySharp.Training;

/// <summary>The plain autoencoder's training, alone or before another one: L = mean over the batch of ‖x − g(f(x))‖²/d.</summary>
internal static class ReconstructionPhase
{
    /// <param name="networks">f and g.</param>
    /// <param name="samples">What they learn from.</param>
    /// <param name="options">Batch size and optimiser.</param>
    public static TrainingPhase Create(AutoencoderNetworks networks, Samples samples, NetworkDetectorOptions options)
    {
        Optimizer optimizer = Optimizer.Create(options, networks.Encoder, networks.Decoder);
        float[] gradient = new float[Math.Min(options.BatchSize, samples.Count) * samples.Shape.Length];

        double Step(in TrainingBatch batch)
        {
            double loss = SquaredError.Loss(networks.Forward(batch.Values, batch.Count), batch.Values, gradient);
            networks.Backward(gradient.AsSpan(0, batch.Values.Length));
            optimizer.Step();
            return loss;
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            networks.Reconstruct(values, count, gradient);
            return SquaredError.Loss(gradient.AsSpan(0, values.Length), values, gradient);
        }

        return new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] };
    }
}
