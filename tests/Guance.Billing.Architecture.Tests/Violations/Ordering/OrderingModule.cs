using Guance.Billing.Platform;
using Guance.Billing.Platform.Access;
using Marten;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Violations.Ordering.Domain;
using Violations.Ordering.Features;

namespace Violations.Ordering;

public sealed class OrderingModule : IModule
{
    public string Name => "Ordering";

    public DeploymentRole LivesIn => DeploymentRole.Site;

    public void AddServices(IServiceCollection services, IConfiguration configuration, Deployment deployment) => services.AddTransient<HasSession>();

    public void ConfigureMarten(StoreOptions options)
    {
        options.Events.MapEventType<OrderCounted>("ordering.order_counted");
        options.Events.MapEventType<OrderPlaced>("shipping.order_placed");
        options.Events.MapEventType<OrderPaid>("ordering.OrderPaid");
        options.Events.MapEventType<OrderCancelled>("ordering.order_cancelled");
    }

    public void MapEndpoints(IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/violations/open", () => TypedResults.Ok());
        endpoints.MapGet("/violations/session", async (IDocumentSession session, CancellationToken ct) => await session.LoadAsync<Order>("", ct)).ForAnyone();
        endpoints.MapGet("/violations/helper", (HasSession helper) => helper.ToString()).ForAnyone();
        endpoints.MapGet("/violations/none", async (IQuerySession session, CancellationToken ct) => await session.LoadAsync<Order>("", ct)).ForAnyone();
    }
}

public sealed class Shown;

internal class Unsealed
{
    internal class Nested;
}

internal static class Allowed;
