using System.Reflection;
using System.Text.Json;
using Guance.Billing.Platform;
using MediatR;

namespace Guance.Billing.Sites;

/// <summary>
/// The names under which integration events and asks travel between deployments, and the types behind them: all that this deployment's
/// modules know, found in their own assemblies and in the Contracts that they reference.
/// </summary>
internal sealed class Wire
{
    /// <summary>How everything stands on the wire and in the feed's table.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private const string EventSuffix = "IntegrationEvent";
    private static readonly MethodInfo AskOfMethod = typeof(Wire).GetMethod(nameof(AskOf), BindingFlags.NonPublic | BindingFlags.Static)!;

    private readonly Dictionary<string, Type> events;
    private readonly Dictionary<string, AskType> asks;

    /// <exception cref="InvalidOperationException">Two types would travel under one name.</exception>
    public Wire(IReadOnlyList<IModule> modules)
        : this(AssembliesOf(modules).SelectMany(assembly => assembly.GetTypes())
            .Where(type => type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }))
    {
    }

    internal Wire(IEnumerable<Type> candidates)
    {
        var types = candidates.ToArray();
        events = ByName(types.Where(type => type.IsAssignableTo(typeof(IIntegrationEvent))), NameOf, type => type);
        asks = ByName(
            from type in types
            from ask in type.GetInterfaces()
            where ask.IsGenericType && ask.GetGenericTypeDefinition() == typeof(IAsk<>)
            select (AskType)AskOfMethod.MakeGenericMethod(type, ask.GetGenericArguments()[0]).Invoke(null, null)!,
            ask => ask.Name,
            ask => ask.Type);
    }

    /// <summary>The name of an integration event: kebab-case of its type's name without the suffix; so the type is never renamed.</summary>
    public static string NameOf(Type integrationEvent) => JsonNamingPolicy.KebabCaseLower.ConvertName(
        integrationEvent.Name.EndsWith(EventSuffix, StringComparison.Ordinal) ? integrationEvent.Name[..^EventSuffix.Length] : integrationEvent.Name);

    /// <summary>The integration event of the name, or null: this version does not know it.</summary>
    public Type? Event(string name) => events.GetValueOrDefault(name);

    /// <summary>The ask of the name, or null.</summary>
    public AskType? Ask(string name) => asks.GetValueOrDefault(name);

    private static IEnumerable<Assembly> AssembliesOf(IReadOnlyList<IModule> modules)
    {
        var own = modules.Select(module => module.GetType().Assembly).Distinct().ToArray();
        return own
            .Concat(own.SelectMany(assembly => assembly.GetReferencedAssemblies())
                .Where(name => name.Name!.EndsWith(".Contracts", StringComparison.Ordinal)).Select(Assembly.Load))
            .Distinct();
    }

    private static Dictionary<string, T> ByName<T>(IEnumerable<T> all, Func<T, string> name, Func<T, Type> type)
    {
        var byName = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var one in all)
        {
            if (!byName.TryAdd(name(one), one))
            {
                throw new InvalidOperationException($"{type(byName[name(one)])} and {type(one)} would both travel as '{name(one)}'.");
            }
        }

        return byName;
    }

    private static AskType AskOf<TAsk, TAnswer>()
        where TAsk : IAsk<TAnswer> => new(
            TAsk.AskName,
            typeof(TAsk),
            typeof(IRequestHandler<TAsk, TAnswer>),
            typeof(TAsk).IsAssignableTo(typeof(ICommand<TAnswer>)),
            async (mediator, ask, ct) => await mediator.Send((TAsk)ask, ct));
}

/// <summary>A kind of ask.</summary>
/// <param name="Name">The name that it travels under.</param>
/// <param name="Type">Its type.</param>
/// <param name="Handler">The service that handles it.</param>
/// <param name="IsCommand">Whether it changes something, so that its answer is remembered.</param>
/// <param name="SendAsync">Sends it to its handler and gives the answer.</param>
internal sealed record AskType(string Name, Type Type, Type Handler, bool IsCommand, Func<IMediator, object, CancellationToken, Task<object?>> SendAsync);
