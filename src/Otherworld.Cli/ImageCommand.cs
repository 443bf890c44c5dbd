using System.CommandLine;
using System.Text.Json.Nodes;
using Otherworld.Guest.Images;

namespace Otherworld.Cli;

/// <summary><c>image</c>: the guest images in this user's cache.</summary>
internal static class ImageCommand
{
    public static Command Create()
    {
        Command command = new("image", "Build, list, verify and move guest images.");
        command.Subcommands.Add(Build());
        command.Subcommands.Add(List());
        command.Subcommands.Add(Verify());
        command.Subcommands.Add(Export());
        command.Subcommands.Add(Import());
        return command;
    }

    private static Command Build()
    {
        Argument<string> name = Name("all", "The image; 'otherworld' and 'stock' without a name.");
        Option<bool> latest = new("--latest") { Description = "Take today's package versions and write them into images/packages.lock." };
        Option<bool> force = new("--force") { Description = "Build although the image is in the cache." };
        Option<bool> json = CommonOptions.Json();
        Command command = new("build", "Build images from Debian packages and the sources in images/ (about five minutes the first time).") { name, latest, force, json };
        command.SetAction(parsed =>
        {
            string[] options = [.. parsed.GetValue(latest) ? (string[])["--latest"] : [], .. parsed.GetValue(force) ? (string[])["--force"] : []];
            GuestImage image = ImageService.OfThisUser().Build(parsed.GetValue(name)!, options);
            return Done(image, parsed.GetValue(json), "built");
        });
        return command;
    }

    private static Command List()
    {
        Option<bool> json = CommonOptions.Json();
        Command command = new("list", "List the images in the cache, with the paths of their files.") { json };
        command.SetAction(parsed =>
        {
            ImageService service = ImageService.OfThisUser();
            IReadOnlyList<GuestImage> images = service.Cache.All();
            if (parsed.GetValue(json))
                Console.Out.WriteLine(new JsonObject { ["cache"] = service.Cache.Root, ["images"] = CliJson.List(images, image => Describe(service, image)) }.ToJsonString());
            else
                Print(service, images);
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Verify()
    {
        Argument<string> name = Name("all", "The image; every one in the cache without a name.");
        Option<bool> json = CommonOptions.Json();
        Command command = new("verify", "Read every file of an image and compare it with the manifest.") { name, json };
        command.SetAction(parsed =>
        {
            ImageService service = ImageService.OfThisUser();
            string wanted = parsed.GetValue(name)!;
            IReadOnlyList<GuestImage> images = wanted == "all" ? service.Cache.All() : [service.Find(wanted)];
            foreach (GuestImage image in images)
            {
                ImageService.Verify(image);
                Talk.Line($"image {image.Identity} is whole");
            }

            if (parsed.GetValue(json))
                Console.Out.WriteLine(new JsonObject { ["verified"] = CliJson.List(images, image => image.Identity) }.ToJsonString());
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Export()
    {
        Argument<string> name = new("NAME") { Description = "The image." };
        Argument<string?> file = new("FILE") { Description = "Where to write it; NAME-HASH.tar.zst here without a name.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> json = CommonOptions.Json();
        Command command = new("export", "Write an image into one file, to be imported on other machines.") { name, file, json };
        command.SetAction(parsed =>
        {
            GuestImage image = ImageService.OfThisUser().Find(parsed.GetValue(name)!);
            string target = parsed.GetValue(file) ?? $"{image.Manifest.Name}-{image.Manifest.Hash}.tar.zst";
            ImageArchive.Export(image, target);
            Talk.Line($"image {image.Identity} is in {target} ({new FileInfo(target).Length >> 20} MiB)");
            if (parsed.GetValue(json))
                Console.Out.WriteLine(new JsonObject { ["image"] = image.Identity, ["file"] = Path.GetFullPath(target) }.ToJsonString());
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Import()
    {
        Argument<string> file = new("FILE") { Description = "A file written by image export." };
        Option<bool> json = CommonOptions.Json();
        Command command = new("import", "Take an exported image into the cache.") { file, json };
        command.SetAction(parsed =>
        {
            ImageService service = ImageService.OfThisUser();
            GuestImage image = ImageArchive.Import(parsed.GetValue(file)!, service.Cache);
            if (service.WantedHash(image.Manifest.Name) is { } wanted && wanted != image.Manifest.Hash)
                Talk.Line($"note: this checkout wants {image.Manifest.Name}/{wanted}; what was imported fits other sources");
            return Done(image, parsed.GetValue(json), "imported");
        });
        return command;
    }

    private static Argument<string> Name(string fallback, string description) =>
        new("NAME") { Description = description, DefaultValueFactory = _ => fallback };

    private static int Done(GuestImage image, bool json, string what)
    {
        Talk.Line($"image {image.Identity} is {what}: {image.Folder}");
        if (json)
            Console.Out.WriteLine(Describe(ImageService.OfThisUser(), image).ToJsonString());
        return ExitCode.Success;
    }

    private static JsonObject Describe(ImageService service, GuestImage image)
    {
        JsonObject description = new()
        {
            ["name"] = image.Manifest.Name,
            ["hash"] = image.Manifest.Hash,
            ["fits_checkout"] = IsWanted(service, image),
            ["release"] = image.Manifest.Release,
            ["folder"] = image.Folder,
        };
        foreach (string role in image.Manifest.Files.Keys)
            description[role] = image.Path(role);
        return description;
    }

    private static bool IsWanted(ImageService service, GuestImage image) =>
        service.WantedHash(image.Manifest.Name) is not { } wanted || wanted == image.Manifest.Hash;

    private static void Print(ImageService service, IReadOnlyList<GuestImage> images)
    {
        if (images.Count == 0)
        {
            Talk.Line($"no images in {service.Cache.Root}; build them with: ./otherworld image build");
            return;
        }

        int width = images.Max(image => image.Identity.Length);
        foreach (GuestImage image in images)
            Console.Out.WriteLine($"{image.Identity.PadRight(width)}  {(IsWanted(service, image) ? "fits this checkout" : "of other sources  ")}  {image.Folder}");
    }
}
