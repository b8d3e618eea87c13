namespace Violations.SharedKernel;

internal sealed record KnowsOrder(Ordering.Domain.Order Order);

internal static class ReadsFiles
{
    public static string Of(string path) => System.IO.File.ReadAllText(path);
}

internal readonly record struct Share(float Value);

internal sealed record Fine(decimal Value, DateTimeOffset At);
