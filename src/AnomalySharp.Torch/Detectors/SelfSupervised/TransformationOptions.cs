using System.ComponentModel;
using AnomalySharp.Preprocessing;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Torch.Transformations;
using AnomalySharp.Training;

namespace AnomalySharp.Torch.Detectors.SelfSupervised;

/// <summary>
/// What every method can be told that learns to recognise transformations of pictures, see <see cref="TransformationDetector"/>. Epochs count how
/// often each picture is shown, each time under the next transformation, rounded up to a multiple of the K transformations: the papers' ⌈200/K⌉
/// epochs of K transformed pictures each are 200 here.
/// </summary>
/// <remarks>
/// Without early stopping, as in the papers: held-out pictures are recognised ever better, and anomalies with them. ROC AUC of
/// geometric-transformations with <c>network=small</c> on class 0 of Fashion-MNIST against 1,000 test pictures, seed 0, one thread: 0.966 after 20 epochs of
/// 500 pictures (6 seconds), 0.970 after 60 of 1,000 (13 seconds).
/// </remarks>
public abstract record TransformationOptions : NetworkDetectorOptions
{
    /// <summary>Defaults that differ from those of other networks.</summary>
    protected TransformationOptions() => (Epochs, ValidationFraction, Patience, WeightDecay) = (60, 0, 0, 5e-4);

    /// <summary>
    /// The network that tells transformations apart. The default value is <see cref="PictureClassifier.Medium"/>, for processors: on two classes of CIFAR-10
    /// its mean ROC AUC was 0.84 after a minute and 0.85 after two and a half, that of the small one 0.78 and 0.83 after 9 and 27 seconds (60 and 200 passes,
    /// seed 0; the experiment <c>transformation-budget</c> measures it). The papers have <see cref="PictureClassifier.Wrn10x4"/> for 28×28 and 32×32 pictures.
    /// </summary>
    [Description("The network that tells transformations apart; the papers have wrn10x4, which wants a GPU.")]
    public PictureClassifier Network { get; init; } = PictureClassifier.Medium;

    /// <summary>The transformations that it tells apart. The default value is <see cref="TransformationSet.ShiftsAndRotations"/>.</summary>
    [Description("The transformations; an epoch shows each picture under one of them, and epochs are rounded up to a multiple of their number.")]
    public TransformationSet Transformations { get; init; } = TransformationSet.ShiftsAndRotations;

    /// <summary>
    /// The precision of training. The default value is <see cref="TrainingPrecision.Full"/>, in which scores are computed whatever is chosen here. A step in 16
    /// bits took 0.28 of the time with <see cref="PictureClassifier.Wrn10x4"/>, 0.55 with <see cref="PictureClassifier.Medium"/> and 0.9 with the small network
    /// on a processor with AMX (the benchmark <c>classifiers</c> measures it).
    /// </summary>
    [Description("bfloat16 learns faster where the processor has instructions for it (AMX, AVX-512 BF16) or on a GPU; scores are computed in float32.")]
    public TrainingPrecision Precision { get; init; }

    /// <summary>None: pictures are brought from the range of the training pictures to −1 to 1.</summary>
    public override FeatureScaling PreferredScaling => FeatureScaling.None;
}
