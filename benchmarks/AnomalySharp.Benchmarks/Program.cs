using AnomalySharp.Benchmarks;
using BenchmarkDotNet.Running;

if (args is ["peers"]) return PeerComparison.Run();
if (args is ["large", .. string[] detectors]) return LargeTable.Run(detectors);
if (args is ["classifiers"]) ClassifierTraining.Run();
else if (args is ["variants", .. string[] shapes]) VariantTraining.Run(shapes);
else BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
