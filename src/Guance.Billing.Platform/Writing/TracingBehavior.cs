using System.Diagnostics;
using Guance.Billing.Platform.Telemetry;
using MediatR;

namespace Guance.Billing.Platform.Writing;

/// <summary>One span a command or query, named after it; its content is not recorded.</summary>
/// <typeparam name="TRequest">The command or query.</typeparam>
/// <typeparam name="TResponse">Its answer.</typeparam>
public sealed class TracingBehavior<TRequest, TResponse> : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        using var span = Tracing.Source.StartActivity(typeof(TRequest).Name);
        try
        {
            return await next();
        }
        catch (Exception failure)
        {
            span?.SetStatus(failure is BillingRefusal ? ActivityStatusCode.Ok : ActivityStatusCode.Error, failure.GetType().Name);
            throw;
        }
    }
}
