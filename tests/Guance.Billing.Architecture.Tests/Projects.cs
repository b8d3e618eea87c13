using System.Xml.Linq;

namespace Guance.Billing.Architecture.Tests;

/// <summary>A project file, as far as it says who may know whom.</summary>
/// <param name="Path">Its path from the folder of the sources, with slashes.</param>
/// <param name="References">The projects that it references, by their paths from there.</param>
/// <param name="Packages">The packages that it references.</param>
internal sealed record Project(string Path, IReadOnlyList<string> References, IReadOnlyList<string> Packages)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public string Folder => System.IO.Path.GetDirectoryName(Path)!;

    public bool IsProduct => Path.Split('/')[0] is "src" or "modules" or "tools";

    /// <summary>The module that it belongs to; null outside modules.</summary>
    public string? Module => ModuleOf(Path);

    public bool IsContracts => IsContractsPath(Path);

    public static string? ModuleOf(string path) => path.Split('/') is ["modules", var module, ..] ? module : null;

    public static bool IsContractsPath(string path) => path.EndsWith(".Contracts.csproj", StringComparison.Ordinal);

    public static Project Parse(string path, XDocument file) => new(
        path,
        [.. Included(file, "ProjectReference").Select(reference => Resolve(path, reference))],
        [.. Included(file, "PackageReference")]);

    private static IEnumerable<string> Included(XDocument file, string item) =>
        file.Descendants(item).Select(element => (string?)element.Attribute("Include")).OfType<string>();

    private static string Resolve(string project, string reference)
    {
        var parts = new List<string>(project.Split('/')[..^1]);
        foreach (var part in reference.Replace('\\', '/').Split('/'))
        {
            if (part == "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }
}

internal static class Projects
{
    /// <summary>The project files of the sources.</summary>
    public static IReadOnlyList<Project> Read(string sources) =>
    [
        .. from top in new[] { "src", "modules", "tools", "tests" }
           from file in Directory.EnumerateFiles(Path.Combine(sources, top), "*.csproj", SearchOption.AllDirectories)
           let path = Path.GetRelativePath(sources, file).Replace('\\', '/')
           orderby path
           select Project.Parse(path, XDocument.Load(file)),
    ];
}
