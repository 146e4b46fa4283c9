using AnomalySharp.Detectors.Reconstruction;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Tests.Contract;
using AnomalySharp.Tests.Training;

namespace AnomalySharp.Tests.Reconstruction;

public class ContractiveAutoencoderTests
{
    private static readonly ContractiveAutoencoderOptions Quick = new() { Epochs = 30, Latent = 8, BatchSize = 32, LearningRate = 5e-3 };

    public static TheoryData<int[], JacobianNorm> Encoders => new()
    {
        { [], JacobianNorm.ClosedForm },
        { [], JacobianNorm.Hutchinson },
        { [16], JacobianNorm.Exact },
        { [16], JacobianNorm.Hutchinson },
    };

    [Theory, MemberData(nameof(Encoders))]
    public void The_penalty_contracts_the_code_at_equal_epochs(int[] hidden, JacobianNorm norm)
    {
        Samples samples = TrainingLoopTests.Data(3, 400);
        ContractiveAutoencoderOptions options = Quick with { Hidden = hidden, Norm = norm, Activation = Activation.Tanh, ValidationFraction = 0 };
        double free = MeanNorm(options with { PenaltyWeight = 0 }, samples), contracted = MeanNorm(options with { PenaltyWeight = 10 }, samples);
        Assert.True(contracted < 0.8 * free, $"{contracted} with the penalty, {free} without.");
    }

    [Fact]
    public void The_estimate_contracts_as_much_as_the_exact_Jacobian()
    {
        Samples samples = TrainingLoopTests.Data(3, 400);
        ContractiveAutoencoderOptions options = Quick with { Hidden = [16], PenaltyWeight = 1, Activation = Activation.Tanh, ValidationFraction = 0 };
        double exact = MeanNorm(options with { Norm = JacobianNorm.Exact }, samples), estimated = MeanNorm(options with { Norm = JacobianNorm.Hutchinson }, samples);
        // The penalty takes a tenth of the norm away here; a strong one (10) leaves the single probe's noise visible: 0.135 against 0.118.
        Assert.Equal(exact, estimated, 0.02 * exact);
    }

    [Theory, MemberData(nameof(Encoders))]
    public void Broken_dependence_is_seen(int[] hidden, JacobianNorm norm)
    {
        ContractiveAutoencoderOptions options = new()
        {
            Hidden = hidden,
            Latent = hidden.Length == 0 ? null : 2,
            Norm = norm,
            PenaltyWeight = norm == JacobianNorm.ClosedForm ? 0.1 : 0.01,
            Activation = Activation.Tanh,
            CodeActivation = hidden.Length == 0 ? Activation.Sigmoid : Activation.Identity,
            LearningRate = 0.01,
            BatchSize = 100,
            Epochs = norm == JacobianNorm.Exact ? 40 : 150,
            ValidationFraction = 0,
        };
        Samples test = BrokenDependence.Test(1);
        using Detector detector = Fit(options, BrokenDependence.Training(1));
        Assert.InRange(EasyData.RocAuc(detector.Score(test), test.Labels!), 0.98, 1);
    }

    [Fact]
    public void The_decoder_has_the_weights_of_the_encoder_and_cannot_undo_the_contraction()
    {
        using Detector detector = Fit(Quick with { Epochs = 1 }, TrainingLoopTests.Data(3, 100));
        TensorState state = detector.GetState();
        Assert.Contains("encoder.layer1.weight", state.Tensors.Keys);
        Assert.DoesNotContain("decoder.layer1.weight", state.Tensors.Keys);
    }

    [Fact]
    public void A_code_contracted_to_a_point_is_warned_of()
    {
        Samples samples = TrainingLoopTests.Data(3, 300);
        List<string> said = [];
        FitContext context = new() { Warning = said.Add };
        using (Detector detector = Quick.CreateDetector()) detector.Fit(samples, context);
        Assert.Empty(said);
        using (Detector detector = (Quick with { PenaltyWeight = 1000, Epochs = 60 }).CreateDetector()) detector.Fit(samples, context);
        Assert.Contains("penaltyWeight (it is 1000)", Assert.Single(said), StringComparison.Ordinal);
    }

    [Fact]
    public void What_would_take_a_samples_Jacobian_away_is_refused()
    {
        Assert.Contains("batchNormalization", Refusal(Quick with { BatchNormalization = true }), StringComparison.Ordinal);
        Assert.Contains("dropout", Refusal(Quick with { Dropout = 0.1 }), StringComparison.Ordinal);
        Assert.Contains("hidden=none", Refusal(Quick with { Hidden = [4], Norm = JacobianNorm.ClosedForm }), StringComparison.Ordinal);
    }

    private static string Refusal(ContractiveAutoencoderOptions options) =>
        Assert.Throws<OptionException>(() => Fit(options, TrainingLoopTests.Data(3, 50))).Message;

    /// <summary>Mean of ‖J‖²_F over the samples, after training.</summary>
    private static double MeanNorm(ContractiveAutoencoderOptions options, Samples samples)
    {
        using Detector detector = Fit(options, samples);
        List<DenseLayer> layers = [.. options.Hidden!.Select(width => new DenseLayer(width, options.Activation ?? Activation.Tanh)), new DenseLayer(8, options.CodeActivation)];
        using DenseNetwork encoder = new(samples.Shape.Length, layers);
        encoder.ReadState(detector.GetState().GetPart("encoder"));
        return new ExactJacobianPenalty(encoder).Of(samples.Values.Span, samples.Count) / samples.Count;
    }

    private static Detector Fit(ContractiveAutoencoderOptions options, Samples samples)
    {
        Detector detector = options.CreateDetector();
        detector.Fit(samples, new FitContext { Seed = 1 });
        return detector;
    }
}
