using Emu.Core.Machine;
using Emu.Core.Snapshots;
using Emu.Core.State;
using Otherworld.Guest.Boot;
using Otherworld.Guest.Elf;
using Otherworld.Guest.Images;

namespace System.Tests.Snapshots;

/// <summary>The machine law: run(N+M) ends in the same state as run(N), save, load into a new machine, run(M); and snapshots taken on the way change nothing.</summary>
[TestFixture]
public sealed class MachineLawTests
{
    private const ulong Horizon = 40_000_000;

    [Test]
    public void A_flat_program_goes_on_from_a_file_as_if_nothing_had_happened() => GoesOn(BootFlat, 3_000_000, points: 5);

    [Test]
    public void A_kernel_boot_goes_on_from_a_file_as_if_nothing_had_happened() => GoesOn(BootKernel, Horizon, points: 4);

    [Test]
    public void Snapshots_taken_and_restored_on_the_way_change_nothing_of_a_kernel_boot()
    {
        string expected = RunTo(BootKernel, Horizon);
        using GuestMachine guest = BootKernel();
        var prng = new Prng(11);
        for (ulong tick = 0; tick < Horizon;)
        {
            tick = Math.Min(Horizon, tick + prng.Below(Horizon / 20));
            guest.Machine.Run(tick);
            var snapshot = MemorySnapshot.Take(guest.Machine);
            guest.Machine.Run(tick + prng.Below(200_000)); // a detour that is taken back
            snapshot.Restore(guest.Machine);
        }

        Assert.That(Hash(guest), Is.EqualTo(expected));
    }

    private static void GoesOn(Func<GuestMachine> boot, ulong horizon, int points)
    {
        string expected = RunTo(boot, horizon);
        string folder = Directory.CreateTempSubdirectory("otherworld-law-").FullName;
        try
        {
            var prng = new Prng(7);
            for (int i = 0; i < points; i++)
            {
                ulong tick = prng.Below(horizon);
                string path = Path.Combine(folder, "point");
                using (GuestMachine first = boot())
                {
                    first.Machine.Run(tick);
                    first.Save(path, "test", $"tick {tick}");
                }

                using GuestMachine second = GuestMachine.FromSnapshot(path, [], new MachineOutputs());
                second.Machine.Run(horizon);
                Assert.That(Hash(second), Is.EqualTo(expected), $"saved at tick {tick}");
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string RunTo(Func<GuestMachine> boot, ulong tick)
    {
        using GuestMachine guest = boot();
        guest.Machine.Run(tick);
        return Hash(guest);
    }

    private static string Hash(GuestMachine guest) => $"{guest.Machine.StateHash():x16} after {guest.Processor.InstructionCount}";

    private static GuestMachine BootKernel()
    {
        var cache = ImageCache.OfThisUser();
        if (cache.HashesOf("otherworld") is not [string hash, ..])
            throw new IgnoreException("no guest image: ./otherworld image build");
        var image = GuestImage.Open(cache.FolderOf("otherworld", hash));
        GuestMachine guest = GuestMachine.Create(new MachineSettings { Disk = new DiskChoice(image.Path(ImageRoles.Disk), false) }, new MachineOutputs());
        guest.Load(new KernelRequest
        {
            Kernel = FileBytes.Load(image.Path(ImageRoles.Vmlinux), "kernel"),
            Modules = [FileBytes.Load(image.Path(ImageRoles.Initramfs), "initrd")],
            CommandLine = $"console=ttyS0 {Images.VirtioOnTheCommandLine}",
        });
        return guest;
    }

    /// <summary>A 32-bit program that for ever mixes the PIT's counter and the time-stamp counter into a walk over 1 MiB of memory.</summary>
    private static GuestMachine BootFlat()
    {
        byte[] code =
        [
            0xBB, 0x00, 0x00, 0x20, 0x00,             // mov ebx, 200000h
            0x05, 0xB1, 0x79, 0x37, 0x9E,             // again: add eax, 9E3779B1h
            0x31, 0x03,                               // xor [ebx], eax
            0x01, 0xC3,                               // add ebx, eax
            0x81, 0xE3, 0xFC, 0xFF, 0x0F, 0x00,       // and ebx, 0FFFFCh
            0x81, 0xCB, 0x00, 0x00, 0x20, 0x00,       // or ebx, 200000h
            0x41,                                     // inc ecx
            0xF6, 0xC1, 0x3F,                         // test cl, 3Fh
            0x75, 0xE5,                               // jnz again
            0xE4, 0x40,                               // in al, 40h
            0x0F, 0x31,                               // rdtsc
            0xEB, 0xDF,                               // jmp again
        ];
        GuestMachine guest = GuestMachine.Create(new MachineSettings { MemorySize = 16 << 20 }, new MachineOutputs());
        guest.Machine.Memory.Write(0x10_0000, code);
        ProcessorEntry.Apply(guest.Processor, new EntryState { Mode = EntryMode.Protected32, Rip = 0x10_0000, Cr0 = 0x11, GdtBase = 0, GdtLimit = 0 });
        return guest;
    }
}
