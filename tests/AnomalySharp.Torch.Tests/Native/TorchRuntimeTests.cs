using AnomalySharp.Torch.Native;
using TorchSharp;

namespace AnomalySharp.Torch.Tests.Native;

public class TorchRuntimeTests
{
    [Fact]
    public void Libtorch_loads_and_computes()
    {
        NativeStatus status = TorchRuntime.Describe();
        Assert.Null(status.Problem);
        Assert.True(status.Available);
        Assert.StartsWith("2.10", status.LibtorchVersion, StringComparison.Ordinal);
        using torch.Tensor product = torch.ones(3, 4).matmul(torch.ones(4, 5));
        Assert.All(product.data<float>(), value => Assert.Equal(4f, value));
        TestContext.Current.SendDiagnosticMessage("{0}", status);
    }

    [Fact]
    public void The_self_test_passes() => Assert.Null(TorchRuntime.SelfTest());

    [Fact]
    public void Building_copies_no_libtorch_beside_the_application()
    {
        TorchRuntime.Prepare();
        Assert.Empty(Directory.EnumerateFiles(AppContext.BaseDirectory, "*torch*.so*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Every_thread_that_prepares_runs_its_operations_alone()
    {
        TorchRuntime.Prepare();
        int threads = 0;
        Thread other = new(() =>
        {
            TorchRuntime.Prepare();
            threads = torch.get_num_threads();
        });
        other.Start();
        await Task.Run(other.Join, TestContext.Current.CancellationToken);
        Assert.Equal(1, threads);
    }

    [Fact]
    public void Missing_files_are_explained()
    {
        TorchNotAvailableException e = Assert.Throws<TorchNotAvailableException>(() => LibTorch.Load(new NativeFiles([Path.GetTempPath()])));
        Assert.Contains("libc10.so", e.Message, StringComparison.Ordinal);
        Assert.Contains(Path.TrimEndingDirectorySeparator(Path.GetTempPath()), e.Message, StringComparison.Ordinal);
        Assert.Contains(NativeFiles.FolderVariable, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_files_are_explained()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory();
        try
        {
            foreach (string name in (string[])["c10", "torch_cpu", "torch", "LibTorchSharp"])
            {
                File.WriteAllText(Path.Combine(folder.FullName, NativeFiles.FileName(name)), "not a library");
            }
            TorchNotAvailableException e = Assert.Throws<TorchNotAvailableException>(() => LibTorch.Load(new NativeFiles([folder.FullName])));
            Assert.Contains("damaged", e.Message, StringComparison.Ordinal);
            Assert.Contains(folder.FullName, e.Message, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
