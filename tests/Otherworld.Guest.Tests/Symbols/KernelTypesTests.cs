using System.Buffers.Binary;
using System.Text;
using Emu.Core;
using Emu.Core.State;
using Otherworld.Guest.Symbols;

namespace Otherworld.Guest.Tests.Symbols;

[TestFixture]
public sealed class KernelTypesTests
{
    private const uint Int = 1, Pointer = 2, Array = 3, Struct = 4, Enum = 6, Typedef = 8;

    [Test]
    public void Members_are_found_through_typedefs_and_unnamed_structs()
    {
        var types = KernelTypes.Of("test", Section());
        Assert.That(types.SizeOf("task"), Is.EqualTo(40));
        Assert.That(types.OffsetOf("task", "pid"), Is.EqualTo(4));
        Assert.That(types.OffsetOf("task", "inside"), Is.EqualTo(12));
        Assert.That(types.OffsetOf("task", "inner.inside"), Is.EqualTo(20));
        Assert.That(types.ValuesOf("flags"), Is.EqualTo(new[] { ("one", 1L), ("many", 5L) }));
    }

    [Test]
    public void Unknown_names_are_told()
    {
        var types = KernelTypes.Of("test", Section());
        Assert.That(() => types.SizeOf("mm"), Throws.TypeOf<OtherworldException>().With.Message.Contains("'mm'"));
        Assert.That(() => types.OffsetOf("task", "inner.pid"), Throws.TypeOf<OtherworldException>().With.Message.Contains("'inner.pid'"));
    }

    [Test]
    public void Damaged_sections_are_refused_or_read_and_never_fail_otherwise()
    {
        byte[] whole = Section();
        Prng random = new(1);
        for (int i = 0; i < 5000; i++)
        {
            byte[] damaged = i < whole.Length ? whole[..i] : [.. whole];
            if (i >= whole.Length)
                damaged[(int)(random.Next() % (ulong)whole.Length)] = (byte)random.Next();
            try
            {
                var types = KernelTypes.Of("test", damaged);
                _ = types.SizeOf("task");
                _ = types.OffsetOf("task", "inner.inside");
            }
            catch (OtherworldException e)
            {
                Assert.That(e.Message, Does.Contain("'test'"));
            }
        }
    }

    /// <summary>struct task { u32 state; pid_t pid; struct { u32 rest; u32 inside; }; struct inner inner; u64 *next; u32 array[2]; }; enum flags { one = 1, many = 5 };</summary>
    private static byte[] Section()
    {
        StringBuilder names = new("\0");
        List<uint> words = [];
        Type("u32", Int, 0, 4, 32); // 1
        Type("pid_t", Typedef, 0, 1); // 2
        Type("", Struct, 2, 8, Name("rest"), 1, 0, Name("inside"), 1, 32); // 3
        Type("inner", Struct, 2, 8, Name("first"), 1, 0, Name("inside"), 1, 32); // 4
        Type("", Pointer, 0, 1); // 5
        Type("", Array, 0, 0, 1, 1, 2); // 6
        Type("task", Struct, 6, 40, Name("state"), 1, 0, Name("pid"), 2, 32, 0, 3, 64, Name("inner"), 4, 128, Name("next"), 5, 192, Name("array"), 6, 256); // 7
        Type("flags", Enum, 2, 4, Name("one"), 1, Name("many"), 5); // 8
        byte[] text = Encoding.ASCII.GetBytes(names.ToString());
        byte[] section = new byte[24 + (words.Count * 4) + text.Length];
        uint[] header = [0x0001_EB9F, 24, 0, (uint)words.Count * 4, (uint)words.Count * 4, (uint)text.Length];
        for (int i = 0; i < header.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(section.AsSpan(i * 4), header[i]);
        for (int i = 0; i < words.Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(section.AsSpan(24 + (i * 4)), words[i]);
        text.CopyTo(section, 24 + (words.Count * 4));
        return section;

        uint Name(string name)
        {
            uint at = (uint)names.Length;
            names.Append(name).Append('\0');
            return at;
        }

        void Type(string name, uint kind, uint count, uint size, params uint[] rest) => words.AddRange([name.Length == 0 ? 0 : Name(name), (kind << 24) | count, size, .. rest]);
    }
}
