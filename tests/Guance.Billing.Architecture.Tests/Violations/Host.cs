namespace Violations.Host;

internal static class Catalog
{
    public static object Of() => new Ordering.OrderingModule();
}
