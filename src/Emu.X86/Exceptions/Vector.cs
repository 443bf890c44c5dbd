namespace Emu.X86.Exceptions;

/// <summary>Exception and interrupt vectors (SDM 3A, table 6-1).</summary>
public enum Vector : byte
{
    De = 0,
    Db = 1,
    Nmi = 2,
    Bp = 3,
    Of = 4,
    Br = 5,
    Ud = 6,
    Nm = 7,
    Df = 8,
    Ts = 10,
    Np = 11,
    Ss = 12,
    Gp = 13,
    Pf = 14,
    Mf = 16,
    Ac = 17,
    Mc = 18,
    Xm = 19,
}
