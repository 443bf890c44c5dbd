using CsCheck;
using Emu.Core;
using Emu.Core.Memory;
using Otherworld.Guest.Boot;

namespace Otherworld.Guest.Tests.Boot;

/// <summary>Whatever a file holds, loading it succeeds or says why in one line: no other exception, no write outside guest RAM.</summary>
public sealed class KernelLoaderFuzz
{
    private static readonly byte[][] Images = [Kernels.Linux(), Kernels.Elf64(), Kernels.Multiboot(), Kernels.FlatMultiboot()];

    // Headers are where mutations matter, so most of them go there.
    private static readonly Gen<(int Offset, byte Value)[]> Changes =
        Gen.Select(Gen.OneOf(Gen.Int[0, 0x280], Gen.Int[0, 0x1FFF]), Gen.Byte).Array[0, 12];

    private GuestMemory _memory = null!;

    [OneTimeSetUp]
    public void GiveMemory() => _memory = new GuestMemory(32 << 20);

    [OneTimeTearDown]
    public void TakeMemory() => _memory.Dispose();

    [Test]
    public void Mutated_and_truncated_kernels_are_loaded_or_refused_with_advice() =>
        Gen.Select(Gen.Int[0, Images.Length - 1], Changes, Gen.Int[0, 0x2000]).Sample(
            (which, changes, length) => LoadsOrAdvises(Mutated(Images[which], changes, length), Kernels.Cpio()), iter: 10_000, threads: 1);

    [Test]
    public void Mutated_and_truncated_initrds_are_loaded_or_refused_with_advice() =>
        Gen.Select(Changes, Gen.Int[0, 0x200]).Sample(
            (changes, length) => LoadsOrAdvises(Kernels.Linux(), Mutated(Kernels.Cpio(), changes, length)), iter: 5_000, threads: 1);

    [Test]
    public void Random_bytes_behind_every_magic_are_loaded_or_refused_with_advice() =>
        Gen.Select(Gen.Int[0, Images.Length - 1], Gen.Int[4, 0x210], Gen.Byte.Array[0, 2000]).Sample(
            (which, kept, noise) => LoadsOrAdvises([.. Images[which].Take(kept), .. noise], Kernels.Cpio()), iter: 5_000, threads: 1);

    private static byte[] Mutated(byte[] image, (int Offset, byte Value)[] changes, int length)
    {
        byte[] copy = image[..Math.Min(length, image.Length)];
        foreach ((int offset, byte value) in changes)
        {
            if (offset < copy.Length)
                copy[offset] = value;
        }

        return copy;
    }

    private bool LoadsOrAdvises(byte[] kernel, byte[] initrd)
    {
        try
        {
            KernelLoader.Load(_memory, new KernelRequest { Kernel = Kernels.File(kernel), Modules = [Kernels.File(initrd)], CommandLine = "a=b" });
            return true;
        }
        catch (OtherworldException e)
        {
            return !e.Message.Contains('\n', StringComparison.Ordinal);
        }
    }
}
