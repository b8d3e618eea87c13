using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace Guance.Billing.Architecture.Tests;

/// <summary>Project files tell the same story as the code, before any code uses what they allow.</summary>
public sealed class ProjectFileTests
{
    [Fact]
    public void Project_files_allow_no_more_than_the_boundaries() => Breaches(Projects.Read(Code.SourceFolder)).ShouldBeNone();

    [Fact]
    public void A_project_file_that_allows_more_is_found() => Breaches(
    [
        Sample(
            "modules/Ordering/Ordering/Ordering.csproj",
            "../Ordering.Contracts/Ordering.Contracts.csproj",
            "../../Shipping/Shipping.Contracts/Shipping.Contracts.csproj"),
        Sample("modules/Ordering/Ordering.Reaches/Ordering.Reaches.csproj", "../../Shipping/Shipping/Shipping.csproj"),
        Sample("modules/Ordering/Ordering.ToHost/Ordering.ToHost.csproj", "../../../src/Guance.Billing.Host/Guance.Billing.Host.csproj"),
        Sample("modules/Ordering/Ordering.Contracts/Ordering.Contracts.csproj", "../../../src/Guance.Billing.Platform/Guance.Billing.Platform.csproj"),
        Sample("src/Guance.Billing.SharedKernel/Guance.Billing.SharedKernel.csproj", "../Guance.Billing.Platform/Guance.Billing.Platform.csproj"),
        Sample("src/Guance.Billing.Platform/Guance.Billing.Platform.csproj", "../../modules/Ordering/Ordering.Contracts/Ordering.Contracts.csproj"),
        Sample("src/Guance.Billing.Web/Guance.Billing.Web.csproj", "../../modules/Ordering/Ordering.Contracts/Ordering.Contracts.csproj"),
        Sample("src/Guance.Billing.Web.Site/Guance.Billing.Web.Site.csproj", "../../modules/Ordering/Ordering/Ordering.csproj"),
        Sample("src/Guance.Billing.Host/Guance.Billing.Host.csproj", "../../modules/Ordering/Ordering/Ordering.csproj"),
        Sample("src/Guance.Billing.World/Guance.Billing.World.csproj", "../../modules/Ordering/Ordering/Ordering.csproj"),
        Sample("src/HuaweiCloud.Marketplace/HuaweiCloud.Marketplace.csproj", "../Guance.Billing.SharedKernel/Guance.Billing.SharedKernel.csproj"),
    ]).ShouldBeThoseOf(
        "modules/Ordering/Ordering.Reaches/Ordering.Reaches.csproj",
        "modules/Ordering/Ordering.ToHost/Ordering.ToHost.csproj",
        "modules/Ordering/Ordering.Contracts/Ordering.Contracts.csproj",
        "src/Guance.Billing.SharedKernel/Guance.Billing.SharedKernel.csproj",
        "src/Guance.Billing.Platform/Guance.Billing.Platform.csproj",
        "src/Guance.Billing.Web/Guance.Billing.Web.csproj",
        "src/Guance.Billing.Web.Site/Guance.Billing.Web.Site.csproj",
        "src/Guance.Billing.World/Guance.Billing.World.csproj",
        "src/HuaweiCloud.Marketplace/HuaweiCloud.Marketplace.csproj");

    [Fact]
    public void The_shared_kernel_and_contracts_take_no_package_but_MediatR() => Packages(Projects.Read(Code.SourceFolder)).ShouldBeNone();

    [Fact]
    public void A_package_in_the_shared_kernel_or_contracts_is_found() => Packages(
    [
        Sample("src/Guance.Billing.SharedKernel/Guance.Billing.SharedKernel.csproj", [], ["MediatR", "Npgsql"]),
        Sample("modules/Ordering/Ordering.Contracts/Ordering.Contracts.csproj", [], ["Marten"]),
        Sample("modules/Ordering/Ordering/Ordering.csproj", [], ["Marten"]),
    ]).ShouldBeThoseOf("src/Guance.Billing.SharedKernel/Guance.Billing.SharedKernel.csproj", "modules/Ordering/Ordering.Contracts/Ordering.Contracts.csproj");

    [Fact]
    public void Internals_are_shown_to_a_projects_own_tests_the_benchmarks_and_the_simulation_alone() => Friends(Code.Product.Assemblies).ShouldBeNone();

    [Fact]
    public void A_project_that_shows_its_internals_to_others_is_found() =>
        // The program of the tests shows itself to an assembly that is not called after it.
        Friends([typeof(ProjectFileTests).Assembly]).ShouldBeThoseOf("Guance.Billing.Architecture.Tests");

    private static IReadOnlyList<Violation> Breaches(IReadOnlyList<Project> projects) =>
    [
        .. from project in projects
           where project.IsProduct
           from reference in project.References
           where !MayReference(project, reference)
           select new Violation(project.Path, $"may not reference {reference}"),
    ];

    private static bool MayReference(Project project, string reference)
    {
        var name = Path.GetFileNameWithoutExtension(reference);
        return project switch
        {
            { IsContracts: true } => name is "Guance.Billing.SharedKernel" || Project.IsContractsPath(reference),
            { Module: not null } when Project.ModuleOf(reference) is not null => Project.IsContractsPath(reference),
            { Module: not null } => name is "Guance.Billing.SharedKernel" or "Guance.Billing.Platform" or "Guance.Billing.Sites" or "HuaweiCloud.Marketplace",
            { Name: "Guance.Billing.SharedKernel" or "HuaweiCloud.Marketplace" or "HuaweiCloud.Marketplace.Simulator" } => false,
            { Name: "Guance.Billing.Platform" } => name is "Guance.Billing.SharedKernel",
            { Name: "Guance.Billing.Sites" } => name is "Guance.Billing.SharedKernel" or "Guance.Billing.Platform",
            { Name: "Guance.Billing.Web" } => name is "Guance.Billing.Platform",
            { Name: "Guance.Billing.Web.BillingCenter" or "Guance.Billing.Web.Site" } => name is "Guance.Billing.Web" || Project.IsContractsPath(reference),
            { Name: "Guance.Billing.Host" } => !Project.IsContractsPath(reference),
            _ => Project.ModuleOf(reference) is null,
        };
    }

    private static IReadOnlyList<Violation> Packages(IReadOnlyList<Project> projects) =>
    [
        .. from project in projects
           where project.IsContracts || project.Name == "Guance.Billing.SharedKernel"
           from package in project.Packages
           where package != "MediatR"
           select new Violation(project.Path, $"takes the package {package}"),
    ];

    private static IReadOnlyList<Violation> Friends(IReadOnlyList<Assembly> assemblies) =>
    [
        .. from assembly in assemblies
           from friend in assembly.GetCustomAttributes<InternalsVisibleToAttribute>()
           where friend.AssemblyName != $"{assembly.GetName().Name}.Tests" && friend.AssemblyName is not ("Guance.Billing.Benchmarks" or "Guance.Billing.Simulation.Tests")
           select new Violation(assembly.GetName().Name!, $"shows its internals to {friend.AssemblyName}"),
    ];

    private static Project Sample(string path, params string[] references) => Sample(path, references, []);

    private static Project Sample(string path, string[] references, string[] packages) => Project.Parse(path, new XDocument(new XElement(
        "Project",
        new XElement(
            "ItemGroup",
            references.Select(reference => new XElement("ProjectReference", new XAttribute("Include", reference))),
            packages.Select(package => new XElement("PackageReference", new XAttribute("Include", package)))))));
}
