using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.FeatureLearning;

/// <summary>Options of the detector <c>dcn</c>.</summary>
[Detector(
    "dcn",
    Family = DetectorFamily.FeatureLearning,
    Summary = "Learns a reconstruction whose codes suit k-means; what is far from the centres of large clusters is abnormal.",
    Paper = "Yang, Fu, Sidiropoulos, Hong: Towards K-means-friendly Spaces: Simultaneous Deep Learning and Clustering. ICML 2017",
    Kinds = DataKinds.Table | DataKinds.Sequence)]
public sealed record DcnOptions : DeepClusteringOptions
{
    /// <summary>λ: weight of the distance to the centre. The default value is 0.1, the least of the paper's.</summary>
    [Description("Weight of the distance to the centre beside the reconstruction error."), Range(0, 1000)]
    public double ClusterWeight { get; init; } = 0.1;

    /// <inheritdoc/>
    protected override Detector Create() => new Dcn(this);
}

/// <summary>
/// Alternates, batch by batch, between a step of the networks, assignment of codes to their nearest centres, and a step of these centres whose size
/// is one over the number of codes they had so far.
/// </summary>
/// <remarks>Departure: both terms are means over values, so that λ means the same for every width.</remarks>
internal sealed class Dcn(DcnOptions options) : DeepClustering(options)
{
    // Objective: mean over the batch of ‖x − g(f(x))‖²/d + (λ/2)‖f(x) − μ‖²/k, μ the nearest centre.
    protected override TrainingPhase Together(Samples samples, FitContext context)
    {
        SquaredDistances distances = Distances;
        int width = samples.Shape.Length, k = distances.InputSize, clusters = distances.OutputSize, rows = Math.Min(options.BatchSize, samples.Count);
        Optimizer optimizer = Optimizer.Create(options, Networks.Encoder, Networks.Decoder);
        Assignments assigned = new(clusters);
        float[] codes = new float[rows * k], squares = new float[rows * clusters], atCodes = new float[rows * k], gradient = new float[rows * width];

        double Step(in TrainingBatch batch)
        {
            int count = batch.Count;
            Span<float> z = codes.AsSpan(0, count * k), slope = atCodes.AsSpan(0, count * k);
            Networks.Encoder.Forward(batch.Values, count).CopyTo(z);
            double loss = SquaredError.Loss(Networks.Decoder.Forward(z, count), batch.Values, gradient);
            Networks.Decoder.Backward(gradient.AsSpan(0, count * width), needInputGradient: true).CopyTo(slope);
            distances.Infer(z, count, squares);
            loss += AddClusterLoss(z, count, squares, distances.Parameters.Values, options.ClusterWeight, slope);
            Networks.Encoder.Backward(slope);
            optimizer.Step();
            // Codes after the step, as the paper's second and third steps see them.
            Networks.Encoder.Infer(batch.Values, count, z);
            distances.Infer(z, count, squares);
            for (int i = 0; i < count; i++)
            {
                int c = Nearest(squares.AsSpan(i * clusters, clusters));
                Span<float> center = distances.Parameters.Values.Slice(c * k, k);
                float share = 1f / ++assigned.Counts[c];
                for (int j = 0; j < k; j++) center[j] += share * (z[i * k + j] - center[j]);
            }
            return loss;
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            Span<float> z = codes.AsSpan(0, count * k);
            Networks.Encoder.Infer(values, count, z);
            distances.Infer(z, count, squares);
            double loss = AddClusterLoss(z, count, squares, distances.Parameters.Values, options.ClusterWeight, atCodes);
            Networks.Decoder.Infer(z, count, gradient);
            return loss + SquaredError.Loss(gradient.AsSpan(0, values.Length), values, gradient);
        }

        void Start()
        {
            int[] sizes = Cluster(samples, context);
            for (int c = 0; c < clusters; c++) assigned.Counts[c] = sizes[c];
        }

        return new TrainingPhase
        {
            Name = "clustering",
            Epochs = ClusteringEpochs,
            Start = Start,
            Step = Step,
            Validation = Validation,
            Optimizers = [optimizer],
            Memory = assigned,
        };
    }

    /// <summary>Adds the gradient of the mean of (λ/2)‖z − μ‖²/k at the codes.</summary>
    internal static double AddClusterLoss(
        ReadOnlySpan<float> codes, int count, ReadOnlySpan<float> squares, ReadOnlySpan<float> centers, double weight, Span<float> gradient)
    {
        int k = codes.Length / count, clusters = centers.Length / k;
        double loss = 0;
        float factor = (float)(weight / (count * k));
        for (int i = 0; i < count; i++)
        {
            int c = Nearest(squares.Slice(i * clusters, clusters));
            loss += weight / 2 * squares[i * clusters + c] / (count * k);
            for (int j = 0; j < k; j++) gradient[i * k + j] += factor * (codes[i * k + j] - centers[c * k + j]);
        }
        return loss;
    }

    /// <summary>How many codes each centre had so far.</summary>
    private sealed class Assignments(int clusters) : ITrainingMemory
    {
        public long[] Counts { get; private set; } = new long[clusters];

        public void WriteState(TensorState state) => state.Set<long>("counts", Counts);

        public void ReadState(TensorState state) => Counts = state.Get<long>("counts", clusters);
    }
}
