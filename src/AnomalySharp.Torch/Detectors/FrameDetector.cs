using AnomalySharp.Persistence;
using AnomalySharp.Torch.Networks;
using AnomalySharp.Training;
using static TorchSharp.torch;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace AnomalySharp.Torch.Detectors;

/// <summary>
/// A method on clips <c>[t,c,h,w]</c>: its network sees pixels in −1 to 1, and errors of frames are of pixels in 0 to 1. That is the range of pictures that
/// were read from files; where training values are beyond it, it is stretched to them.
/// </summary>
/// <param name="options">The method's options.</param>
internal abstract class FrameDetector(NetworkDetectorOptions options) : SequenceDetector(options)
{
    private float _low, _high = 1;

    /// <inheritdoc/>
    protected sealed override DataKinds Kind => DataKinds.Video;

    /// <inheritdoc/>
    protected override void FitCore(Samples samples, FitContext context)
    {
        (_low, _high) = (0, 1);
        for (int i = 0; i < samples.Count; i++)
        {
            _low = Math.Min(_low, TensorPrimitives.Min(samples[i]));
            _high = Math.Max(_high, TensorPrimitives.Max(samples[i]));
        }
        base.FitCore(samples, context);
    }

    /// <summary>Mean squared error that the best constant has as a forecast of last frames, of pixels in 0 to 1.</summary>
    protected double ErrorOfConstant(Samples clips)
    {
        int length = clips.Shape.Length / clips.Shape[0];
        double sum = 0, squares = 0, count = (double)clips.Count * length;
        for (int i = 0; i < clips.Count; i++)
        {
            foreach (float pixel in clips[i][^length..])
            {
                double value = (pixel - _low) / ((double)_high - _low);
                (sum, squares) = (sum + value, squares + (value * value));
            }
        }
        return (squares / count) - (sum / count * sum / count);
    }

    /// <inheritdoc/>
    protected override void WriteState(TensorState state)
    {
        base.WriteState(state);
        state.Set<float>("range", [_low, _high]);
    }

    /// <inheritdoc/>
    protected override void ReadState(TensorState state, SampleShape shape)
    {
        float[] range = state.Get<float>("range", 2);
        if (!(range[0] < range[1]) || !range.All(float.IsFinite)) throw new ModelFileException("The model's range of pixels is not one. Train it again.");
        (_low, _high) = (range[0], range[1]);
        base.ReadState(state, shape);
    }

    /// <summary>Pixels from 0…1 to −1…1; what is far outside is not farther than squares can tell.</summary>
    protected Tensor Scaled(Tensor frames)
    {
        double factor = 2 / ((double)_high - _low);
        return Bounded(frames.Times(factor).Plus(-1 - (_low * factor)));
    }

    /// <summary>What the network is shown: nothing outside of −1…1, which it has never seen.</summary>
    protected static Tensor Shown(Tensor scaled) => scaled.Within(-1, 1);

    /// <summary>Squared errors on pixels from 0 to 1, of scaled frames.</summary>
    protected static Tensor Squares(Tensor scaled, Tensor made) => (scaled - made).Over(2).Squared();

    /// <summary>Clips as channels of one picture: <c>[n,t,c,h,w]</c> → <c>[n,t·c,h,w]</c>.</summary>
    protected static Tensor Stacked(Tensor clips) => clips.flatten(1, 2);
}
