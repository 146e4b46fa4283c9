using System.Numerics.Tensors;
using AnomalySharp.Networks;

namespace AnomalySharp.Training;

/// <summary>
/// Keeps one step from undoing many: gradients that are longer than they may be are shortened (Pascanu, Mikolov, Bengio, ICML 2013).
/// </summary>
internal static class GradientClipping
{
    /// <summary>Scales the gradients of all networks together to the norm <paramref name="most"/> where theirs is greater.</summary>
    public static void Clip(double most, params ReadOnlySpan<Network> networks)
    {
        double squares = 0;
        foreach (Network network in networks)
        {
            // In double precision: squares of large gradients are beyond float32, and those are the ones that matter.
            foreach (float gradient in network.Parameters.Gradients) squares += (double)gradient * gradient;
        }
        // What is not finite stays so: the training has diverged, which who trains finds in the weights.
        if (!(squares > most * most) || !double.IsFinite(squares)) return;
        foreach (Network network in networks)
        {
            Span<float> gradients = network.Parameters.Gradients;
            TensorPrimitives.Multiply(gradients, (float)(most / Math.Sqrt(squares)), gradients);
        }
    }
}
