using Emu.X86.State;
using Otherworld.Guest.Consoles;
using static System.Tests.Resurrection.WitnessGuest;

namespace System.Tests.Resurrection;

/// <summary>Changes of the file system that were acknowledged one millisecond before the death, never synced, outlive it; and the file system is sound.</summary>
[TestFixture]
public sealed class DiskTests
{
    private static readonly string[] Scenarios = ["disk-saved", "disk-names", "disk-sizes", "disk-attributes", "disk-many", "disk-unlinked"];

    [TestCaseSource(nameof(Scenarios))]
    public void Is_on_the_disk(string scenario)
    {
        const ulong millisecond = 1_000_000;
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.Pass(millisecond);
        guest.RunToKernelMode();
        DieAndLook(guest, scenario);
        Assert.That(guest.Marks.Where(mark => mark.Name == "fsck"), Is.Empty, "no change was under way, so nothing needed a check");
    }

    /// <summary>The checker frees what has no name. What may be open in a process has one while it looks, in lost+found, and none afterwards.</summary>
    [Test]
    public void Files_without_a_name_outlive_a_check()
    {
        const string scenario = "disk-unlinked-in-a-change";
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunToMarkedCall();
        guest.RunTo("ext4_delete_entry");
        DieAndLook(guest, scenario);
        Assert.That(guest.Marks.Count(mark => mark.Name == "fsck"), Is.EqualTo(1), guest.Tail());
        Assert.That(guest.Ask("ls -A /data/lost+found | wc -l"), Does.Contain("0"), "nothing is left in lost+found");
    }

    /// <summary>Where inodes lie is said by the disk: what the kernel had in memory of that may be overwritten.</summary>
    [TestCase("s_group_desc")]
    [TestCase("s_inodes_per_group")]
    public void Files_without_a_name_outlive_a_damaged_table_of_groups(string member)
    {
        const string scenario = "disk-unlinked-in-a-change";
        const ulong damage = 0x10;
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Start([scenario]);
        guest.RunTo("ext4_get_group_desc");
        ulong super = guest.Parameter;
        guest.RunToMarkedCall();
        guest.RunTo("ext4_delete_entry");
        ulong info = guest.Word(super + OffsetOf("super_block", "s_fs_info"));
        guest.Overwrite(info + OffsetOf("ext4_sb_info", member), damage);
        DieAndLook(guest, scenario);
    }

    /// <summary>Committed, not at home yet, and about to be changed again: for some instructions such a block bears no mark of being dirty, and the journal is emptied.</summary>
    [TestCase("jbd2_journal_grab_journal_head")]
    [TestCase("__jbd2_journal_temp_unlink_buffer")]
    public void A_block_is_not_lost_between_two_lists_of_the_journal(string place)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("dd if=/etc/otherworld.conf of=/data/kept conv=fsync");
        guest.Type("chmod 600 /data/kept\n");
        guest.RunTo("ext4_setattr");
        guest.RunTo("__jbd2_journal_file_buffer");
        guest.RunTo(place);
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Ask("cmp /etc/otherworld.conf /data/kept && stat -c %a /data/kept"), Does.Contain("600"), guest.Tail());
    }

    /// <summary>
    /// A kernel's idea of its file system is damaged. Linux goes on, or gives up all that is not committed, and processes are told that the disk has become read-only; the next kernel
    /// reads the same disk without a fault. Nothing is on the disk yet of the first file, nor of the second, which is being made.
    /// </summary>
    [Test]
    public void A_kernel_that_finds_its_file_system_damaged_dies_before_it_gives_up_the_journal()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("echo first >/data/work/first");
        DamageIdeaOfDisk(guest, "echo second >/data/work/second");
        guest.WaitForGate();
        Assert.That(guest.Tail(), Does.Contain("died: a journal would be given up"));
        Assert.That(guest.Ask("cat /data/work/first /data/work/second"), Does.Contain("first\r\nsecond\r\n"), guest.Tail());
        Assert.That(guest.Ask("mount -o remount,ro /data; e2fsck -fn /dev/vda; echo status $?"), Does.Contain("status 0"), guest.Tail());
    }

    /// <summary>When the next kernel finds the same, it is the disk's doing, and goes the way Linux goes.</summary>
    [Test]
    public void The_second_kernel_in_a_row_believes_that_the_file_system_is_damaged()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        DamageIdeaOfDisk(guest, "ls /data/lost+found");
        guest.WaitForGate();
        DamageIdeaOfDisk(guest, "ls /data/lost+found");
        Assert.That(guest.Ask("dmesg"), Does.Contain("Aborting journal").And.Contain("Remounting filesystem read-only"), guest.Tail());
        Assert.That(guest.Marks.Count(mark => mark.Name == "panic"), Is.EqualTo(1), guest.Tail());
    }

    /// <summary>
    /// A lock that must be held is not, where a file is cut. Linux warns, and answers EINVAL; whoever cuts a file to write it anew goes on without. Our kernel dies of it, and the next one cuts the file.
    /// </summary>
    [Test]
    public void A_kernel_that_warns_dies_before_it_gives_a_wrong_answer()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("echo much >/data/work/cut");
        TakeLockAway(guest, "truncate -s 2 /data/work/cut; echo status $?");
        guest.WaitForGate();
        Assert.That(guest.Tail(), Does.Contain("died: warning (0x0), at ext4_setattr+"));
        Assert.That(guest.Ask("cat /data/work/cut; echo"), Does.Contain("mu\r\n"), guest.Tail());
    }

    /// <summary>When the next kernel warns at the same place, it lies in what both were given, and goes the way Linux goes.</summary>
    [Test]
    public void The_second_kernel_in_a_row_only_warns()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("echo much >/data/work/cut");
        TakeLockAway(guest, "truncate -s 2 /data/work/cut");
        guest.WaitForGate();
        TakeLockAway(guest, "truncate -s 1 /data/work/cut");
        Assert.That(guest.Ask("dmesg"), Does.Match("WARNING: CPU: 0 PID: [0-9]+ at .*ext4_setattr"), guest.Tail());
        Assert.That(guest.Marks.Count(mark => mark.Name == "panic"), Is.EqualTo(1), guest.Tail());
    }

    /// <summary>A kernel that cannot do sums any more has put a wrong one into a change that is whole. The file system cannot be mounted as it is.</summary>
    [Test]
    public void A_file_system_whose_checksums_the_dead_kernel_got_wrong_is_mended()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("echo first >/data/work/first");
        guest.Type("ls /data/lost+found");
        guest.RunTo("ext4_get_group_desc");
        SpoilSumOfDescriptor(guest);
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Marks.Select(mark => mark.Name), Does.Contain("mount-failed").And.Contain("fsck"), guest.Tail());
        Assert.That(guest.Ask("cat /data/work/first"), Does.Contain("first\r\n"), guest.Tail());
        Assert.That(guest.Ask("mount -o remount,ro /data; e2fsck -fn /dev/vda; echo status $?"), Does.Contain("status 0"), guest.Tail());
    }

    /// <summary>
    /// A checksum was computed into the place of something else: a field of the superblock that never changes. A descriptor's is wrong, too, so that the file system must be checked, and
    /// e2fsck reads nothing behind such a superblock.
    /// </summary>
    [TestCase("s_r_blocks_count_lo")]
    [TestCase("s_inodes_per_group")]
    [TestCase("s_first_ino")]
    public void What_never_changes_in_a_superblock_is_taken_from_the_disk(string field)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("seq 1 3000 >/data/work/cut; sync; truncate -s 5 /data/work/cut");
        guest.Type("ls /data/lost+found");
        guest.RunTo("ext4_get_group_desc");
        ulong place = guest.Word(SuperOf(guest) + OffsetOf("ext4_sb_info", "s_es")) + OffsetOf("ext4_super_block", field);
        guest.Overwrite(place, guest.Word(place) ^ 0x661f_1eadUL);
        SpoilSumOfDescriptor(guest);
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Marks.Select(mark => mark.Name), Does.Contain("replay-super"), guest.Tail());
        Assert.That(guest.Ask("cat /data/work/cut; echo status $?"), Does.Contain("1\r\n2\r\n3status 0"), guest.Tail());
        Assert.That(guest.Ask("mount -o remount,ro /data; e2fsck -fn /dev/vda; echo status $?"), Does.Contain("status 0"), guest.Tail());
    }

    /// <summary>A kernel that makes no checksums of inodes any more writes those of what was there before, and goes on. What it writes is right.</summary>
    [Test]
    public void Inodes_without_a_right_checksum_are_read_by_the_next_kernel()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        ReturnAtOnce(guest, "ext4_inode_csum_set");
        guest.Ask("echo first >/data/work/first; mkdir /data/work/inner; sync; echo second >/data/work/inner/second");
        guest.Type("pwd");
        guest.RunTo("do_syscall_64");
        guest.Kill();
        guest.WaitForGate();
        GuestMark replay = guest.Marks.First(mark => mark.Name == "replay");
        Assert.That((replay.Values["handles"], replay.Values["sums"]), Is.EqualTo(("0", "4")), guest.Tail());
        Assert.That(guest.Ask("cat /data/work/first /data/work/inner/second"), Does.Contain("first\r\nsecond\r\n"), guest.Tail());
        Assert.That(guest.Ask("mount -o remount,ro /data; e2fsck -fn /dev/vda; echo status $?"), Does.Contain("status 0"), guest.Tail());
    }

    /// <summary>
    /// An inode without a right checksum does not say what the kernel that wrote it knew: its sectors, its time of deletion, or that it has no attributes. It gets no right checksum: whoever opens the
    /// file is told that it is damaged.
    /// </summary>
    [TestCase("i_blocks_lo", 0)]
    [TestCase("i_dtime", 0)]
    [TestCase("i_projid", sizeof(uint))]
    public void An_inode_that_memory_contradicts_gets_no_checksum(string field, int further)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("echo first >/data/work/first; echo second >/data/work/second; sync");
        ReturnAtOnce(guest, "ext4_inode_csum_set");
        guest.Ask("chmod 600 /data/work/second");
        guest.Type("chmod 600 /data/work/first");
        guest.RunTo("ext4_inode_csum_set");
        ulong place = guest.Register(GeneralRegister.Rsi) + OffsetOf("ext4_inode", field) + (ulong)further;
        guest.Overwrite(place, guest.Word(place) ^ 1);
        guest.Ask("true");
        guest.Type("pwd");
        guest.RunTo("do_syscall_64");
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Ask("cat /data/work/second; cat /data/work/first"), Does.Contain("second\r\n").And.Contain("Bad message"), guest.Tail());
    }

    private static void SpoilSumOfDescriptor(WitnessGuest guest)
    {
        ulong buffers = guest.Word(SuperOf(guest) + OffsetOf("ext4_sb_info", "s_group_desc"));
        ulong descriptors = guest.Word(guest.Word(buffers) + OffsetOf("buffer_head", "b_data"));
        const int bits = 16;
        ulong word = descriptors + OffsetOf("ext4_group_desc", "bg_checksum") + (bits / 8) - sizeof(ulong); // which ends with it
        guest.Overwrite(word, guest.Word(word) ^ (ulong.MaxValue << (64 - bits)));
    }

    /// <summary>The very first instruction of a function becomes RET.</summary>
    private static void ReturnAtOnce(WitnessGuest guest, string function)
    {
        const ulong ret = 0xc3;
        ulong address = guest.Symbols.AddressOf(function);
        guest.Overwrite(address, (guest.Word(address) & ~0xffUL) | ret);
    }

    /// <summary>
    /// The tree of the page cache that metadata is in has lost an entry, or has another node in its place: the pages themselves say where they belong. Nothing of the file is on the disk yet.
    /// </summary>
    [TestCase(0UL)]
    [TestCase(0x10UL)]
    public void Metadata_is_found_that_the_page_cache_has_lost(ulong entry)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("echo first >/data/work/first");
        guest.Type("ls /data/lost+found");
        guest.RunTo("ext4_get_group_desc");
        guest.Overwrite(FirstSlotOf(guest, guest.Word(MappingOfDisk(guest))), entry);
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Marks.Select(mark => mark.Name), Does.Contain("replay-memory").And.Not.Contain("fsck"), guest.Tail());
        Assert.That(guest.Ask("cat /data/work/first"), Does.Contain("first\r\n"), guest.Tail());
        Assert.That(guest.Ask("mount -o remount,ro /data; e2fsck -fn /dev/vda; echo status $?"), Does.Contain("status 0"), guest.Tail());
    }

    /// <summary>What the kernel knows of its disk was overwritten, and no longer leads to its page cache: that lies right behind. Nothing of the file is on the disk yet.</summary>
    [Test]
    public void Metadata_is_found_of_a_disk_that_has_lost_its_inode()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("echo first >/data/work/first");
        guest.Type("ls /data/lost+found");
        guest.RunTo("ext4_get_group_desc");
        ulong inode = DiskOf(guest) + OffsetOf("block_device", "bd_inode");
        guest.Overwrite(inode, inode);
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Marks.Select(mark => mark.Name), Does.Not.Contain("fsck"), guest.Tail());
        Assert.That(guest.Ask("cat /data/work/first"), Does.Contain("first\r\n"), guest.Tail());
        Assert.That(guest.Ask("mount -o remount,ro /data; e2fsck -fn /dev/vda; echo status $?"), Does.Contain("status 0"), guest.Tail());
    }

    /// <summary>The tree, and the count of its pages, are those of a page cache of which nothing is in memory.</summary>
    [Test]
    public void Metadata_is_found_of_a_page_cache_that_seems_to_be_empty()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("echo first >/data/work/first");
        guest.Type("ls /data/lost+found");
        guest.RunTo("ext4_get_group_desc");
        ulong mapping = guest.Word(MappingOfDisk(guest));
        guest.Overwrite(mapping + OffsetOf("address_space", "i_pages") + OffsetOf("xarray", "xa_head"), 0);
        guest.Overwrite(mapping + OffsetOf("address_space", "nrpages"), 0);
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Ask("cat /data/work/first"), Does.Contain("first\r\n"), guest.Tail());
        Assert.That(guest.Ask("mount -o remount,ro /data; e2fsck -fn /dev/vda; echo status $?"), Does.Contain("status 0"), guest.Tail());
    }

    /// <summary>Nothing of a file is on the disk yet, and the tree of its page cache has lost an entry, or has another node in its place.</summary>
    [TestCase(0UL)]
    [TestCase(0x10UL)]
    public void Data_is_found_that_the_page_cache_of_a_file_has_lost(ulong entry)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("seq 1 3000 >/data/work/numbers");
        guest.Type("cat /data/work/numbers >/dev/null");
        guest.RunTo("ext4_file_read_iter");
        ulong file = guest.Word(guest.Parameter + OffsetOf("kiocb", "ki_filp"));
        guest.Overwrite(FirstSlotOf(guest, guest.Word(file + OffsetOf("file", "f_mapping"))), entry);
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Ask("seq 1 3000 | cmp - /data/work/numbers; echo status $?"), Does.Contain("status 0"), guest.Tail());
        Assert.That(guest.Marks.Single(mark => mark.Name == "writeback").Values["lost"], Is.EqualTo("0"), guest.Tail());
    }

    /// <summary>Nothing of a file is on the disk yet, and one of its pages says that it is a part of another, which lies where no memory can be.</summary>
    [Test]
    public void Data_is_found_in_a_page_that_says_it_is_part_of_another()
    {
        const ulong partOf = 0x8000000000001001; // bit 0 says that it is one (PageTail)
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("seq 1 3000 >/data/work/numbers");
        guest.Type("cat /data/work/numbers >/dev/null");
        guest.RunTo("ext4_file_read_iter");
        ulong file = guest.Word(guest.Parameter + OffsetOf("kiocb", "ki_filp"));
        ulong page = guest.Word(FirstSlotOf(guest, guest.Word(file + OffsetOf("file", "f_mapping"))));
        guest.Overwrite(page + OffsetOf("page", "compound_head"), partOf);
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Ask("seq 1 3000 | cmp - /data/work/numbers; echo status $?"), Does.Contain("status 0"), guest.Tail());
        Assert.That(guest.Marks.Single(mark => mark.Name == "writeback").Values["lost"], Is.EqualTo("0"), guest.Tail());
    }

    /// <summary>A page is marked clean that was never written: its block is promised, or allocated and still to be written, and reads as zeroes.</summary>
    [TestCase("true")]
    [TestCase("fallocate -l 4096 /data/work/clean")]
    public void A_page_marked_clean_is_written_where_the_disk_has_nothing(string before)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask(before + "; echo first | dd of=/data/work/clean conv=notrunc");
        guest.Type("cat /data/work/clean >/dev/null");
        guest.RunTo("ext4_file_read_iter");
        ulong file = guest.Word(guest.Parameter + OffsetOf("kiocb", "ki_filp"));
        ulong pages = guest.Word(file + OffsetOf("file", "f_mapping")) + OffsetOf("address_space", "i_pages");
        const ulong isDirty = 1 << 4; // PG_dirty of page-flags.h
        ulong page = guest.Word(pages + OffsetOf("xarray", "xa_head")); // there is only one
        Assert.That(guest.Word(page + OffsetOf("page", "flags")) & isDirty, Is.Not.Zero);
        guest.Overwrite(page + OffsetOf("page", "flags"), guest.Word(page + OffsetOf("page", "flags")) & ~isDirty);
        const ulong marks = 7 << 27; // XA_FLAGS_MARK() of xarray.h
        ulong flags = pages + OffsetOf("xarray", "xa_flags");
        Assert.That(guest.Word(flags) & marks, Is.Not.Zero);
        guest.Overwrite(flags, guest.Word(flags) & ~marks);
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Ask("head -c 6 /data/work/clean"), Does.Contain("first\r\n"), guest.Tail());
    }

    /// <summary>What never changes in the superblock of a journal is taken from the disk; the number of the next change need only be above all others.</summary>
    [TestCase("s_header.h_magic")]
    [TestCase("s_blocksize")]
    [TestCase("s_maxlen")]
    [TestCase("s_first")]
    public void A_damaged_superblock_of_a_journal_is_taken_from_the_disk(string field)
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("echo first >/data/work/first; sync; echo second >/data/work/second");
        guest.Type("ls /data/lost+found");
        guest.RunTo("ext4_get_group_desc");
        ulong journal = guest.Word(SuperOf(guest) + OffsetOf("ext4_sb_info", "s_journal"));
        ulong place = guest.Word(journal + OffsetOf("journal_s", "j_superblock")) + OffsetOf("journal_superblock_s", field);
        guest.Overwrite(place, guest.Word(place) ^ 0x0200_0001UL);
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Marks.Select(mark => mark.Name), Does.Contain("replay-journal").And.Not.Contain("fsck").And.Not.Contain("mount-failed"), guest.Tail());
        Assert.That(guest.Ask("cat /data/work/first /data/work/second"), Does.Contain("first\r\nsecond\r\n"), guest.Tail());
        Assert.That(guest.Ask("mount -o remount,ro /data; e2fsck -fn /dev/vda; echo status $?"), Does.Contain("status 0"), guest.Tail());
    }

    /// <summary>A kernel that does not know how many changes there have been takes no number twice.</summary>
    [Test]
    public void A_damaged_number_of_changes_leaves_the_journal_usable()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("for i in 1 2 3 4; do echo $i >/data/work/$i; sync; done");
        guest.Type("ls /data/lost+found");
        guest.RunTo("ext4_get_group_desc");
        ulong journal = guest.Word(SuperOf(guest) + OffsetOf("ext4_sb_info", "s_journal"));
        ulong place = journal + OffsetOf("journal_s", "j_transaction_sequence");
        ulong number = guest.Word(place) & uint.MaxValue;
        guest.Overwrite(place, (guest.Word(place) & ~(ulong)uint.MaxValue) | 1);
        guest.Kill();
        guest.WaitForGate();
        guest.Type("ls /data/lost+found");
        guest.RunTo("ext4_get_group_desc");
        journal = guest.Word(SuperOf(guest) + OffsetOf("ext4_sb_info", "s_journal"));
        Assert.That(guest.Word(journal + OffsetOf("journal_s", "j_transaction_sequence")) & uint.MaxValue, Is.GreaterThan(number), guest.Tail());
    }

    /// <summary>Nobody can tell which page cache was the disk's: the journal on the disk is not emptied then, and what it has is there.</summary>
    [Test]
    public void The_journal_is_kept_when_the_page_cache_is_not_found()
    {
        WitnessGuest guest = WitnessGuest.AtPrompt();
        guest.Ask("echo first >/data/work/first; sync");
        guest.Type("ls /data/lost+found");
        guest.RunTo("ext4_get_group_desc");
        ulong place = MappingOfDisk(guest);
        guest.Overwrite(guest.Word(place) + OffsetOf("address_space", "host"), 0);
        guest.Overwrite(place, guest.Word(place) + SizeOf("address_space"));
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.Marks.Single(mark => mark.Name == "replay").Values["err"], Is.EqualTo("-117"), guest.Tail());
        Assert.That(guest.Ask("cat /data/work/first"), Does.Contain("first\r\n"), guest.Tail());
        Assert.That(guest.Ask("mount -o remount,ro /data; e2fsck -fn /dev/vda; echo status $?"), Does.Contain("status 0"), guest.Tail());
    }

    /// <summary>The first slot of the node that is the root of a page cache's tree.</summary>
    private static ulong FirstSlotOf(WitnessGuest guest, ulong mapping)
    {
        const ulong isNode = 2; // xarray.h
        ulong head = mapping + OffsetOf("address_space", "i_pages") + OffsetOf("xarray", "xa_head");
        return guest.Word(head) - isNode + OffsetOf("xa_node", "slots");
    }

    /// <summary>Where it says in which page cache the disk is of the file system that the function about to run is given.</summary>
    private static ulong MappingOfDisk(WitnessGuest guest) => guest.Word(DiskOf(guest) + OffsetOf("block_device", "bd_inode")) + OffsetOf("inode", "i_mapping");

    /// <summary>The <c>struct block_device</c> of the file system that the function about to run is given.</summary>
    private static ulong DiskOf(WitnessGuest guest) => guest.Word(guest.Parameter + OffsetOf("super_block", "s_bdev"));

    /// <summary>The kernel thinks that its file system has no groups when a command looks for one.</summary>
    private static void DamageIdeaOfDisk(WitnessGuest guest, string command)
    {
        guest.Type(command);
        guest.RunTo("ext4_get_group_desc");
        ulong groups = SuperOf(guest) + OffsetOf("ext4_sb_info", "s_groups_count");
        guest.Overwrite(groups, guest.Word(groups) >> 32 << 32);
    }

    /// <summary>What was locked when a command cuts a file is no longer: the kernel finds that out by itself.</summary>
    private static void TakeLockAway(WitnessGuest guest, string command)
    {
        guest.Type(command);
        guest.RunTo("ext4_setattr");
        guest.RunTo("down_write"); // of the mapping's invalidate_lock
        ulong count = guest.Parameter;
        guest.ReturnTo("ext4_setattr");
        guest.Overwrite(count, 0);
    }

    /// <summary>What ext4 knows of the file system that the function about to run is given.</summary>
    private static ulong SuperOf(WitnessGuest guest) => guest.Word(guest.Parameter + OffsetOf("super_block", "s_fs_info"));

    private static void DieAndLook(WitnessGuest guest, string scenario)
    {
        guest.Kill();
        guest.WaitForGate();
        Assert.That(guest.WaitForVerdict(scenario), Is.EqualTo("ok"), guest.Tail());
        guest.WaitForEnd();
        string check = guest.Ask("mount -o remount,ro /data; e2fsck -fn /dev/vda; echo status $?");
        Assert.That(check, Does.Contain("status 0"), check);
    }
}
