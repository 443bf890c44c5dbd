using BenchmarkDotNet.Running;
using Otherworld.Bench;

if (args is ["mips", ..])
    MipsTable.Print(args.Contains("--json"));
else
    BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
