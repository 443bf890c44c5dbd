namespace Emu.Core;

/// <summary>A bug of ours, found by <see cref="Check"/>. Never thrown for anything a guest or a user did.</summary>
public sealed class InternalErrorException(string what) : Exception(what);
