using Otherworld.Guest.Campaigns;
using Otherworld.Guest.Campaigns.Apps;
using Otherworld.Guest.Consoles;
using Otherworld.Guest.Experiments;

namespace Otherworld.Guest.Tests.Campaigns;

/// <summary>What an editor's file says of it, in the words of campaigns.</summary>
[TestFixture]
public sealed class EditorVerdictTests
{
    private const string Typed = "QXZV\u001b:w\raJK";
    private const string Saved = "\u001b[1;46HQXZV\u001b[24;1H\"/work/notes-1.txt\" [New] 1L, 50B written\u001b[1;50HJ";
    private const string NotSaved = "\u001b[1;46HQXZV\u001b[1;50HJ";

    [TestCase("QXZVJK# and then this", Saved, "0", AppState.Correct, TestName = "all is there")]
    [TestCase("QXZVJ# and then this", Saved, "0", AppState.Correct, TestName = "a letter that was not shown may be gone")]
    [TestCase("QXZVK# and then this", Saved, "0", AppState.WrongData, TestName = "a letter that was shown may not")]
    [TestCase("QXZV", Saved, "127", AppState.Silent, TestName = "an editor that gave up has what it had saved")]
    [TestCase("QXZV", Saved, "0", AppState.WrongData, TestName = "one that ended as it was told must have all")]
    [TestCase("QXZ", Saved, "1", AppState.WrongData, TestName = "what it had saved must be there even if it gave up")]
    [TestCase("QXZV?", Saved, "1", AppState.WrongData, TestName = "and nothing else")]
    [TestCase("QXZV", NotSaved, "1", AppState.WrongData, TestName = "one that had saved nothing has no excuse")]
    public void The_file_decides(string behind, string echo, string status, AppState wanted) =>
        Assert.That(EditorApp.Judge(EditorStory.Text(0) + behind, status, Typed, echo, isLookedAt: false, null).State, Is.EqualTo(wanted));

    /// <summary>The kernel writes on the same terminal whenever it likes.</summary>
    [Test]
    public void What_the_kernel_says_is_no_part_of_a_file()
    {
        const string said = "cat /wor[    1.414271] BUG: non-zero pgtables_bytes on freeing mm: 4096\r\nk/notes\r\n[  102.414271] BUG: again\r\ntext [1.5] of the file\r\n";
        Assert.That(KernelMessages.Without(said), Is.EqualTo("cat /work/notes\r\ntext [1.5] of the file\r\n"));
    }

    /// <summary>Also where the answer ends in the middle of what the kernel says, or two shells read from one terminal, and half of the command is an answer already.</summary>
    [TestCase("cat /work/notes; echo end\r\ntext\r\n[    1.414271] BUG: non-zeroend-of-0-1138\r\n")]
    [TestCase("cat /work/notes; echo end\r\ntext\r\nend-of-0-1138")]
    [TestCase("cat /work/n[    1.414271] BUG: non-zero\r\notes; echo end\r\ntext\r\nend-of-0-1138\r\notherworld# ")]
    [TestCase("otherworld# end-of-0-1138\r\notherworld# text\r\nend-of-0-1138\r\n", "otherworld# ")]
    public void An_answer_ends_at_its_mark(string said, string answer = "text\r\n") => Assert.That(GuestShell.AnswerIn(said, "end-of-0-1138"), Is.EqualTo(answer));
}
