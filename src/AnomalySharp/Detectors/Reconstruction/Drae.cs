using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using AnomalySharp.Networks;
using AnomalySharp.Training;

namespace AnomalySharp.Detectors.Reconstruction;

/// <summary>Options of the detector <c>drae</c>: discriminative reconstruction by an autoencoder.</summary>
[Detector(
    "drae",
    Family = DetectorFamily.Reconstruction,
    Summary = "An autoencoder that learns from what it reconstructs well and drives the errors of the rest away; a large error is abnormal.",
    Paper = "Xia, Cao, Wen, Hua, Sun: Learning Discriminative Reconstructions for Unsupervised Outlier Removal. ICCV 2015",
    TorchKinds = DataKinds.Image)]
public sealed record DraeOptions : ReconstructionOptions
{
    /// <summary>λ: weight of the scatter within the two parts, as a share of all scatter. The default value is the 0.1 of E³Outlier's code.</summary>
    [Description("Weight of the scatter of errors within inliers and outliers."), Range(0, 1e4)]
    public double Discrimination { get; init; } = 0.1;

    /// <summary>Function of the code. The default value is the identity.</summary>
    [Description("Function of the code.")]
    public Activation CodeActivation { get; init; } = Networks.Activation.Identity;

    /// <inheritdoc/>
    protected override Detector Create() => new Drae(this);
}

/// <summary>
/// An autoencoder with <see cref="DiscriminativeLoss"/> on the errors ‖x − x̂‖² of a batch: those above the best split do not pull at the
/// reconstruction. The score is the mean error over a sample's values.
/// </summary>
internal sealed class Drae(DraeOptions options) : ReconstructionDetector(options)
{
    protected override AutoencoderArchitecture Architecture(SampleShape shape) =>
        base.Architecture(shape) with { CodeActivation = options.CodeActivation };

    protected override IReadOnlyList<TrainingPhase> CreatePhases(Samples samples, FitContext context)
    {
        Optimizer optimizer = Optimizer.Create(options, TrainedNetworks[0], TrainedNetworks[1]);
        int width = samples.Shape.Length, batchSize = Math.Min(options.BatchSize, samples.Count);
        double[] errors = new double[batchSize], slopes = new double[batchSize];
        float[] gradient = new float[batchSize * width];

        double Step(in TrainingBatch batch)
        {
            ReadOnlySpan<float> reconstruction = Networks.Forward(batch.Values, batch.Count);
            Measure(reconstruction, batch.Values, batch.Count);
            (double loss, _) = DiscriminativeLoss.Of(errors.AsSpan(0, batch.Count), options.Discrimination, slopes);
            for (int i = 0; i < batch.Values.Length; i++)
            {
                gradient[i] = (float)(slopes[i / width] * 2 * ((double)reconstruction[i] - batch.Values[i]));
            }
            Networks.Backward(gradient.AsSpan(0, batch.Values.Length));
            optimizer.Step();
            return loss;
        }

        double Validation(ReadOnlySpan<float> values, int count)
        {
            Networks.Reconstruct(values, count, gradient);
            Measure(gradient, values, count);
            return DiscriminativeLoss.Of(errors.AsSpan(0, count), options.Discrimination, slopes).Loss;
        }

        void Measure(ReadOnlySpan<float> reconstruction, ReadOnlySpan<float> values, int count)
        {
            for (int i = 0; i < count; i++)
            {
                errors[i] = width * (double)SquaredError.OfSample(reconstruction.Slice(i * width, width), values.Slice(i * width, width));
            }
        }

        return [new TrainingPhase { Epochs = options.Epochs, Step = Step, Validation = Validation, Optimizers = [optimizer] }];
    }
}
