using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Emu.Core;
using Otherworld.Guest.Images;
using Otherworld.Guest.Labs;

namespace Otherworld.Cli;

/// <summary><c>lab</c>: exercises with a machine of one's own and a grader.</summary>
internal static class LabCommand
{
    public static Command Create()
    {
        Command command = new("lab", "Exercises on runs of your own, with a grader (docs/labs).");
        command.Subcommands.Add(CreateStart());
        command.Subcommands.Add(CreateCheck());
        return command;
    }

    private static Command CreateStart()
    {
        Argument<int> number = Number();
        Option<string?> folder = Folder();
        Option<ulong> seed = new("--seed") { Description = "Your number: it draws your run, and with it your answers.", HelpName = "N", DefaultValueFactory = _ => 1 };
        Option<string?> image = new("--image") { Description = "Folder of an image to use instead of the one these sources make.", HelpName = "DIR" };
        Command command = new("start", "Lay out an exercise: compute and record its run, and say what to do.") { number, seed, folder, image };
        command.SetAction(parsed =>
        {
            LabExercise exercise = Find(parsed.GetValue(number));
            LabFolder lab = FolderOf(exercise, parsed.GetValue(folder));
            GuestImage guest = parsed.GetValue(image) is { } own ? GuestImage.Open(own) : ImageService.OfThisUser().FindOrBuild("otherworld");
            exercise.Start(lab, guest, parsed.GetValue(seed), BuildInfo.Commit);
            Console.Out.WriteLine($"Lab {exercise.Number}: {exercise.Title}");
            Console.Out.WriteLine($"  read    docs/labs/{exercise.Document}");
            Console.Out.WriteLine($"  look    ./otherworld explore {lab.Run}");
            Console.Out.WriteLine($"  answer  {lab.Answers}");
            Console.Out.WriteLine($"  check   ./otherworld lab check {exercise.Number}{(parsed.GetValue(folder) is { } place ? $" --dir {place}" : "")}");
        });
        return command;
    }

    private static Command CreateCheck()
    {
        Argument<int> number = Number();
        Option<string?> folder = Folder();
        Option<bool> json = CommonOptions.Json();
        Command command = new("check", "Look at the answers; 0 when all are right, 1 when one is not.") { number, folder, json };
        command.SetAction(parsed =>
        {
            LabExercise exercise = Find(parsed.GetValue(number));
            IReadOnlyList<LabMark> marks = exercise.Check(FolderOf(exercise, parsed.GetValue(folder)));
            int right = marks.Count(mark => mark.IsRight);
            if (parsed.GetValue(json))
            {
                JsonArray all = CliJson.List(marks, mark => new JsonObject { ["key"] = mark.Key, ["given"] = mark.Given, ["right"] = mark.IsRight });
                Console.Out.WriteLine(new JsonObject { ["lab"] = exercise.Number, ["right"] = right, ["of"] = marks.Count, ["marks"] = all }.ToJsonString());
            }
            else
            {
                foreach (LabMark mark in marks)
                    Console.Out.WriteLine($"{(mark.IsRight ? "right" : mark.Given is null ? "open" : "wrong"),-6} {mark.Key}{(mark.Given is null ? "" : $" = {mark.Given}")}");
                Console.Out.WriteLine(right == marks.Count ? $"Lab {exercise.Number} is done: all {right} answers are right." : $"{right} of {marks.Count} answers are right.");
            }

            return right == marks.Count ? ExitCode.Success : ExitCode.NotMet;
        });
        return command;
    }

    private static Argument<int> Number() => new("N") { Description = "Number of the exercise: " + string.Join(", ", LabExercise.All().Select(exercise => $"{exercise.Number} {exercise.Title}")) + "." };

    private static Option<string?> Folder() => new("--dir") { Description = "Where you work at it (labs/N).", HelpName = "DIR" };

    private static LabFolder FolderOf(LabExercise exercise, string? folder) => new(folder ?? Path.Combine("labs", exercise.Number.ToString(CultureInfo.InvariantCulture)));

    private static LabExercise Find(int number) => LabExercise.All().FirstOrDefault(exercise => exercise.Number == number)
        ?? throw new OtherworldException($"there is no lab {number}. There are: {string.Join(", ", LabExercise.All().Select(exercise => $"{exercise.Number} ({exercise.Title})"))}.");
}
