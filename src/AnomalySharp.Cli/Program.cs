using System.Runtime.InteropServices;
using AnomalySharp.Cli;

using CancellationTokenSource stop = new();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopOnce);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopOnce);
return CommandLine.Run(args, Console.Out, Console.Error, stop.Token);

// The first signal asks the work to end cleanly; a second one ends the process at once.
void StopOnce(PosixSignalContext signal)
{
    if (stop.IsCancellationRequested) return;
    signal.Cancel = true;
    stop.Cancel();
}
