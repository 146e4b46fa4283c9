using TorchSharp;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// Dropout whose masks follow from the seed and from the number of batches seen, which is part of the state: other threads do not disturb it, and a
/// resumed training draws the masks that an uninterrupted one would have drawn.
/// </summary>
internal sealed class CounterDropout : nn.Module<Tensor, Tensor>
{
    private readonly double _rate;
    private readonly ulong _seed;

    public CounterDropout(double rate, int seed) : base("dropout")
    {
        (_rate, _seed) = (rate, (uint)seed);
        register_buffer("batches", zeros(1, ScalarType.Int64));
    }

    public override Tensor forward(Tensor input)
    {
        if (!training) return input;
        using DisposeScope scope = NewDisposeScope();
        Tensor batches = get_buffer("batches")!;
        long batch = batches.item<long>();
        using (Scalar next = KeptScalar.Once(batch + 1)) batches.fill_(next);
        using Generator random = new((_seed * 0x9E3779B97F4A7C15UL) ^ (ulong)batch, input.device);
        Tensor mask = empty_like(input).bernoulli_(1 - _rate, random).div_(KeptScalar.Of(1 - _rate));
        return input.mul(mask).MoveToOuterDisposeScope();
    }
}
