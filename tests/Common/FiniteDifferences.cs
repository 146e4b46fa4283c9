using AnomalySharp.Networks;

namespace AnomalySharp.Tests.Common;

/// <summary>Checks backward against the slope of the loss Σ w·y, with fixed random w.</summary>
internal static class FiniteDifferences
{
    public static float[] Normal(int seed, int length)
    {
        Random random = new(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++)
        {
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        }
        return values;
    }

    public static double Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += (double)a[i] * b[i];
        return sum;
    }

    /// <summary>
    /// Compares the slopes along random directions, for the parameters and for the input: a single coordinate would drown in rounding.
    /// </summary>
    public static void Check(Network network, int count, int directions = 4, double tolerance = 2e-2)
    {
        float[] input = Normal(1, count * network.InputSize), weights = Normal(2, count * network.OutputSize);
        network.Parameters.Gradients.Clear();
        network.Forward(input, count);
        float[] inputGradient = network.Backward(weights, needInputGradient: true).ToArray();
        float[] gradient = network.Parameters.Gradients.ToArray();
        float[] parameters = network.Parameters.Values.ToArray();
        for (int i = 0; i < directions; i++)
        {
            // Along the gradient itself first: its slope is far above the noise.
            float[] direction = i == 0 ? gradient : Normal(10 + i, parameters.Length);
            float[] inputDirection = i == 0 ? inputGradient : Normal(20 + i, input.Length);
            AssertSlope(Dot(gradient, direction), h =>
            {
                for (int j = 0; j < parameters.Length; j++) network.Parameters.Values[j] = parameters[j] + (float)(h * direction[j]);
                return Dot(network.Forward(input, count), weights);
            }, Norm(direction), Norm(gradient) * Norm(direction), tolerance);
            parameters.CopyTo(network.Parameters.Values);
            AssertSlope(Dot(inputGradient, inputDirection), h =>
            {
                float[] moved = new float[input.Length];
                for (int j = 0; j < input.Length; j++) moved[j] = input[j] + (float)(h * inputDirection[j]);
                return Dot(network.Forward(moved, count), weights);
            }, Norm(inputDirection), Norm(inputGradient) * Norm(inputDirection), tolerance);
        }
    }

    /// <summary>Compares every coordinate of a gradient with the central difference of the loss.</summary>
    public static void CheckSlopes(double[] point, double[] gradient, Func<double[], double> loss, double step = 1e-5, double tolerance = 1e-5)
    {
        double scale = gradient.Max(Math.Abs);
        Assert.True(scale > 0, "The gradient is zero.");
        for (int j = 0; j < point.Length; j++)
        {
            double slope = (Moved(j, step) - Moved(j, -step)) / (2 * step);
            Assert.True(Math.Abs(slope - gradient[j]) <= tolerance * scale, $"Coordinate {j}: slope {slope}, gradient {gradient[j]}, scale {scale}.");
        }

        double Moved(int j, double h)
        {
            double[] moved = [.. point];
            moved[j] += h;
            return loss(moved);
        }
    }

    /// <summary>The same for values in single precision, of which the loss is computed in double precision.</summary>
    public static void CheckSlopes(float[] point, float[] gradient, Func<float[], double> loss) =>
        CheckSlopes(
            [.. point.Select(value => (double)value)],
            [.. gradient.Select(value => (double)value)],
            at => loss([.. at.Select(value => (float)value)]),
            step: 3e-3,
            tolerance: 1e-2);

    private static double Norm(float[] values) => Math.Sqrt(Dot(values, values));

    private static void AssertSlope(double expected, Func<double, double> loss, double length, double scale, double tolerance)
    {
        double step = 3e-3 / length;
        double slope = (loss(step) - loss(-step)) / (2 * step);
        Assert.True(Math.Abs(slope - expected) <= tolerance * scale, $"Slope {slope}, gradient {expected}, scale {scale}.");
    }
}
