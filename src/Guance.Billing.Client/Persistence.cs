using System.Net.Sockets;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace Guance.Billing.Client;

/// <summary>Goes on asking, no faster than a deployment that comes back can bear.</summary>
internal static class Persistence
{
    private static readonly TimeSpan DelayMin = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(30);

    public static ResiliencePipeline<HttpResponseMessage> For(TimeSpan giveUpAfter) => new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddTimeout(giveUpAfter)
        .AddRetry(new HttpRetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = DelayMin,
            MaxDelay = DelayMax,
            // A connection that is lost as soon as it is made comes as the socket's own error.
            ShouldHandle = asked => ValueTask.FromResult(asked.Outcome.Exception is SocketException or IOException || HttpClientResiliencePredicates.IsTransient(asked.Outcome)),
        })
        .AddTimeout(AnswerMax)
        .Build();
}

/// <summary>Takes in the whole of an answer, so that one which breaks off halfway is asked for again like one that never came. A download streams.</summary>
internal sealed class WholeAnswerHandler : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        try
        {
            if (answer.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.OrdinalIgnoreCase) is true)
            {
                await answer.Content.LoadIntoBufferAsync(cancellationToken);
            }

            return answer;
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }
}

/// <summary>One key for all attempts of a request, so that it is done once.</summary>
internal sealed class IdempotencyKeyHandler : DelegatingHandler
{
    private const string Header = "Idempotency-Key";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method == HttpMethod.Post && !request.Headers.Contains(Header))
        {
            request.Headers.Add(Header, Guid.CreateVersion7().ToString());
        }

        return base.SendAsync(request, cancellationToken);
    }
}
