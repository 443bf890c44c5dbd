using Emu.X86.State;

namespace Emu.X86.Translator;

/// <summary>Displacements from the host's RSP while generated code runs.</summary>
internal sealed unsafe class FrameOffsets
{
    internal FrameOffsets(Cpu* cpu)
    {
        byte* rsp = Rsp(cpu);
        HostFrame* frame = (HostFrame*)cpu - 1;
        int From(void* field) => checked((int)((byte*)field - rsp));
        TlbMask = From(&frame->TlbMask);
        JumpMask = From(&frame->JumpMask);
        Page = From(&frame->Page);
        Context = From(&frame->Context);
        HostRsp = From(&frame->HostRsp);
        XmmState = From(&frame->XmmState);
        Budget = From(&cpu->Host.Budget);
        Flags = From(&cpu->Host.Flags);
        Site = From(&cpu->Host.Site);
        Kind = From(&cpu->Host.Kind);
        Product = From(&cpu->Host.Product);
        ShiftCount = From(&cpu->Host.ShiftCount);
        Target = From(&cpu->Host.Target);
        Windows = From(cpu->Host.Windows);
        HostMxcsr = From(&cpu->Host.HostMxcsr);
        TickBase = From(&cpu->Host.TickBase);
        EndTick = From(&cpu->Host.EndTick);
        Efer = From(&cpu->State.Efer);
        Star = From(&cpu->State.Star);
        Lstar = From(&cpu->State.Lstar);
        Sfmask = From(&cpu->State.Sfmask);
        LastUserOrIdleTick = From(&cpu->State.LastUserOrIdleTick);
        Cpl = From(&cpu->State.Cpl);
        KernelContext = From(&cpu->KernelContext);
        UserContext = From(&cpu->UserContext);
        CpuContext = From(&cpu->Context);
        Rflags = From(&cpu->State.Rflags);
        InterruptPending = From(&cpu->InterruptPending);
        KernelGsBase = From(&cpu->State.KernelGsBase);
        Tlb = From(&cpu->Tlb);
        Cr0 = From(&cpu->State.Cr0);
        Cr2 = From(&cpu->State.Cr2);
        Cr3 = From(&cpu->State.Cr3);
        Cr4 = From(&cpu->State.Cr4);
        X87State = From(&cpu->Host.X87State);
        X87Page = From(&cpu->Host.X87Page);
        X87Offset = From(&cpu->Host.X87Offset);
        X87Image = From(HostX87.Image(cpu));
        Fcw = From(&cpu->State.Fcw);
        Fdp = From(&cpu->State.Fdp);
        Mxcsr = From(&cpu->State.Mxcsr);
        Xmm = From(cpu->State.Xmm);
        Segments = From(&cpu->State.Segments);
        Jumps = From(cpu->HostJumps);
    }

    internal int TlbMask { get; }

    internal int JumpMask { get; }

    internal int Page { get; }

    internal int Context { get; }

    internal int HostRsp { get; }

    internal int XmmState { get; }

    internal int Budget { get; }

    internal int Flags { get; }

    internal int Site { get; }

    internal int Kind { get; }

    internal int Product { get; }

    internal int ShiftCount { get; }

    internal int Target { get; }

    internal int Windows { get; }

    internal int HostMxcsr { get; }

    internal int EndTick { get; }

    internal int Efer { get; }

    internal int Star { get; }

    internal int Lstar { get; }

    internal int Sfmask { get; }

    internal int LastUserOrIdleTick { get; }

    internal int Cpl { get; }

    internal int KernelContext { get; }

    internal int UserContext { get; }

    internal int CpuContext { get; }

    internal int TickBase { get; }

    internal int Rflags { get; }

    internal int InterruptPending { get; }

    internal int KernelGsBase { get; }

    internal int Tlb { get; }

    internal int Cr0 { get; }

    internal int Cr2 { get; }

    internal int Cr3 { get; }

    internal int Cr4 { get; }

    internal int X87State { get; }

    internal int X87Page { get; }

    internal int X87Offset { get; }

    internal int X87Image { get; }

    internal int Fcw { get; }

    internal int Fdp { get; }

    internal int Mxcsr { get; }

    internal int Xmm { get; }

    internal int Segments { get; }

    internal int Jumps { get; }

    /// <summary>What RSP is while generated code runs.</summary>
    internal static byte* Rsp(Cpu* cpu) => (byte*)((HostFrame*)cpu - 1) + HostFrame.RspOffset;
}
