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
        // As after a ReLU: variance 2/fan-in (He et al., ICCV 2015).
        DenseNetwork target = RandomWeights.Create(width, [new DenseLayer(options.Outputs)], inputs => Math.Sqrt(2.0 / inputs), random);
        DenseNetwork prediction = new(width, Layers(options), random.Next());
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
        float[] batch = new float[size * width], targets = new float[size * k], predictions = new float[size * k], gradient = new float[size * k];
        int[] partners = [.. Enumerable.Range(0, size)];
        for (int step = 0; step < _options.Epochs * _options.BatchesPerEpoch; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int i = 0; i < size; i++) samples[rows[random.Next(rows.Length)]].CopyTo(batch.AsSpan(i * width));
            random.Shuffle(partners);
            _target.Infer(batch, size, targets);
            LeakyRelu(targets, TargetSlope);
            // Dropout comes before the leaky ReLU here and after it in the paper, which is the same: a mask is not negative.
            _prediction.Forward(batch, size).CopyTo(predictions);
            LeakyRelu(predictions, PredictionSlope);
            double value = loss.Of(predictions, targets, partners, gradient);
            if (!double.IsFinite(value))
            {
                throw new TrainingException(
                    $"the training diverged: the loss became {value} in step {step + 1}. Try a smaller learningRate "
                    + $"(it is {_options.LearningRate}) or standardised features.");
            }
            for (int j = 0; j < gradient.Length; j++)
            {
                if (predictions[j] < 0) gradient[j] *= PredictionSlope;
            }
            _prediction.Backward(gradient);
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
        DenseNetwork target = new(shape.Length, [new DenseLayer(options.Outputs)]), prediction = new(shape.Length, Layers(options));
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

    private static DenseLayer[] Layers(RdpOptions options) => [new DenseLayer(options.Outputs) { Dropout = (float)options.Dropout }];

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
