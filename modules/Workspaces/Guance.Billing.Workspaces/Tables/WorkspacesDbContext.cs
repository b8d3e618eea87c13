using Guance.Billing.Platform.Data;
using Microsoft.EntityFrameworkCore;

namespace Guance.Billing.Workspaces.Tables;

/// <summary>
/// The tables of usage. They are bulk tables, made by plain SQL in the migrations (partitions and such are beyond EF's model) and read and
/// written set-based by Npgsql, so the model itself is empty.
/// </summary>
internal sealed class WorkspacesDbContext(DbContextOptions<WorkspacesDbContext> options) : DbContext(options)
{
    public const string Schema = "workspaces";

    protected override void OnModelCreating(ModelBuilder modelBuilder) => modelBuilder.HasDefaultSchema(Schema);
}

internal sealed class WorkspacesDbContextFactory : DesignTimeDbContextFactory<WorkspacesDbContext>
{
    protected override string Schema => WorkspacesDbContext.Schema;

    protected override WorkspacesDbContext Create(DbContextOptions<WorkspacesDbContext> options) => new(options);
}
