using System.Text.Json;
using Guance.Billing.Platform.Writing;
using Guance.Billing.Settlement.Contracts;
using MediatR;
using Npgsql;

namespace Guance.Billing.Workspaces.Features;

/// <summary>Keep the items that may be metered, as the Billing Center told them. An older version than the one that is kept changes nothing.</summary>
/// <param name="Version">The catalogue's version.</param>
/// <param name="Items">All items.</param>
internal sealed record KeepItemCatalog(long Version, IReadOnlyList<MeteredItem> Items) : ICommand;

internal sealed class KeepItemCatalogHandler(UnitOfWork work) : ICommandHandler<KeepItemCatalog>
{
    public async Task<Unit> Handle(KeepItemCatalog request, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into workspaces.item_catalog as kept (version, items) values ($1, $2::jsonb)
            on conflict (only_one) do update set version = excluded.version, items = excluded.items where kept.version < excluded.version
            """,
            work.Connection,
            work.Transaction);
        command.Parameters.Add(new() { Value = request.Version });
        command.Parameters.Add(new() { Value = JsonSerializer.Serialize(request.Items, JsonSerializerOptions.Web) });
        await command.ExecuteNonQueryAsync(cancellationToken);
        return Unit.Value;
    }
}
