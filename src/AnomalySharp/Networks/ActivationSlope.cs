using System.Numerics.Tensors;

namespace AnomalySharp.Networks;

/// <summary>The slopes of the functions between layers, as functions of their values: for methods that penalise Jacobians.</summary>
internal static class ActivationSlope
{
    /// <summary>s′(a) where s(a) = <paramref name="y"/>.</summary>
    public static float First(Activation activation, float y) => activation switch
    {
        Activation.Identity => 1,
        Activation.Relu => y > 0 ? 1 : 0,
        Activation.LeakyRelu => y > 0 ? 1 : 0.01f,
        Activation.Elu => y > 0 ? 1 : y + 1,
        Activation.Tanh => 1 - y * y,
        Activation.Sigmoid => y * (1 - y),
        _ => 1 - MathF.Exp(-y),
    };

    /// <summary>How that slope changes with <paramref name="y"/>: d s′/dy.</summary>
    public static float Change(Activation activation, float y) => activation switch
    {
        Activation.Elu => y > 0 ? 0 : 1,
        Activation.Tanh => -2 * y,
        Activation.Sigmoid => 1 - 2 * y,
        Activation.Softplus => MathF.Exp(-y),
        _ => 0,
    };

    /// <summary><see cref="First(Activation, float)"/> of every value.</summary>
    public static void First(Activation activation, ReadOnlySpan<float> y, Span<float> slopes)
    {
        slopes = slopes[..y.Length];
        switch (activation)
        {
            case Activation.Sigmoid:
                TensorPrimitives.Subtract(1f, y, slopes);
                TensorPrimitives.Multiply(slopes, y, slopes);
                break;
            case Activation.Tanh:
                TensorPrimitives.Multiply(y, y, slopes);
                TensorPrimitives.Subtract(1f, slopes, slopes);
                break;
            default:
                for (int i = 0; i < y.Length; i++) slopes[i] = First(activation, y[i]);
                break;
        }
    }

    /// <summary><see cref="Change(Activation, float)"/> of every value.</summary>
    public static void Change(Activation activation, ReadOnlySpan<float> y, Span<float> changes)
    {
        changes = changes[..y.Length];
        switch (activation)
        {
            case Activation.Sigmoid:
                TensorPrimitives.Multiply(y, -2f, changes);
                TensorPrimitives.Add(changes, 1f, changes);
                break;
            case Activation.Tanh:
                TensorPrimitives.Multiply(y, -2f, changes);
                break;
            default:
                for (int i = 0; i < y.Length; i++) changes[i] = Change(activation, y[i]);
                break;
        }
    }
}
