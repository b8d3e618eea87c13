using Guance.Billing.Platform;
using Marten;
using MediatR;

namespace Violations.Ordering.Contracts;

public sealed record OrderPlacedIntegrationEvent(Guid EventId, long SourceVersion, DateTimeOffset OccurredAt) : IIntegrationEvent;

public sealed record OrderLostIntegrationEvent(Guid EventId, long SourceVersion, DateTimeOffset OccurredAt) : IIntegrationEvent;

public sealed record Forgotten(string Id) : ICommand;

public sealed record AsksAlone(string Id) : IAsk<string>
{
    public static string AskName => "asks-alone";
}

public sealed record ShowsSession(IQuerySession? Session);

public sealed record ShowsDeployment(Deployment? Deployment);

internal sealed record ShowsParcel(Shipping.Domain.Parcel? Parcel);

public sealed class NoRecord;

public record Unsealed(string Id);

public sealed record Settable(string Id)
{
    public string? Name { get; set; }

    public string? Title { get; init; }
}

public sealed record WithList(List<string> Names);

public sealed record WithArray(string[] Names);

public sealed record WithMethod(string Id)
{
    public string Twice() => Id + Id;
}

public sealed record Weighs(IReadOnlyList<double> Weights);

public sealed record Circular(Shipping.Contracts.Circle? Circle);

public sealed record Fine(string Id, IReadOnlyList<string> Names, CloudAccountKey? Account, DateTimeOffset? At) : ICommand<Unit>;
