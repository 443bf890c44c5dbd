namespace Otherworld.Guest.Crashes;

/// <summary>Ways in which the emulator makes a kernel die by its own checks. Only guest memory is changed.</summary>
public enum PanicKind
{
    /// <summary>The next instruction becomes a load through a null pointer.</summary>
    NullDeref,

    /// <summary>The next instruction becomes UD2, as BUG() compiles to.</summary>
    Bug,

    /// <summary>The next instruction becomes a loop that pushes until the stack has run into its guard page.</summary>
    StackOverflow,

    /// <summary>The last entry of the list of all tasks gets a poisoned forward pointer: the kernel's own list check dies of it at the next process that is created, or when the last one exits.</summary>
    CorruptList,

    /// <summary>The next instruction becomes a jump to itself, interrupts as they were: only the watchdog notices.</summary>
    Hang,

    /// <summary>The same with interrupts disabled.</summary>
    HangIrqOff,
}
