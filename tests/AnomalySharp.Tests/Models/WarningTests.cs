using AnomalySharp.Persistence;

namespace AnomalySharp.Tests.Models;

public class WarningTests
{
    private const string Said = "The solver did not converge.";

    [Fact]
    public void What_a_detector_warns_of_is_a_note_of_the_model_once()
    {
        List<string> heard = [];
        DetectorEntry entry = new("worried", new DetectorAttribute("worried") { Family = DetectorFamily.Classical, Summary = "", Paper = "" }, typeof(WorriedOptions));
        TrainingSettings settings = new() { Contamination = 0.25, Context = new FitContext { Warning = heard.Add } };
        using AnomalyModel model = ModelTraining.Run(new Samples(new float[12], new SampleShape(3)), entry, new WorriedOptions(), settings);
        Assert.Equal([Said, "0.25"], model.Summary.Notes);
        Assert.Equal([Said, Said, "0.25"], heard);
    }

    private sealed record WorriedOptions : DetectorOptions
    {
        protected override Detector Create() => new Worried();
    }

    private sealed class Worried : Detector
    {
        protected override void FitCore(Samples samples, FitContext context)
        {
            context.Warn(Said);
            context.Warn(Said);
            context.Warn(FormattableString.Invariant($"{context.Contamination}"));
        }

        protected override float[] ScoreCore(Samples samples) => new float[samples.Count];

        protected override float[] AttributeCore(Samples samples) => new float[samples.Values.Length];

        protected override void WriteState(TensorState state) { }

        protected override void ReadState(TensorState state, SampleShape shape) { }
    }
}
