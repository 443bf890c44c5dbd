namespace Otherworld.Guest.Elf;

/// <summary>One entry of a PT_NOTE segment.</summary>
/// <param name="Owner">Who defines the type, for example <c>Xen</c> or <c>GNU</c>.</param>
/// <param name="Type">Meaning depends on the owner.</param>
/// <param name="Description">The payload.</param>
public readonly record struct ElfNote(string Owner, uint Type, byte[] Description);
