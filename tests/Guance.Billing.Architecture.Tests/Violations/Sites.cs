namespace Violations.Sites;

internal static class KnowsModule
{
    public static string Of() => new Ordering.OrderingModule().Name;
}

internal sealed record Fine(string Value);
