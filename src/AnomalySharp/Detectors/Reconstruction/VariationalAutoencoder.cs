using System.Globalization;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>
/// Encoder q(z|x) = N(μ, diag σ²) and decoder p(x|z), trained to minimise the negative evidence lower bound
/// −E[log p(x|z)] + β·KL(q(z|x) ‖ N(0, I)), summed over features and averaged over samples (Kingma and Welling, ICLR 2014).
/// </summary>
internal sealed class VariationalAutoencoder(VariationalAutoencoderOptions options) : ReconstructionDetector(options), IGenerativeDetector
{
    /// <summary>A unit of the code is active where its mean varies from sample to sample: by more than this (Burda et al., ICLR 2016).</summary>
    private const double ActiveVariance = 0.01;

    private const int BlockValues = 16384;

    private readonly Likelihood _likelihood = options.CreateLikelihood();
    private VariationalScoring? _scoring;
    private int _noiseSeed;

    private int Latent => Networks.Decoder.InputSize;

    protected override AutoencoderArchitecture Architecture(SampleShape shape) =>
        base.Architecture(shape) with { CodeHeads = 2, OutputHeads = _likelihood.HeadCount };

    protected override void FitCore(Samples samples, FitContext context)
    {
        _likelihood.Require(samples);
        _noiseSeed = context.CreateRandom(-2).Next();
        base.FitCore(samples, context);
        _scoring = CreateScoring();
        if (CodeMoments.Of(Networks.Encoder, samples, Latent).Variances.Any(variance => variance > ActiveVariance)) return;
        context.Warn(string.Create(
            CultureInfo.InvariantCulture,
            $"{DisplayName}: the posterior collapsed: no unit of the code (of {Latent}) varies from sample to sample, so all samples are reconstructed alike. "
            + $"Try a smaller beta (it is {options.Beta}), a longer warmUp (it is {options.WarmUp}), more epochs, or with likelihood=fixedGaussian a smaller deviation."));
    }

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        Network encoder = Networks.Encoder, decoder = Networks.Decoder;
        Optimizer optimizer = Optimizer.Create(options, encoder, decoder);
        int rows = Math.Min(options.BatchSize, samples.Count), k = Latent, heldOut = Math.Min((int)(samples.Count * options.ValidationFraction), samples.Count - 1);
        double warmUpSteps = options.WarmUp * options.Epochs * ((samples.Count - heldOut - 1) / options.BatchSize + 1);
        float[] noise = new float[rows * k], fixedNoise = new float[rows * k], z = new float[rows * k];
        float[] codeGradient = new float[rows * encoder.OutputSize], outputGradient = new float[rows * decoder.OutputSize];
        int seed = context.CreateRandom(-3).Next();
        // Held-out losses of two epochs differ by the weights alone.
        GaussianNoise.Fill(fixedNoise, seed, -1);

        double Step(in TrainingBatch batch)
        {
            int count = batch.Count;
            double beta = options.Beta * Math.Min(1, (batch.Step + 1) / Math.Max(1, warmUpSteps));
            ReadOnlySpan<float> codes = encoder.Forward(batch.Values, count);
            GaussianNoise.Fill(noise.AsSpan(0, count * k), seed, batch.Step);
            DiagonalGaussian.Draw(codes, noise, count, z);
            ReadOnlySpan<float> outputs = decoder.Forward(z.AsSpan(0, count * k), count);
            Span<float> atOutputs = outputGradient.AsSpan(0, outputs.Length), atCodes = codeGradient.AsSpan(0, codes.Length);
            double reconstruction = _likelihood.Loss(batch.Values, outputs, count, atOutputs);
            ReadOnlySpan<float> atZ = decoder.Backward(atOutputs, needInputGradient: true);
            double divergence = DiagonalGaussian.Backward(codes, noise, atZ, count, (float)(beta / count), atCodes) / count;
            encoder.Backward(atCodes);
            optimizer.Step();
            return reconstruction + beta * divergence;
        }

        // With the whole β from the start: otherwise the early, cheap epochs of the warm-up would be the best ones.
        double Validation(ReadOnlySpan<float> values, int count)
        {
            Span<float> codes = codeGradient.AsSpan(0, count * encoder.OutputSize), outputs = outputGradient.AsSpan(0, count * decoder.OutputSize);
            encoder.Infer(values, count, codes);
            DiagonalGaussian.Draw(codes, fixedNoise, count, z);
            decoder.Infer(z.AsSpan(0, count * k), count, outputs);
            double divergence = 0;
            for (int i = 0; i < count; i++) divergence += DiagonalGaussian.Divergence(codes.Slice(i * 2 * k, 2 * k));
            return _likelihood.Loss(values, outputs, count) + options.Beta * divergence / count;
        }

        return [new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] }];
    }

    /// <summary>The mean of p(x|z) at the mean of q(z|x).</summary>
    protected override void Reconstruct(ReadOnlySpan<float> samples, int count, Span<float> reconstruction)
    {
        float[] codes = new float[count * 2 * Latent], means = new float[count * Latent];
        Networks.Encoder.Infer(samples, count, codes);
        for (int i = 0; i < count; i++) codes.AsSpan(i * 2 * Latent, Latent).CopyTo(means.AsSpan(i * Latent));
        Decode(means, count, reconstruction);
    }

    protected override float[] ScoreCore(Samples samples)
    {
        if (options.Score == VariationalScore.ReconstructionError) return base.ScoreCore(samples);
        float[] scores = new float[samples.Count];
        ForEachPart(samples, (start, x, rows) => _scoring!.Score(x, rows, scores.AsSpan(start, rows)));
        return scores;
    }

    /// <summary>The terms of the score feature by feature; the divergence belongs to no feature.</summary>
    protected override float[] AttributeCore(Samples samples)
    {
        if (options.Score == VariationalScore.ReconstructionError) return base.AttributeCore(samples);
        float[] attributions = new float[samples.Values.Length];
        ForEachPart(samples, (start, x, rows) => _scoring!.Attribute(x, rows, attributions.AsSpan(start * samples.Shape.Length, x.Length)));
        return attributions;
    }

    /// <summary>Means of p(x|z) for z from N(0, I): without the noise of p itself, as is usual for pictures.</summary>
    public Samples Generate(int count, int seed) => Decode(Draw(count, seed, 0), count);

    /// <summary>A straight line between the means of q(z|x) of two samples.</summary>
    public Samples Interpolate(Samples ends, int steps)
    {
        if (ends.Count != 2 || !ends.Shape.Equals(Shape)) throw new DataException($"Interpolation goes between two samples of shape {Shape}.");
        float[] codes = new float[4 * Latent];
        Networks.Encoder.Infer(ends.Values.Span, 2, codes);
        return Decode(CodeWalk.Between(codes.AsSpan(0, Latent), codes.AsSpan(2 * Latent, Latent), steps), steps);
    }

    /// <summary>A straight line between two codes from N(0, I).</summary>
    public Samples Interpolate(int steps, int seed) => Decode(CodeWalk.BetweenDrawn(number => Draw(2, seed, number), 1, steps), steps);

    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        state.SetScalar("noiseSeed", _noiseSeed);
    }

    protected override void ReadState(TensorState state, SampleShape shape)
    {
        _noiseSeed = state.GetScalar<int>("noiseSeed");
        base.ReadState(state, shape);
        _scoring = CreateScoring();
    }

    private delegate void PartAction(int start, ReadOnlySpan<float> x, int rows);

    private VariationalScoring CreateScoring() => new(Networks, _likelihood, options.Score, options.Draws, _noiseSeed);

    private float[] Draw(int count, int seed, long number)
    {
        float[] z = new float[count * Latent];
        GaussianNoise.Fill(z, seed, number);
        return z;
    }

    private Samples Decode(ReadOnlySpan<float> z, int count)
    {
        float[] samples = new float[count * Shape!.Length];
        Decode(z, count, samples);
        return new Samples(samples, Shape);
    }

    private void Decode(ReadOnlySpan<float> z, int count, Span<float> means)
    {
        int outputs = Networks.Decoder.OutputSize, width = outputs / _likelihood.HeadCount;
        float[] decoded = new float[count * outputs];
        Networks.Decoder.Infer(z, count, decoded);
        for (int i = 0; i < count; i++) _likelihood.Mean(decoded.AsSpan(i * outputs, outputs), means.Slice(i * width, width));
    }

    private static void ForEachPart(Samples samples, PartAction action)
    {
        int width = samples.Shape.Length, part = Math.Clamp(BlockValues / width / 16 * 16, 16, 1024);
        for (int start = 0; start < samples.Count; start += part)
        {
            int rows = Math.Min(part, samples.Count - start);
            action(start, samples.Values.Span.Slice(start * width, rows * width), rows);
        }
    }
}
