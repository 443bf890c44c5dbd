namespace Otherworld.Guest.Overhead;

/// <summary>Names a function across builds.</summary>
/// <param name="File">The source file, for a name that is local to it; empty for a global one.</param>
/// <param name="Name">The linker's name.</param>
/// <param name="Number">Tells apart what has one name in one file: a header's static function that several source files of that name have; from 0, by address.</param>
public readonly record struct FunctionKey(string File, string Name, int Number)
{
    /// <summary>The function in the source that it is, or is a part of: the compiler puts words such as <c>.cold</c> behind its name.</summary>
    public string Function => Name.Split('.')[0];

    /// <summary>The name, and the file behind it where it needs one.</summary>
    public override string ToString() => File.Length == 0 ? Name : $"{Name} ({File})";
}
