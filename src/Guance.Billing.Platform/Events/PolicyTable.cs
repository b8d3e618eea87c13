using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Guance.Billing.Platform.Events;

/// <summary>The policies of one module, by the events that they react to; hands events to them in order.</summary>
public sealed class PolicyTable
{
    private static readonly MethodInfo GiveMethod = typeof(PolicyTable).GetMethod(nameof(GiveAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    private readonly (Type Policy, Type Event, Func<IServiceProvider, IReadOnlyList<IIntegrationEvent>, CancellationToken, Task> Give)[] policies;
    private readonly ConcurrentDictionary<Type, int[]> byEvent = new();

    /// <summary>Finds the policies of an assembly.</summary>
    public PolicyTable(Assembly assembly)
    {
        policies =
        [
            .. from type in assembly.GetTypes()
               where type is { IsClass: true, IsAbstract: false }
               from policy in type.GetInterfaces()
               where policy.IsGenericType && policy.GetGenericTypeDefinition() == typeof(IPolicy<>)
               orderby type.FullName
               let eventType = policy.GetGenericArguments()[0]
               select (type, eventType, GiveMethod.MakeGenericMethod(type, eventType)
                   .CreateDelegate<Func<IServiceProvider, IReadOnlyList<IIntegrationEvent>, CancellationToken, Task>>()),
        ];
    }

    /// <summary>Whether there is any policy.</summary>
    public bool IsEmpty => policies.Length == 0;

    /// <summary>Whether a policy reacts to events of the type.</summary>
    public bool ReactsTo(Type eventType) => For(eventType).Length > 0;

    /// <summary>Hands the events over, oldest first; consecutive events that go to the same policies go together.</summary>
    /// <param name="services">The scope in which policies are made.</param>
    /// <param name="events">A page of events.</param>
    /// <param name="ct">Ends the work between two policies.</param>
    public async Task DeliverAsync(IServiceProvider services, IReadOnlyList<IIntegrationEvent> events, CancellationToken ct)
    {
        for (var start = 0; start < events.Count;)
        {
            var takers = For(events[start].GetType());
            var end = start + 1;
            while (end < events.Count && For(events[end].GetType()).AsSpan().SequenceEqual(takers))
            {
                end++;
            }

            if (takers.Length > 0)
            {
                var run = events.Skip(start).Take(end - start).ToArray();
                foreach (var taker in takers)
                {
                    ct.ThrowIfCancellationRequested();
                    await policies[taker].Give(services, run, ct);
                }
            }

            start = end;
        }
    }

    private static Task GiveAsync<TPolicy, TEvent>(IServiceProvider services, IReadOnlyList<IIntegrationEvent> run, CancellationToken ct)
        where TPolicy : IPolicy<TEvent>
        where TEvent : IIntegrationEvent =>
        ActivatorUtilities.GetServiceOrCreateInstance<TPolicy>(services).When([.. run.Cast<TEvent>()], ct);

    private int[] For(Type eventType) => byEvent.GetOrAdd(
        eventType, type => [.. Enumerable.Range(0, policies.Length).Where(index => policies[index].Event.IsAssignableFrom(type))]);
}
