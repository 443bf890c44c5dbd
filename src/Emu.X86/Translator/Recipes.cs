using Emu.X86.Semantics;
using Iced.Intel;

namespace Emu.X86.Translator;

/// <summary>Recipes of the encodings met so far.</summary>
internal sealed class Recipes
{
    private readonly Recipe?[] _recipes = new Recipe?[IcedConstants.CodeCount];

    /// <summary>The recipe of an encoding.</summary>
    internal Recipe this[Code code] => _recipes[(int)code] ??= new Recipe(code);
}
