using System.Numerics.Tensors;

namespace AnomalySharp.Detectors.FeatureExtraction;

/// <summary>
/// The greedy solution of the k-centre problem (Gonzalez 1985; Sener and Savarese, ICLR 2018): again and again the row that is farthest from all chosen ones, so
/// that no row is far from what is kept. Distances are those of a random projection, which keeps them to a few per cent (Johnson and Lindenstrauss 1984).
/// </summary>
internal sealed class GreedyCoreset
{
    private const int ChunkRows = 4096;

    private readonly float[] _rows;
    private readonly int _width, _first;

    /// <param name="rows">Row-major.</param>
    /// <param name="width">Values per row.</param>
    /// <param name="projection">Values to project to; as many as there are or more: no projection.</param>
    /// <param name="random">Draws the projection and the first row.</param>
    public GreedyCoreset(float[] rows, int width, int projection, Random random)
    {
        _first = random.Next(rows.Length / width);
        (_rows, _width) = projection < width ? (Project(rows, width, projection, random), projection) : (rows, width);
    }

    /// <summary>Positions of the chosen rows, in the order of their choice. The number of threads does not change them.</summary>
    public int[] Choose(int count, FitContext context)
    {
        int rows = _rows.Length / _width, chunks = (rows + ChunkRows - 1) / ChunkRows, steps = Math.Max(1, count / 100);
        float[] distances = new float[rows];
        Array.Fill(distances, float.PositiveInfinity);
        int[] chosen = new int[count], farthest = new int[chunks];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = context.Threads };
        int next = _first;
        for (int k = 0; k < count; k++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            chosen[k] = next;
            int center = next;
            if (chunks == 1) Update(0);
            else Parallel.For(0, chunks, parallel, Update);
            next = farthest[0];
            foreach (int candidate in farthest) next = distances[candidate] > distances[next] ? candidate : next;
            if ((k + 1) % steps == 0 || k + 1 == count) context.Progress?.Report(new FitProgress("choosing patches", k + 1, count));

            void Update(int chunk)
            {
                int start = chunk * ChunkRows, end = Math.Min(rows, start + ChunkRows), best = start;
                // Nearer than any that is left, so that rows that are all alike are chosen in order of position.
                if (center >= start && center < end) distances[center] = -1;
                ReadOnlySpan<float> to = _rows.AsSpan(center * _width, _width);
                for (int i = start; i < end; i++)
                {
                    float distance = TensorPrimitives.Distance(_rows.AsSpan(i * _width, _width), to);
                    if (distance < distances[i]) distances[i] = distance;
                    if (distances[i] > distances[best]) best = i;
                }
                farthest[chunk] = best;
            }
        }
        return chosen;
    }

    private static float[] Project(float[] rows, int width, int projection, Random random)
    {
        float[] directions = new float[projection * width];
        double scale = 1 / Math.Sqrt(projection);
        for (int i = 0; i < directions.Length; i++)
        {
            // Box and Muller.
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            directions[i] = (float)(scale * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        float[] projected = new float[rows.Length / width * projection];
        for (int i = 0; i < rows.Length / width; i++)
        {
            ReadOnlySpan<float> row = rows.AsSpan(i * width, width);
            for (int j = 0; j < projection; j++) projected[(i * projection) + j] = TensorPrimitives.Dot(row, directions.AsSpan(j * width, width));
        }
        return projected;
    }
}
