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
        AlignmentMask = From(&cpu->Host.AlignmentMask);
        CountMask32 = From(&cpu->Host.CountMask32);
        CountMask64 = From(&cpu->Host.CountMask64);
        PushedFlags = From(&cpu->Host.PushedFlags);
        KeptFlags = From(&cpu->Host.KeptFlags);
        AllButInterrupts = From(&cpu->Host.AllButInterrupts);
        AllButDirection = From(&cpu->Host.AllButDirection);
        FsgsbaseBit = From(&cpu->Host.FsgsbaseBit);
        TsdBit = From(&cpu->Host.TsdBit);
        TickBase = From(&cpu->Host.TickBase);
        SceBit = From(&cpu->Host.SceBit);
        AcBit = From(&cpu->Host.AcBit);
        TfAndAc = From(&cpu->Host.TfAndAc);
        SelectorMask = From(&cpu->Host.SelectorMask);
        AllButStatus = From(&cpu->Host.AllButStatus);
        ReturnedFlags = From(&cpu->Host.ReturnedFlags);
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
        SmapBit = From(&cpu->Host.SmapBit);
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
        X87Masks = From(&cpu->Host.X87Masks);
        X87ControlBits = From(&cpu->Host.X87ControlBits);
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

    internal int AlignmentMask { get; }

    internal int CountMask32 { get; }

    internal int CountMask64 { get; }

    internal int PushedFlags { get; }

    internal int KeptFlags { get; }

    internal int AllButInterrupts { get; }

    internal int AllButDirection { get; }

    internal int SmapBit { get; }

    internal int SceBit { get; }

    internal int AcBit { get; }

    internal int TfAndAc { get; }

    internal int SelectorMask { get; }

    internal int AllButStatus { get; }

    internal int ReturnedFlags { get; }

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

    internal int FsgsbaseBit { get; }

    internal int TsdBit { get; }

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

    internal int X87Masks { get; }

    internal int X87ControlBits { get; }

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
