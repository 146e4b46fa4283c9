namespace AnomalySharp.Sequences;

/// <summary>
/// Implemented by detectors of windows <c>[t,d]</c> or clips <c>[t,c,h,w]</c> whose score of a window is the mean of scores of its steps: a row of the data
/// then gets the score of its own step, where other detectors give it the mean of the windows that cover it.
/// </summary>
public interface IStepScores
{
    /// <summary>
    /// Whether a step is judged by what comes before it, so that it is judged best where it comes last: a row then gets its score from the window
    /// in which it comes latest. Otherwise it gets the mean over the windows that cover it.
    /// </summary>
    bool LooksBack { get; }

    /// <summary>A score for every step of every window, higher = more anomalous: <c>windows.Count × t</c>; NaN where a step is not judged.</summary>
    /// <param name="windows">At least one finite window of the shape seen at training.</param>
    float[] ScoreSteps(Samples windows);
}
