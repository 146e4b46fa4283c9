namespace AnomalySharp.Tests.Sequences;

/// <summary>
/// sin(2πt/25) + ½ sin(2πt/60) with noise of 0.05; in the test series five spikes of ±1 and five stretches of 12 steps that stay where they are.
/// </summary>
internal static class WaveSeries
{
    public const int Window = 30;

    public static Samples Training(int rows = 3000) => new(Values(rows, 1), new SampleShape(1));

    public static Samples Test(int rows = 3000)
    {
        float[] values = Values(rows, 2);
        byte[] labels = new byte[rows];
        for (int k = 0; k < 5; k++)
        {
            int spike = (rows / 10 * ((2 * k) + 1)) - 7, flat = (rows / 10 * ((2 * k) + 2)) - 50;
            values[spike] += k % 2 == 0 ? 1 : -1;
            labels[spike] = 1;
            for (int i = 1; i <= 12; i++) (values[flat + i], labels[flat + i]) = (values[flat], 1);
        }
        return new Samples(values, new SampleShape(1), labels);
    }

    private static float[] Values(int rows, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, rows).Select(t =>
        {
            double noise = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            return (float)(Math.Sin(2 * Math.PI * t / 25) + (0.5 * Math.Sin(2 * Math.PI * t / 60)) + (0.05 * noise));
        })];
    }
}
