using Microsoft.ML.OnnxRuntime;

namespace AnomalySharp.Onnx;

/// <summary>A network in ONNX Runtime: one input and the outputs that are asked for, all of float32. Safe from several threads at once.</summary>
internal sealed class OnnxNetwork : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _run = new();
    private readonly string _name;

    /// <summary>Opens a network: its graph is data to the runtime, and no custom operators are registered.</summary>
    /// <param name="network">The bytes.</param>
    /// <param name="name">How messages call it.</param>
    /// <exception cref="OptionException">It is no network, has several inputs, or others than of float32.</exception>
    public OnnxNetwork(byte[] network, string name)
    {
        _name = name;
        _session = Open(network, name);
        try
        {
            if (_session.InputNames is not [string input])
            {
                throw new OptionException(
                    $"The network '{name}' has {_session.InputNames.Count} inputs ({string.Join(", ", _session.InputNames)}); one is needed.");
            }
            NodeMetadata metadata = _session.InputMetadata[input];
            if (!metadata.IsTensor || metadata.ElementType != typeof(float))
            {
                throw new OptionException(
                    $"The input '{input}' of the network '{name}' is of {metadata.ElementType.Name}; needed is float32. Export it with such an input.");
            }
            (Input, InputShape) = (input, metadata.Dimensions);
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <summary>Name of the input.</summary>
    public string Input { get; }

    /// <summary>Extents of the input, the first one of samples; −1 where any will do.</summary>
    public IReadOnlyList<int> InputShape { get; }

    /// <summary>Names of all outputs.</summary>
    public IReadOnlyList<string> Outputs => _session.OutputNames;

    /// <summary>What the network says of itself, by key.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _session.ModelMetadata.CustomMetadataMap;

    /// <summary>Does nothing where there is an output of that name.</summary>
    /// <exception cref="OptionException">There is none, or it is not of float32.</exception>
    public void RequireOutput(string output)
    {
        if (!_session.OutputMetadata.TryGetValue(output, out NodeMetadata? metadata))
        {
            throw new OptionException($"The network '{_name}' has no output '{output}'. Its outputs are: {string.Join(", ", Outputs)}.");
        }
        if (!metadata.IsTensor || metadata.ElementType != typeof(float))
        {
            throw new OptionException($"The output '{output}' of the network '{_name}' is of {metadata.ElementType.Name}; needed is float32.");
        }
    }

    /// <summary>Runs the network.</summary>
    /// <param name="input">Values of the input, row-major.</param>
    /// <param name="shape">Its extents.</param>
    /// <param name="outputs">Names of outputs.</param>
    /// <param name="take">Given the number of each output, its extents and its values.</param>
    /// <exception cref="DataException">The runtime refuses the input.</exception>
    public void Run(float[] input, long[] shape, IReadOnlyList<string> outputs, OutputAction take)
    {
        try
        {
            using OrtValue value = OrtValue.CreateTensorValueFromMemory(input, shape);
            using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_run, [Input], [value], outputs);
            for (int k = 0; k < results.Count; k++) take(k, results[k].GetTensorTypeAndShape().Shape, results[k].GetTensorDataAsSpan<float>());
        }
        catch (OnnxRuntimeException e)
        {
            throw new DataException($"The network '{_name}' cannot be run on an input of {string.Join('×', shape)}: {e.Message}", e);
        }
    }

    /// <summary>Takes one output.</summary>
    public delegate void OutputAction(int number, long[] shape, ReadOnlySpan<float> values);

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    private static InferenceSession Open(byte[] network, string name)
    {
        // Weights in files of their own would be taken from whatever folder the program is started in, and are neither hashed nor stored: the runtime is to
        // look for them where nothing is, and says so.
        string nowhere = Path.Combine(Path.GetTempPath(), $"no-external-weights-{Guid.NewGuid():N}");
        try
        {
            // Samples are what is parallel: one thread each, which waits for nothing and gives the same bits for any number of threads.
            using SessionOptions options = new() { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", nowhere);
            return new InferenceSession(network, options);
        }
        catch (OnnxRuntimeException e) when (e.Message.Contains(Path.GetFileName(nowhere), StringComparison.Ordinal))
        {
            throw new OptionException(
                $"The network '{name}' has its weights in other files beside it, and a model keeps one file. Put them into it, in Python: "
                + "onnx.save(onnx.load('FILE.onnx'), 'ONE.onnx', save_as_external_data=False), and use ONE.onnx.",
                e);
        }
        catch (OnnxRuntimeException e)
        {
            throw new OptionException($"'{name}' is no network that ONNX Runtime can open: {e.Message}", e);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or EntryPointNotFoundException)
        {
            throw new OptionException(
                $"ONNX Runtime cannot be loaded on this system, so pre-trained networks cannot be used: {(e.InnerException ?? e).Message}", e);
        }
    }
}
