using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>
/// A copy of a module's weights for each sample of a batch, so that the copies of a whole batch can be adapted at once and each to its sample alone.
/// Normalisations are those of use: running statistics, and a copy of factors and offsets for each sample.
/// </summary>
internal sealed class OwnWeights
{
    private readonly List<(nint Handle, long[] Shape)> _parameters = [];
    private readonly long[] _sizes;
    private Dictionary<nint, Tensor> _views = [];

    /// <param name="module">Its parameters are copied.</param>
    /// <param name="count">Samples in a batch.</param>
    public OwnWeights(nn.Module module, int count)
    {
        using IDisposable noGradient = no_grad();
        List<Tensor> copies = [];
        foreach ((_, Parameter parameter) in module.named_parameters())
        {
            _parameters.Add((parameter.Handle, [count, .. parameter.shape]));
            copies.Add(parameter.unsqueeze(0).expand(_parameters[^1].Shape).flatten());
        }
        _sizes = [.. copies.Select(copy => copy.numel())];
        Values = cat(copies).requires_grad_();
        foreach (Tensor copy in copies) copy.Dispose();
    }

    /// <summary>All copies in one tensor, that of the first parameter for every sample first: one gradient, and one move of an optimiser.</summary>
    public Tensor Values { get; }

    /// <summary>What the module gives with the copies as they are now, one code for each sample.</summary>
    public Tensor Run(GeneratorModule module, Tensor code)
    {
        Tensor[] parts = Values.split(_sizes);
        _views = parts.Zip(_parameters).ToDictionary(one => one.Second.Handle, one => one.First.view(one.Second.Shape));
        return module.Run(code, Apply);
    }

    /// <summary>A layer with the copies in place of its weights: a <see cref="LayerCall"/>.</summary>
    private Tensor Apply(nn.Module<Tensor, Tensor> layer, Tensor features) => layer switch
    {
        PaddedLinear dense => dense.Run(features, row => Dense(dense, row)),
        TransposedConvolution convolution => Transposed(convolution, features),
        Conv2d convolution => Convolved(convolution, features),
        NormalizationLayer { Batch: { } batch } => Normalized(batch, features),
        NormalizationLayer { IsNone: true } => features,
        _ => throw new NotSupportedException($"Layers of the kind {layer.GetType().Name} have no weights of each sample's own."),
    };

    private Tensor Of(Tensor parameter) => _views[parameter.Handle];

    // Sums, not a batched matrix product: those of each sample are then the same wherever it stands.
    private Tensor Dense(PaddedLinear layer, Tensor rows)
    {
        Tensor product = (Of(layer.Weight) * rows.unsqueeze(1)).sum(2);
        return layer.Bias is null ? product : product.Plus(Of(layer.Bias));
    }

    private Tensor Transposed(TransposedConvolution layer, Tensor features)
    {
        Tensor weights = Of(layer.Weight);
        return Grouped(features, layer.Bias, grouped => layer.Run(grouped, weights.flatten(0, 1), features.size(0)));
    }

    private Tensor Convolved(Conv2d layer, Tensor features)
    {
        Tensor weights = Of(layer.weight!);
        long[] around = [weights.size(3) / 2, weights.size(4) / 2];
        long groups = features.size(0);
        return Grouped(features, layer.bias, grouped => nn.functional.conv2d(grouped, weights.flatten(0, 1), null, [1, 1], around, [1, 1], groups));
    }

    /// <summary>The samples' channels side by side as groups of one picture, and back.</summary>
    private Tensor Grouped(Tensor features, Tensor? bias, Func<Tensor, Tensor> convolve)
    {
        long count = features.size(0);
        Tensor output = convolve(features.contiguous().view(1, count * features.size(1), features.size(2), features.size(3)));
        Tensor pictures = output.view(count, output.size(1) / count, output.size(2), output.size(3));
        return bias is null ? pictures : pictures.Plus(Of(bias).unsqueeze(2).unsqueeze(3));
    }

    private Tensor Normalized(BatchNorm2d layer, Tensor features)
    {
        Tensor factor = Of(layer.weight!) / layer.running_var!.Plus(layer.eps).sqrt();
        Tensor offset = Of(layer.bias!) - (layer.running_mean! * factor);
        return (features * factor.unsqueeze(2).unsqueeze(3)).Plus(offset.unsqueeze(2).unsqueeze(3));
    }
}
