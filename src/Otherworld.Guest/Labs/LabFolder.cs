using System.Globalization;
using System.Text;
using Emu.Core;
using Otherworld.Guest.Images;

namespace Otherworld.Guest.Labs;

/// <summary>Where a student works at an exercise: the recorded run, snapshots, and the file of answers.</summary>
/// <param name="path">The folder.</param>
public sealed class LabFolder(string path)
{
    private const string SeedName = "seed";
    private const string KeptName = "kept";
    private const string AnswersName = "answers.txt";

    /// <summary>The folder.</summary>
    public string Path { get; } = path;

    /// <summary>The recorded run.</summary>
    public string Run => System.IO.Path.Combine(Path, "run");

    /// <summary>Where the answers go.</summary>
    public string Answers => System.IO.Path.Combine(Path, AnswersName);

    /// <summary>The machine just before the event, where the exercise has one.</summary>
    public string Before => System.IO.Path.Combine(Path, "before-1.snapshot");

    /// <summary>The machine when its kernel was dying, where the exercise has one.</summary>
    public string Dying => System.IO.Path.Combine(Path, "panic-1.snapshot");

    /// <summary>Makes the folder. It counts as an exercise when <see cref="Finish"/> has put the questions into it.</summary>
    /// <exception cref="OtherworldException">It is in use, or cannot be written to.</exception>
    public void Create()
    {
        try
        {
            if (Directory.Exists(Path) && Directory.EnumerateFileSystemEntries(Path).Any())
                throw new OtherworldException($"'{Path}' is not empty. To begin anew, delete it, or give another folder with --dir.");
            Directory.CreateDirectory(Path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotLayOut(e);
        }
    }

    /// <summary>Puts in a file of answers that only wants to be filled in, and last of all the seed, which makes the folder an exercise.</summary>
    /// <exception cref="OtherworldException">It cannot be written to.</exception>
    public void Finish(LabExercise exercise, ulong seed)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# Lab {exercise.Number}: {exercise.Title}\n# Write each answer behind its '='. When you are done: ./otherworld lab check {exercise.Number}\n");
        foreach (LabQuestion question in exercise.Questions(seed))
            text.Append(CultureInfo.InvariantCulture, $"\n# {question.Text}\n{question.Key} =\n");
        try
        {
            File.WriteAllText(Answers, text.ToString());
            File.WriteAllText(System.IO.Path.Combine(Path, SeedName), seed.ToString(CultureInfo.InvariantCulture) + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotLayOut(e);
        }
    }

    /// <summary>Takes away what <see cref="Create"/> began. Where even that fails, the next start says that the folder is not empty.</summary>
    public void Discard()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The reason that the exercise is given up for is the one to be told.
        }
    }

    /// <summary>The student's seed.</summary>
    /// <exception cref="OtherworldException">No exercise was started here.</exception>
    public ulong Seed() => ulong.TryParse(ReadFile(SeedName).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed)
        ? seed
        : throw new OtherworldException($"'{System.IO.Path.Combine(Path, SeedName)}' is damaged. Start the exercise anew.");

    /// <summary>The answers by key, without those that are empty.</summary>
    /// <exception cref="OtherworldException">A line is none, or the file is missing.</exception>
    public IReadOnlyDictionary<string, string> ReadAnswers()
    {
        Dictionary<string, string> answers = [];
        foreach (string line in ReadFile(AnswersName).Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#'))
        {
            if (line.Split('=', 2, StringSplitOptions.TrimEntries) is not [var key, var value])
                throw new OtherworldException($"'{Answers}' has a line that is no answer: '{line}'. Wanted is: key = answer");
            if (value.Length > 0)
                answers[key] = value;
        }

        return answers;
    }

    /// <summary>Keeps something for the grader.</summary>
    /// <exception cref="OtherworldException">It cannot be written.</exception>
    public void Remember(string key, string value)
    {
        try
        {
            File.AppendAllText(System.IO.Path.Combine(Path, KeptName), $"{key} = {value}\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotLayOut(e);
        }
    }

    /// <summary>What was kept for the grader.</summary>
    /// <exception cref="OtherworldException">It is not there.</exception>
    public string Recall(string key) =>
        ReadFile(KeptName).Split('\n').Select(line => line.Split(" = ", 2)).FirstOrDefault(pair => pair.Length == 2 && pair[0] == key)?[1]
        ?? throw new OtherworldException($"'{System.IO.Path.Combine(Path, KeptName)}' is damaged. Start the exercise anew.");

    /// <summary>Keeps the image that the exercise runs on.</summary>
    public void Remember(GuestImage image) => Remember("image", System.IO.Path.GetFullPath(image.Folder));

    /// <summary>The image that the exercise runs on.</summary>
    /// <exception cref="OtherworldException">It is not there any more.</exception>
    public GuestImage Image() => GuestImage.Open(Recall("image"));

    private string ReadFile(string name)
    {
        try
        {
            return File.ReadAllText(System.IO.Path.Combine(Path, name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OtherworldException($"there is no exercise in '{Path}': {e.Message} Start one: ./otherworld lab start N");
        }
    }

    private OtherworldException CannotLayOut(Exception e) => new($"the exercise cannot be laid out in '{Path}': {e.Message}", 3);
}
