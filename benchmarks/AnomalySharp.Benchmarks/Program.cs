using AnomalySharp.Benchmarks;
using BenchmarkDotNet.Running;

if (args is ["variants", .. string[] shapes]) VariantTraining.Run(shapes);
else BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
