namespace AnomalySharp.Torch.Training;

/// <summary>
/// The maximum-likelihood fit of a Dirichlet distribution to probability vectors, from their means and the means of their logarithms (Minka, 2000;
/// Golan and El-Yaniv, 2018, section 4.2): a start by moments, then α ← ψ⁻¹(ψ(Σα) + mean log p).
/// </summary>
internal static class DirichletFit
{
    private const int MostIterations = 1000, NewtonSteps = 5;
    private const double Tolerance = 1e-9, EulerMascheroni = 0.57721566490153286;

    // Vectors that are all but one unit vector would have no finite fit.
    private const double LeastAlpha = 1e-6, GreatestSum = 1e9;

    /// <param name="means">Mean of each probability; they sum to 1.</param>
    /// <param name="logMeans">Mean of each logarithm, finite.</param>
    /// <returns>α, all positive.</returns>
    public static double[] Of(ReadOnlySpan<double> means, ReadOnlySpan<double> logMeans)
    {
        int k = means.Length;
        double cross = 0;
        for (int j = 0; j < k; j++) cross += means[j] > 0 ? means[j] * (Math.Log(means[j]) - logMeans[j]) : 0;
        // Jensen: 0 where all vectors are equal, positive elsewhere.
        double start = Math.Min((k - 1) * EulerMascheroni / Math.Max(cross, 1e-300), GreatestSum);
        double[] alpha = new double[k], next = new double[k];
        for (int j = 0; j < k; j++) alpha[j] = Math.Max(means[j] * start, LeastAlpha);
        for (int iteration = 0; iteration < MostIterations; iteration++)
        {
            double digamma = Digamma(Math.Min(alpha.Sum(), GreatestSum)), moved = 0;
            for (int j = 0; j < k; j++)
            {
                next[j] = Math.Clamp(InverseDigamma(digamma + logMeans[j]), LeastAlpha, GreatestSum);
                moved += (next[j] - alpha[j]) * (next[j] - alpha[j]);
            }
            (alpha, next) = (next, alpha);
            if (Math.Sqrt(moved) < Tolerance) break;
        }
        return alpha;
    }

    /// <summary>ψ(x) = d log Γ(x)/dx for x above 0: recurrence up to 6, then the asymptotic series.</summary>
    public static double Digamma(double x)
    {
        double shift = 0;
        for (; x < 6; x++) shift -= 1 / x;
        double inverse = 1 / (x * x);
        double series = inverse * ((1.0 / 12) - (inverse * ((1.0 / 120) - (inverse * ((1.0 / 252) - (inverse * ((1.0 / 240) - (inverse / 132))))))));
        return shift + Math.Log(x) - (0.5 / x) - series;
    }

    /// <summary>The x above 0 with ψ(x) = y: Newton's method from Minka's start.</summary>
    public static double InverseDigamma(double y)
    {
        double x = y >= -2.22 ? Math.Exp(y) + 0.5 : -1 / (y + EulerMascheroni);
        for (int step = 0; step < NewtonSteps; step++) x = Math.Max(x - ((Digamma(x) - y) / Trigamma(x)), double.Epsilon);
        return x;
    }

    private static double Trigamma(double x)
    {
        double shift = 0;
        for (; x < 6; x++) shift += 1 / (x * x);
        double inverse = 1 / (x * x);
        return shift + (1 / x) + (inverse / 2)
            + (inverse / x * ((1.0 / 6) - (inverse * ((1.0 / 30) - (inverse * ((1.0 / 42) - (inverse / 30)))))));
    }
}
