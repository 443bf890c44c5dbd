namespace Emu.Core.Devices.Rtc;

/// <summary>A date and time of the proleptic Gregorian calendar, and its count of seconds since 1970.</summary>
internal readonly record struct Calendar(long Year, int Month, int Day, int Hour, int Minute, int Second)
{
    private const long SecondsPerDay = 86_400;
    private const long DaysPerEra = 146_097;     // 400 years
    private const long EpochFromMarch0 = 719_468; // days from 0000-03-01 to 1970-01-01

    /// <summary>1 = Sunday to 7 = Saturday.</summary>
    public int DayOfWeek => (int)((DayOf(ToSeconds()) % 7 + 11) % 7) + 1;

    public static Calendar FromSeconds(long seconds)
    {
        long day = DayOf(seconds);
        int rest = (int)(seconds - day * SecondsPerDay);
        // Years are counted from March, so that the leap day is the last of its year.
        day += EpochFromMarch0;
        long era = (day >= 0 ? day : day - (DaysPerEra - 1)) / DaysPerEra;
        long ofEra = day - era * DaysPerEra;
        long yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365;
        long ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int monthFromMarch = (int)((5 * ofYear + 2) / 153);
        int month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        return new Calendar(
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
            month,
            (int)(ofYear - (153 * monthFromMarch + 2) / 5 + 1),
            rest / 3600,
            rest / 60 % 60,
            rest % 60);
    }

    public long ToSeconds()
    {
        long year = Month <= 2 ? Year - 1 : Year;
        long era = (year >= 0 ? year : year - 399) / 400;
        long ofEraYear = year - era * 400;
        long ofYear = (153 * (Month + (Month > 2 ? -3 : 9)) + 2) / 5 + Day - 1;
        long ofEra = ofEraYear * 365 + ofEraYear / 4 - ofEraYear / 100 + ofYear;
        return (era * DaysPerEra + ofEra - EpochFromMarch0) * SecondsPerDay + Hour * 3600 + Minute * 60 + Second;
    }

    private static long DayOf(long seconds) => (seconds >= 0 ? seconds : seconds - (SecondsPerDay - 1)) / SecondsPerDay;
}
