using static TorchSharp.torch;

namespace AnomalySharp.Torch.Transformations;

/// <summary>
/// A set of transformations on a device: positions and weights of all of them, so that a batch is transformed by gathering, each picture with its own
/// transformation or all with one. Gradients flow through.
/// </summary>
internal sealed class TransformationTable : IDisposable
{
    // [K, h·w·taps]; taps of transformations that need fewer have weight 0.
    private readonly Tensor _sources;
    private readonly Tensor? _weights;
    private readonly Tensor[] _rows, _rowWeights;
    private readonly int _taps;
    private bool _disposed;

    /// <param name="transformations">All of one size.</param>
    /// <param name="device">Where pictures are.</param>
    public TransformationTable(IReadOnlyList<PictureTransformation> transformations, Device device)
    {
        Count = transformations.Count;
        _taps = transformations.Max(one => one.Taps);
        int pixels = transformations[0].Height * transformations[0].Width;
        long[] sources = new long[Count * pixels * _taps];
        float[] weights = new float[sources.Length];
        for (int k = 0; k < Count; k++)
        {
            PictureTransformation one = transformations[k];
            for (int p = 0; p < pixels; p++)
            {
                for (int tap = 0; tap < one.Taps; tap++)
                {
                    int from = (p * one.Taps) + tap, to = (((k * pixels) + p) * _taps) + tap;
                    sources[to] = one.Sources[from];
                    weights[to] = one.Weights.IsEmpty ? 1 : one.Weights[from];
                }
            }
        }
        using IDisposable noGradient = no_grad();
        using (NewDisposeScope())
        {
            _sources = tensor(sources, [Count, pixels * _taps]).to(device).DetachFromDisposeScope();
            _weights = _taps == 1 ? null : tensor(weights, [Count, pixels, _taps]).to(device).DetachFromDisposeScope();
            // Single ones apart, those of one tap without the others' zeros.
            _rows = [.. transformations.Select(one => tensor(Positions(one)).to(device).DetachFromDisposeScope())];
            _rowWeights = _taps == 1
                ? []
                : [.. transformations.Select(one => tensor(WeightsOf(one), [pixels, one.Taps]).to(device).DetachFromDisposeScope())];
        }
    }

    /// <summary>K: how many there are.</summary>
    public int Count { get; }

    /// <summary>T_i(x) of every picture: <c>[n,c,h,w]</c> → <c>[n,c,h,w]</c>, channels-last in memory.</summary>
    public Tensor Apply(Tensor pictures, int i)
    {
        Tensor pixels = PixelRows(pictures), gathered = pixels.index_select(1, _rows[i]);
        return Restore(gathered, _rowWeights.Length == 0 || _rowWeights[i].size(1) == 1 ? null : _rowWeights[i].unsqueeze(0), pictures);
    }

    /// <summary>T_{which[j]}(x_j) of every picture.</summary>
    public Tensor Apply(Tensor pictures, ReadOnlySpan<long> which)
    {
        using Tensor chosen = tensor(which.ToArray()).to(pictures.device);
        Tensor pixels = PixelRows(pictures), sources = _sources.index_select(0, chosen).unsqueeze(2).expand(-1, -1, pixels.size(2));
        return Restore(pixels.gather(1, sources), _weights?.index_select(0, chosen), pictures);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _sources.Dispose();
        _weights?.Dispose();
        foreach (Tensor row in _rows) row.Dispose();
        foreach (Tensor row in _rowWeights) row.Dispose();
    }

    private static long[] Positions(PictureTransformation one) => Array.ConvertAll(one.Sources.ToArray(), source => (long)source);

    private static float[] WeightsOf(PictureTransformation one) =>
        one.Weights.IsEmpty ? [.. Enumerable.Repeat(1f, one.Sources.Length)] : one.Weights.ToArray();

    /// <summary>[n, h·w, c], which is how channels-last pictures lie in memory.</summary>
    private static Tensor PixelRows(Tensor pictures) => pictures.permute(0, 2, 3, 1).flatten(1, 2);

    /// <param name="gathered">[n, h·w·taps, c].</param>
    /// <param name="weights">[n or 1, h·w, taps]; null where there is one tap of weight 1.</param>
    /// <param name="pictures">Gives the shape.</param>
    private static Tensor Restore(Tensor gathered, Tensor? weights, Tensor pictures)
    {
        if (weights is not null)
        {
            gathered = (gathered.unflatten(1, [weights.size(1), weights.size(2)]) * weights.unsqueeze(3)).sum(2);
        }
        return gathered.unflatten(1, [pictures.size(2), pictures.size(3)]).permute(0, 3, 1, 2);
    }
}
