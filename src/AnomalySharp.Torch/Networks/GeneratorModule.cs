using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>How a layer is applied to features.</summary>
internal delegate Tensor LayerCall(nn.Module<Tensor, Tensor> layer, Tensor features);

/// <summary>Code → sample. Its layers can be applied in another way than with their own weights, see <see cref="OwnWeights"/>.</summary>
internal abstract class GeneratorModule() : nn.Module<Tensor, Tensor>("generator")
{
    /// <inheritdoc/>
    public sealed override Tensor forward(Tensor code) => Run(code, static (layer, features) => layer.call(features));

    /// <summary>The same with every layer that has weights applied by <paramref name="apply"/>.</summary>
    public abstract Tensor Run(Tensor code, LayerCall apply);
}
