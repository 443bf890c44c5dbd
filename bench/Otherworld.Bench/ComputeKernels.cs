using System.Diagnostics;
using Emu.Core;
using Emu.X86.State;
using Emu.X86.Tests.Rows;

namespace Otherworld.Bench;

/// <summary>The compute kernels of <c>bench/kernels</c>, compiled by gcc into a flat image at 4 MiB and run in a machine without devices.</summary>
internal sealed unsafe class ComputeKernels : IDisposable
{
    /// <summary>Names in the order of the image's table.</summary>
    internal static readonly string[] Names = ["sieve", "crc32", "quicksort", "sha256", "records", "hash-walk", "bytecode", "fib", "heapsort"];

    private const ulong ImageBase = 0x40_0000;
    private const ulong ReturnAddress = 0x1000;
    private const ulong StackTop = 0x20_0000;

    private readonly FlatMachine _machine = new(16 << 20);

    internal ComputeKernels()
    {
        _machine.Memory.Write(ImageBase, Compile());
        _machine.Memory.Write(ReturnAddress, [0xEB, 0xFE]); // jmp to itself: RIP stays here when the kernel has returned
    }

    /// <summary>Runs one kernel.</summary>
    /// <returns>Retired instructions and the kernel's result.</returns>
    internal (ulong Instructions, ulong Result) Run(int kernel, int rounds)
    {
        ref CpuState state = ref _machine.State;
        state.Gpr[(int)GeneralRegister.Rdi] = (ulong)kernel;
        state.Gpr[(int)GeneralRegister.Rsi] = (ulong)rounds;
        state.Gpr[(int)GeneralRegister.Rsp] = StackTop - 8;
        _machine.Memory.Write(StackTop - 8, ReturnAddress);
        state.Rip = ImageBase;
        ulong before = state.InstructionCount;
        while (state.Rip != ReturnAddress)
            _machine.Processor.Run(_machine.Clock.Now + 100_000);
        return (state.InstructionCount - before, state.Gpr[(int)GeneralRegister.Rax]);
    }

    public void Dispose() => _machine.Dispose();

    private static byte[] Compile()
    {
        string source = Path.Combine(AppContext.BaseDirectory, "kernels");
        string folder = Directory.CreateTempSubdirectory("otherworld-kernels").FullName;
        try
        {
            string elf = Path.Combine(folder, "kernels.elf");
            string flat = Path.Combine(folder, "kernels.bin");
            Tool("gcc", $"-O2 -ffreestanding -nostdlib -static -fno-pie -no-pie -fno-stack-protector -fcf-protection=none -mno-red-zone -fno-asynchronous-unwind-tables -w -Wl,-T,{source}/kernels.ld -Wl,--build-id=none -Wl,--no-warn-rwx-segments -o {elf} {source}/kernels.c");
            Tool("objcopy", $"-O binary {elf} {flat}");
            return File.ReadAllBytes(flat);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Tool(string name, string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(name, arguments))
            ?? throw new OtherworldException($"'{name}' could not be started. Install it: apt-get install gcc binutils.", 3);
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new OtherworldException($"'{name} {arguments}' ended with {process.ExitCode}.", 3);
    }
}
