using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Guance.Billing.TestKit;

/// <summary>Waits on a condition with a limit: the only place where tests let time pass.</summary>
public static class Eventually
{
    /// <summary>Generous, since a busy machine is no failure; a test that expects speed measures it.</summary>
    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMilliseconds(200);

    /// <summary>Returns once the condition holds.</summary>
    /// <exception cref="TimeoutException">It did not hold within the limit (30 s unless told).</exception>
    public static Task Until(Func<bool> condition, TimeSpan? limit = null, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Until(() => Task.FromResult(condition()), holds => holds, limit, what);

    /// <inheritdoc cref="Until(Func{bool}, TimeSpan?, string)"/>
    public static Task Until(Func<Task<bool>> condition, TimeSpan? limit = null, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        Until(condition, holds => holds, limit, what);

    /// <summary>Reads until what was read is accepted, and returns it. A read that throws counts as one not accepted.</summary>
    /// <exception cref="TimeoutException">Nothing acceptable within the limit (30 s unless told); says what was read last, or holds what was thrown last.</exception>
    public static async Task<T> Until<T>(Func<Task<T>> read, Func<T, bool> accept, TimeSpan? limit = null, [CallerArgumentExpression(nameof(accept))] string what = "")
    {
        var allowed = limit ?? DefaultLimit;
        var start = TimeProvider.System.GetTimestamp();
        for (var pause = PauseMin; ; pause = pause * 2 < PauseMax ? pause * 2 : PauseMax)
        {
            string last;
            Exception? thrown = null;
            try
            {
                var value = await read();
                if (accept(value))
                    return value;
                last = Describe(value);
            }
            catch (Exception e)
            {
                (last, thrown) = ($"{e.GetType().Name}: {e.Message}", e);
            }

            if (TimeProvider.System.GetElapsedTime(start) >= allowed)
                throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"Waited {allowed.TotalSeconds:0.#} s for: {what}. Last seen: {last}"), thrown);
            await Task.Delay(pause);
        }
    }

    private static string Describe<T>(T value)
    {
        try
        {
            return JsonSerializer.Serialize(value);
        }
        catch (NotSupportedException)
        {
            return value?.ToString() ?? "null";
        }
    }
}
