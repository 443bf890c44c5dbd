using System.Runtime.Intrinsics.X86;

namespace Emu.X86;

/// <summary>Which engines this host can run.</summary>
public static class EngineSupport
{
    /// <summary>Why this host cannot run <see cref="EngineKind.Translator"/>, as part of a sentence; null when it can.</summary>
    public static string? WhyNoTranslator => !OperatingSystem.IsLinux() ? "the host is not Linux"
        : !X86Base.X64.IsSupported ? "the host is not x86-64"
        : !Bmi2.X64.IsSupported || !Popcnt.X64.IsSupported ? "the host has no BMI2"
        : null;

    /// <summary>This host can run <see cref="EngineKind.Translator"/>.</summary>
    public static bool CanTranslate => WhyNoTranslator is null;

    /// <summary>The faster engine this host can run.</summary>
    public static EngineKind Best => CanTranslate ? EngineKind.Translator : EngineKind.Interpreter;
}
