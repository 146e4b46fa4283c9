using System.Numerics.Tensors;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>
/// One member of RDP: a random projection η that stays as it is, and φ that learns to predict it. Both are one layer with a leaky ReLU.
/// </summary>
internal sealed class RandomDistancePair : IDisposable
{
    private const float TargetSlope = 0.25f, PredictionSlope = 0.2f;

    private readonly RdpOptions _options;
    private readonly DenseNetwork _target, _prediction;
    private readonly float[] _partners, _partnerTargets, _partnerPredictions;

    private RandomDistancePair(DenseNetwork target, DenseNetwork prediction, float[] partners, RdpOptions options)
    {
        (_target, _prediction, _partners, _options) = (target, prediction, partners, options);
        int count = partners.Length / target.InputSize * options.Outputs;
        (_partnerTargets, _partnerPredictions) = (new float[count], new float[count]);
    }

    /// <summary>An untrained pair for samples like those of <paramref name="rows"/>.</summary>
    public static RandomDistancePair Create(Samples samples, int[] rows, RdpOptions options, Random random)
    {
        int width = samples.Shape.Length;
        // Both as after a ReLU: variance 2/fan-in (He et al., ICCV 2015).
        DenseNetwork target = RandomWeights.Create(width, Layers(options), inputs => Math.Sqrt(2.0 / inputs), random);
        DenseNetwork prediction = RandomWeights.Create(width, Layers(options), inputs => Math.Sqrt(2.0 / inputs), random);
        float[] partners = new float[options.Partners * width];
        for (int i = 0; i < options.Partners; i++) samples[rows[random.Next(rows.Length)]].CopyTo(partners.AsSpan(i * width));
        return new RandomDistancePair(target, prediction, partners, options);
    }

    /// <summary>Epochs of batches drawn with replacement; every sample of a batch is paired with another one of it.</summary>
    /// <exception cref="TrainingException">The loss became infinite.</exception>
    public void Train(Samples samples, int[] rows, Random random, CancellationToken cancellation)
    {
        int width = samples.Shape.Length, size = _options.BatchSize, k = _options.Outputs;
        Optimizer optimizer = Optimizer.Sgd([_prediction], _options.LearningRate, _options.Momentum);
        RandomDistanceLoss loss = new(k, _options.AuxiliaryLoss, _options.DistanceLoss, _options.Normalized);
        DrawnBatch batch = new(samples, rows, size);
        // η stays as it is, so what it makes of the samples does, too.
        float[] everyTarget = Targets(batch);
        float[] targets = new float[size * k], predictions = new float[size * k], gradient = new float[size * k];
        float[] projected = new float[size * k], atProjected = new float[size * k], mask = new float[size * k];
        mask.AsSpan().Fill(1);
        ulong maskSeed = (ulong)random.Next();
        int[] partners = [.. Enumerable.Range(0, size)];
        for (int step = 0; step < _options.Epochs * _options.BatchesPerEpoch; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            batch.Draw(random);
            random.Shuffle(partners);
            Span<float> codes = projected.AsSpan(0, batch.Distinct * k), atCodes = atProjected.AsSpan(0, batch.Distinct * k);
            _prediction.Forward(batch.Values, batch.Distinct).CopyTo(codes);
            LeakyRelu(codes, PredictionSlope);
            if (_options.Dropout > 0) DropoutMask.Fill(mask, (float)_options.Dropout, maskSeed, step);
            for (int i = 0; i < size; i++)
            {
                TensorPrimitives.Multiply(codes.Slice(batch.Place(i) * k, k), mask.AsSpan(i * k, k), predictions.AsSpan(i * k, k));
                everyTarget.AsSpan(batch.Drawn(i) * k, k).CopyTo(targets.AsSpan(i * k, k));
            }
            double value = loss.Of(predictions, targets, partners, gradient);
            if (!double.IsFinite(value))
            {
                throw new TrainingException(
                    $"the training diverged: the loss became {value} in step {step + 1}. Try a smaller learningRate "
                    + $"(it is {_options.LearningRate}) or standardised features.");
            }
            atCodes.Clear();
            for (int i = 0; i < size; i++)
            {
                Span<float> slope = atCodes.Slice(batch.Place(i) * k, k);
                TensorPrimitives.MultiplyAdd(gradient.AsSpan(i * k, k), mask.AsSpan(i * k, k), slope, slope);
            }
            for (int j = 0; j < atCodes.Length; j++)
            {
                if (codes[j] < 0) atCodes[j] *= PredictionSlope;
            }
            _prediction.Backward(atCodes);
            GradientClipping.Clip(_options.GradientNorm, _prediction);
            optimizer.Step();
        }
        Prepare();
    }

    /// <summary>
    /// Adds to every score the mean of (φ − η)² over the outputs and the mean over the partners of the squared error of the product.
    /// </summary>
    public void AddScores(Samples samples, Span<double> scores)
    {
        int k = _options.Outputs;
        float[] targets = new float[samples.Count * k], predictions = new float[samples.Count * k];
        Project(samples.Values.Span, samples.Count, targets, predictions);
        RandomDistanceLoss loss = new(k, _options.AuxiliaryLoss, _options.DistanceLoss, _options.Normalized);
        for (int i = 0; i < samples.Count; i++)
        {
            scores[i] += loss.OfSample(predictions.AsSpan(i * k, k), targets.AsSpan(i * k, k), _partnerPredictions, _partnerTargets);
        }
    }

    public TensorState State()
    {
        TensorState state = new(), target = new(), prediction = new();
        _target.WriteState(target);
        _prediction.WriteState(prediction);
        state.AddPart("target", target);
        state.AddPart("prediction", prediction);
        state.Set<float>("partners", _partners, _options.Partners, _target.InputSize);
        return state;
    }

    public static RandomDistancePair Read(TensorState state, SampleShape shape, RdpOptions options)
    {
        DenseNetwork target = new(shape.Length, Layers(options)), prediction = new(shape.Length, Layers(options));
        RandomDistancePair pair = new(target, prediction, state.Get<float>("partners", options.Partners * shape.Length), options);
        try
        {
            target.ReadState(state.GetPart("target"));
            prediction.ReadState(state.GetPart("prediction"));
            pair.Prepare();
            return pair;
        }
        catch
        {
            pair.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _target.Dispose();
        _prediction.Dispose();
    }

    // Without dropout, which comes after the leaky ReLU.
    private static DenseLayer[] Layers(RdpOptions options) => [new DenseLayer(options.Outputs)];

    /// <summary>η of all samples that a batch can have, a batch at a time.</summary>
    private float[] Targets(DrawnBatch batch)
    {
        int k = _options.Outputs;
        float[] targets = new float[batch.Count * k];
        for (int start = 0; start < batch.Count; start += _options.BatchSize)
        {
            int count = batch.Take(start);
            _target.Infer(batch.Values, count, targets.AsSpan(start * k, count * k));
        }
        LeakyRelu(targets, TargetSlope);
        return targets;
    }

    private void Prepare() => Project(_partners, _options.Partners, _partnerTargets, _partnerPredictions);

    private void Project(ReadOnlySpan<float> samples, int count, Span<float> targets, Span<float> predictions)
    {
        _target.Infer(samples, count, targets);
        LeakyRelu(targets, TargetSlope);
        _prediction.Infer(samples, count, predictions);
        LeakyRelu(predictions, PredictionSlope);
    }

    private static void LeakyRelu(Span<float> values, float slope)
    {
        foreach (ref float value in values) value = Math.Max(value, slope * value);
    }
}
