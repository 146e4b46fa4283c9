using AnomalySharp.Networks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// An LSTM of one layer on <c>[n, steps, channels]</c>, whose weights are drawn here: U(−1/√H, 1/√H) for H units, as libtorch has it. Channels and
/// units are filled up to multiples of 8 for the reason that <see cref="PaddedLinear"/> gives: more units are there than were asked for, all of the
/// same kind.
/// </summary>
internal sealed class RecurrentLayer : nn.Module<Tensor, Tensor>
{
    private readonly LSTM _layer;
    private readonly int _filling;

    public RecurrentLayer(int inputs, int units, Random random) : base("recurrent")
    {
        Units = PaddedLinear.Padded(units);
        _filling = PaddedLinear.Padded(inputs) - inputs;
        _layer = nn.LSTM(inputs + _filling, Units, batchFirst: true);
        // A third: the variance of what a fan-in of H gives.
        foreach ((_, Parameter parameter) in _layer.named_parameters()) InitialWeights.Fill(parameter, null, 3.0 * Units, Activation.Identity, random);
        register_module("layer", _layer);
    }

    /// <summary>H.</summary>
    public int Units { get; }

    /// <summary>The hidden states of all steps, from a state of zeros: <c>[n, steps, H]</c>.</summary>
    public override Tensor forward(Tensor steps) => Run(steps, null).States;

    /// <summary>The same with the last state, <c>[1, n, H]</c> twice, from a given one.</summary>
    public (Tensor States, Tensor H, Tensor C) Run(Tensor steps, (Tensor, Tensor)? state) =>
        _layer.call(_filling == 0 ? steps : nn.functional.pad(steps, [0, _filling]), state);
}
