namespace AnomalySharp.Torch.Tests.Video;

/// <summary>Videos of 16×16 pixels in which a white square of 4×4 moves a pixel per frame and bounces off the walls.</summary>
internal static class BouncingSquare
{
    public const int Side = 16, Square = 4, Frames = 24;

    /// <summary>Where the square is in each frame.</summary>
    public static (int X, int Y)[] Path(Random random)
    {
        (int x, int y) = (random.Next(Side - Square + 1), random.Next(Side - Square + 1));
        (int right, int down) = (random.Next(2) == 0 ? 1 : -1, random.Next(2) == 0 ? 1 : -1);
        (int X, int Y)[] path = new (int, int)[Frames];
        for (int t = 0; t < Frames; t++)
        {
            path[t] = (x, y);
            if (x + right is < 0 or > Side - Square) right = -right;
            if (y + down is < 0 or > Side - Square) down = -down;
            (x, y) = (x + right, y + down);
        }
        return path;
    }

    /// <summary>Frames of videos, each a series of its own.</summary>
    public static Dataset Videos(params IReadOnlyList<(int X, int Y)[]> paths)
    {
        float[] values = new float[paths.Count * Frames * Side * Side];
        for (int i = 0; i < values.Length; i++)
        {
            int frame = i / (Side * Side), row = i / Side % Side, column = i % Side;
            (int x, int y) = paths[frame / Frames][frame % Frames];
            values[i] = column >= x && column < x + Square && row >= y && row < y + Square ? 1 : 0;
        }
        string[] series = [.. Enumerable.Range(0, paths.Count * Frames).Select(frame => $"video {frame / Frames}")];
        return new Dataset(new Samples(values, new SampleShape(1, Side, Side))) { Series = series };
    }
}
