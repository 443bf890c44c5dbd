namespace Emu.X86.Semantics.Supervisor;

/// <summary>System instructions that this processor does not have, and UD.</summary>
internal static unsafe class AbsentOps
{
    private static readonly string[] Undefined = ["Ud0", "Ud0_r16_rm16", "Ud0_r32_rm32", "Ud0_r64_rm64", "Ud1_r16_rm16", "Ud1_r32_rm32", "Ud1_r64_rm64", "Ud2"];

    private static readonly string[] Monitor =
        ["Monitorw", "Monitord", "Monitorq", "Mwait", "Monitorxw", "Monitorxd", "Monitorxq", "Mwaitx"];

    private static readonly string[] Virtualisation =
    [
        "Vmcall", "Vmlaunch", "Vmresume", "Vmxoff", "Vmfunc", "Vmptrld_m64", "Vmptrst_m64", "Vmclear_m64", "Vmxon_m64", "Vmread_rm32_r32", "Vmread_rm64_r64",
        "Vmwrite_r32_rm32", "Vmwrite_r64_rm64", "Invept_r32_m128", "Invept_r64_m128", "Invvpid_r32_m128", "Invvpid_r64_m128",
        "Vmrunw", "Vmrund", "Vmrunq", "Vmmcall", "Vmloadw", "Vmloadd", "Vmloadq", "Vmsavew", "Vmsaved", "Vmsaveq", "Stgi", "Clgi", "Skinit",
        "Invlpgaw", "Invlpgad", "Invlpgaq", "Vmgexit", "Vmgexit_F2",
    ];

    private static readonly string[] Others =
    [
        "Rsm", "Encls", "Enclu", "Enclv", "Getsecd", "Getsecq", "Rdpid_r32", "Rdpid_r64", "Clzerow", "Clzerod", "Clzeroq", "Wrmsrns", "Wrmsrlist", "Rdmsrlist",
        "Clui", "Stui", "Invlpgbw", "Invlpgbd", "Invlpgbq",
    ];

    internal static void Add(RowBuilder rows)
    {
        foreach (string code in Undefined)
            rows.Add(code, &Privilege.Undefined, &Privilege.Undefined, traits: RowTraits.EndsBlock | RowTraits.AddressOnly);
        AddAll(rows, Monitor, "MONITOR is not advertised");
        AddAll(rows, Virtualisation, "neither VMX nor SVM is advertised");
        AddAll(rows, Others, "not advertised in CPUID");
    }

    private static void AddAll(RowBuilder rows, string[] codes, string because)
    {
        foreach (string code in codes)
            rows.Undefined(code, because);
    }
}
