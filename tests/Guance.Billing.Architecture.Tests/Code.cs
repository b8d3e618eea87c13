using System.Reflection;
using System.Text.RegularExpressions;
using ArchUnitNET.Loader;
using Guance.Billing.Host;
using Guance.Billing.Platform;
using Loaded = ArchUnitNET.Domain.Architecture;
using Type = System.Type;

namespace Guance.Billing.Architecture.Tests;

/// <summary>
/// What the rules look at: the product with the modules of its catalogue, or the samples in Violations, which have the product's shape
/// and break every rule. A rule is a function of it, so that the same function is seen to pass on the one and to fail on the other.
/// </summary>
internal sealed class Code
{
    private Code(string root, IReadOnlyList<IModule> modules, IReadOnlyList<Assembly> assemblies)
    {
        Root = root;
        Modules = modules;
        Assemblies = assemblies;
        Architecture = new ArchLoader().LoadAssemblies([.. assemblies]).Build();
        Types = [.. assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => !IsGenerated(type))];
    }

    /// <summary>The product: every module of the catalogue, and every assembly of ours that the world is made of.</summary>
    public static Code Product { get; } = new("Guance.Billing", ModuleCatalog.All(), OwnAssemblies());

    /// <summary>The samples.</summary>
    public static Code Samples { get; } = new(
        "Violations", [new Violations.Ordering.OrderingModule(), new Violations.Elsewhere.ShippingModule()], [typeof(Code).Assembly]);

    /// <summary>The namespace that all others begin with.</summary>
    public string Root { get; }

    public IReadOnlyList<IModule> Modules { get; }

    public IReadOnlyList<string> ModuleNames => [.. Modules.Select(module => module.Name)];

    public IReadOnlyList<Assembly> Assemblies { get; }

    /// <summary>Who depends on whom, read from the compiled code: method bodies, too.</summary>
    public Loaded Architecture { get; }

    /// <summary>All types but those that the compiler made.</summary>
    public IReadOnlyList<Type> Types { get; }

    /// <summary>The namespaces of one part, such as <c>Platform</c>, or of several: <c>Platform|Sites</c>.</summary>
    public string Part(string parts) => $@"^{Regex.Escape(Root)}\.({parts})(\.|$)";

    /// <summary>Everything that a module is, its Contracts as well.</summary>
    public string AnyModule => Part(string.Join('|', ModuleNames));

    /// <summary>What all modules declare for others.</summary>
    public string AnyContracts => $@"^{Regex.Escape(Root)}\.({string.Join('|', ModuleNames)})\.Contracts(\.|$)";

    /// <summary>What all modules keep to themselves.</summary>
    public string AnyInternals => Internals(string.Join('|', ModuleNames));

    /// <summary>What a module keeps to itself: all but its Contracts.</summary>
    public string Internals(string module) => $@"^{Regex.Escape(Root)}\.({module})(?!\.Contracts(\.|$))(\.|$)";

    /// <summary>A room of every module, such as <c>Domain</c>.</summary>
    public string Room(string room) => $@"^{Regex.Escape(Root)}\.({string.Join('|', ModuleNames)})\.{room}(\.|$)";

    /// <summary>The types of these namespaces.</summary>
    public IReadOnlyList<Type> TypesIn(string namespaces) => [.. Types.Where(type => Regex.IsMatch(type.Namespace ?? "", namespaces))];

    /// <summary>The folder of the sources.</summary>
    public static string SourceFolder { get; } = FindSources();

    private static Assembly[] OwnAssemblies()
    {
        var found = new Dictionary<string, Assembly>(StringComparer.Ordinal);
        var next = new Queue<Assembly>([typeof(World.World).Assembly]);
        while (next.TryDequeue(out var assembly))
        {
            if (found.TryAdd(assembly.GetName().Name!, assembly))
            {
                foreach (var name in assembly.GetReferencedAssemblies().Where(name => IsOwn(name.Name!)))
                {
                    next.Enqueue(Assembly.Load(name));
                }
            }
        }

        return [.. found.Values];
    }

    private static bool IsOwn(string name) =>
        name.StartsWith("Guance.", StringComparison.Ordinal) || name.StartsWith("HuaweiCloud.", StringComparison.Ordinal);

    private static bool IsGenerated(Type type) =>
        type.Name.Contains('<', StringComparison.Ordinal)
        || type.Namespace is "System.Text.RegularExpressions.Generated"
        || (type.DeclaringType is { } outer && IsGenerated(outer));

    private static string FindSources()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Guance.Billing.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests run outside the folder of the sources.");
        }

        return folder;
    }
}
