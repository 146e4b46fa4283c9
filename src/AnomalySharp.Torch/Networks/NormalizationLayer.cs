using TorchSharp.Modules;
using static TorchSharp.torch;

namespace AnomalySharp.Torch.Networks;

/// <summary>One of the normalisations that adversarial networks know, over feature maps; or none, which has no parameters.</summary>
internal sealed class NormalizationLayer : nn.Module<Tensor, Tensor>
{
    private readonly BatchNorm2d? _batch;
    private readonly GroupNorm? _sample;

    /// <param name="kind">Which.</param>
    /// <param name="channels">Channels of the feature maps.</param>
    /// <param name="random">Where the factors of batch normalisation are drawn from, N(1, 0.02²) as in DCGAN; null: they start at 1.</param>
    public NormalizationLayer(FeatureNormalization kind, int channels, Random? random) : base("normalization")
    {
        if (kind == FeatureNormalization.Batch)
        {
            _batch = nn.BatchNorm2d(channels);
            if (random is not null) InitialWeights.FillNormal(_batch.weight!, null, AdversarialArchitecture.Deviation, random, mean: 1);
            register_module("batch", _batch);
        }
        else if (kind == FeatureNormalization.Sample)
        {
            _sample = nn.GroupNorm(1, channels);
            // TorchSharp 0.107 leaves them as the memory was.
            using (no_grad())
            {
                _sample.weight!.fill_(KeptScalar.Of(1));
                _sample.bias!.zero_();
            }
            register_module("sample", _sample);
        }
    }

    /// <summary>The normalisation over the batch, if that is what it is.</summary>
    public BatchNorm2d? Batch => _batch;

    /// <summary>Whether it does nothing.</summary>
    public bool IsNone => _batch is null && _sample is null;

    public override Tensor forward(Tensor features) => _batch is not null ? _batch.Normalize(features) : _sample is not null ? _sample.call(features) : features;
}
