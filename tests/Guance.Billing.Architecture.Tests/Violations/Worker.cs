namespace Violations.Worker;

internal static class StartsOrdering
{
    public static object Of() => new Ordering.OrderingModule();
}
