using System.Globalization;
using System.Text;

namespace Otherworld.Guest.Debugging;

/// <summary>What a debugger asks about the target, as XML.</summary>
internal static class TargetDescription
{
    /// <summary>Flags and vector types, with the feature that uses them.</summary>
    private static readonly (string Feature, string Xml)[] Types =
    [
        (RegisterTable.Core, Flags("rflags", 4, "CF:0 PF:2 AF:4 ZF:6 SF:7 TF:8 IF:9 DF:10 OF:11 NT:14 RF:16 VM:17 AC:18 VIF:19 VIP:20 ID:21")),
        (RegisterTable.Sse, """
            <vector id="v4f" type="ieee_single" count="4"/>
            <vector id="v2d" type="ieee_double" count="2"/>
            <vector id="v16i8" type="int8" count="16"/>
            <vector id="v8i16" type="int16" count="8"/>
            <vector id="v4i32" type="int32" count="4"/>
            <vector id="v2i64" type="int64" count="2"/>
            <union id="vec128">
              <field name="v4_float" type="v4f"/>
              <field name="v2_double" type="v2d"/>
              <field name="v16_int8" type="v16i8"/>
              <field name="v8_int16" type="v8i16"/>
              <field name="v4_int32" type="v4i32"/>
              <field name="v2_int64" type="v2i64"/>
              <field name="uint128" type="uint128"/>
            </union>

            """),
        (RegisterTable.Sse, Flags("i386_mxcsr", 4, "IE:0 DE:1 ZE:2 OE:3 UE:4 PE:5 DAZ:6 IM:7 DM:8 ZM:9 OM:10 UM:11 PM:12 FZ:15")),
        (RegisterTable.System, Flags("x86_cr0", 8, "PE:0 MP:1 EM:2 TS:3 ET:4 NE:5 WP:16 AM:18 NW:29 CD:30 PG:31")),
        (RegisterTable.System, Flags("x86_cr4", 8, "VME:0 PVI:1 TSD:2 DE:3 PSE:4 PAE:5 MCE:6 PGE:7 PCE:8 OSFXSR:9 OSXMMEXCPT:10 UMIP:11 FSGSBASE:16 PCIDE:17 OSXSAVE:18 SMEP:20 SMAP:21")),
        (RegisterTable.System, Flags("x86_efer", 8, "SCE:0 LME:8 LMA:10 NXE:11")),
    ];

    /// <summary><c>target.xml</c>: one amd64 processor in every mode.</summary>
    public static string Target { get; } = Build();

    /// <summary>All of the address space is RAM: where nothing is mapped is said by each access, and page tables decide it anew all the time.</summary>
    public const string MemoryMap =
        """
        <?xml version="1.0"?>
        <!DOCTYPE memory-map PUBLIC "+//IDN gnu.org//DTD GDB Memory Map V1.0//EN" "http://sourceware.org/gdb/gdb-memory-map.dtd">
        <memory-map>
          <memory type="ram" start="0x0" length="0xffffffffffffffff"/>
        </memory-map>
        """;

    private static string Build()
    {
        var xml = new StringBuilder("<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n<target>\n<architecture>i386:x86-64</architecture>\n");
        foreach (IGrouping<string, RegisterEntry> feature in RegisterTable.All.GroupBy(register => register.Feature))
        {
            xml.Append(CultureInfo.InvariantCulture, $"<feature name=\"{feature.Key}\">\n");
            foreach ((string _, string type) in Types.Where(type => type.Feature == feature.Key))
                xml.Append(type);
            foreach (RegisterEntry register in feature)
                xml.Append(CultureInfo.InvariantCulture, $"<reg name=\"{register.Name}\" bitsize=\"{register.Bits}\" type=\"{register.Type}\"{(register.Type == "i387_ext" || register.Name is ['f', not 's', ..] and not "fmask" ? " group=\"float\"" : "")}/>\n");
            xml.Append("</feature>\n");
        }

        return xml.Append("</target>\n").ToString();
    }

    private static string Flags(string id, int size, string bits)
    {
        var xml = new StringBuilder();
        xml.Append(CultureInfo.InvariantCulture, $"<flags id=\"{id}\" size=\"{size}\">\n");
        foreach (string bit in bits.Split(' '))
        {
            string[] parts = bit.Split(':');
            xml.Append(CultureInfo.InvariantCulture, $"<field name=\"{parts[0]}\" start=\"{parts[1]}\" end=\"{parts[1]}\"/>\n");
        }

        return xml.Append("</flags>\n").ToString();
    }
}
