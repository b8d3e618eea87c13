using System.Reflection;

namespace Guance.Billing.Architecture.Tests;

/// <summary>What something is given when it is made or called, and what that is given in turn, as far as it is a module's own.</summary>
internal static class Needs
{
    public static IReadOnlyCollection<Type> Of(Code code, IEnumerable<ParameterInfo> parameters)
    {
        var needs = new HashSet<Type>();
        var next = new Queue<Type>(parameters.Select(parameter => parameter.ParameterType));
        var own = code.TypesIn(code.AnyInternals).ToHashSet();
        while (next.TryDequeue(out var type))
        {
            if (needs.Add(type) && own.Contains(type))
            {
                var constructors = type.GetConstructors(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance);
                foreach (var parameter in constructors.SelectMany(constructor => constructor.GetParameters()))
                {
                    next.Enqueue(parameter.ParameterType);
                }
            }
        }

        return needs;
    }
}
