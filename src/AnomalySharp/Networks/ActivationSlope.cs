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
}
