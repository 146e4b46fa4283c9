using System.Globalization;
using System.Numerics.Tensors;
using AnomalySharp.Networks;
using AnomalySharp.Persistence;
using AnomalySharp.Training;

namespace AnomalySharp.Torch.Training;

/// <summary>
/// Watches what a generator draws from the same codes epoch after epoch: how much its samples differ from each other beside how much real ones do,
/// and, of pictures, some to look at. It is a training's memory, so that a resumed training shows the early ones too.
/// </summary>
/// <param name="generator">G.</param>
/// <param name="noise">Codes.</param>
/// <param name="samples">Training samples, of which some are compared with.</param>
/// <param name="epochs">Epochs of the phase.</param>
internal sealed class GeneratorMonitor(Network generator, LatentNoise noise, Samples samples, int epochs) : ITrainingMemory
{
    /// <summary>Less diversity than this is a collapse: the generator draws (nearly) one sample.</summary>
    public const double Collapsed = 0.15;

    private const int Compared = 64;

    private readonly float[] _codes = noise.Values(Compared, -1), _drawn = new float[Compared * samples.Shape.Length];
    private readonly double _realDistance = MeanDistance(Spread(samples), samples.Shape.Length);

    /// <summary>Mean distance between generated samples by that between real ones, when last looked at; 1 where real ones do not differ.</summary>
    public double Diversity { get; private set; } = 1;

    /// <summary>Samples drawn on the way.</summary>
    public GeneratedSamples Generated { get; } = new(samples.Shape);

    /// <summary>Looks at the generator after an epoch.</summary>
    public void Look(int epoch)
    {
        generator.Infer(_codes, Compared, _drawn);
        double distance = MeanDistance(_drawn, samples.Shape.Length);
        Diversity = _realDistance > 0 && double.IsFinite(distance) ? distance / _realDistance : 1;
        // The first epoch, and then about twice as late each time.
        if (epoch is GeneratedSamples.Final or 1 || Enumerable.Range(0, 5).Any(i => epoch == epochs >> i)) Generated.Add(epoch, _drawn);
    }

    /// <summary>After training, with the weights that stay: adds their samples, and warns where these are nearly all the same.</summary>
    /// <param name="warn">Told so.</param>
    /// <param name="detector">The method's name.</param>
    /// <param name="remedy">What to try.</param>
    public void Finish(Action<string> warn, string detector, string remedy)
    {
        Look(GeneratedSamples.Final);
        if (Diversity >= Collapsed) return;
        warn(string.Create(
            CultureInfo.InvariantCulture,
            $"{detector}: the generator collapsed: its samples differ only {100 * Diversity:G2} % as much as real ones do. {remedy}"));
    }

    /// <inheritdoc/>
    public void WriteState(TensorState state) => Generated.WriteState(state);

    /// <inheritdoc/>
    public void ReadState(TensorState state) => Generated.ReadState(state);

    private static float[] Spread(Samples samples)
    {
        int count = Math.Min(Compared, samples.Count);
        return samples.Select([.. Enumerable.Range(0, count).Select(i => (int)((long)i * samples.Count / count))]).Values.ToArray();
    }

    private static double MeanDistance(ReadOnlySpan<float> rows, int width)
    {
        int count = rows.Length / width, pairs = 0;
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            for (int j = 0; j < i; j++, pairs++) sum += TensorPrimitives.Distance(rows.Slice(i * width, width), rows.Slice(j * width, width));
        }
        return pairs == 0 ? 0 : sum / pairs;
    }
}
