using Guance.Billing.Platform.Data;
using Microsoft.EntityFrameworkCore;

namespace Guance.Billing.CloudAccounts.Tables;

/// <summary>The nonces of the market's calls, shared by all nodes.</summary>
internal sealed class CloudAccountsDbContext(DbContextOptions<CloudAccountsDbContext> options) : DbContext(options)
{
    public const string Schema = "cloud_accounts";

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.Entity<NonceRow>(row =>
        {
            row.ToTable("nonce");
            row.HasKey(r => r.Nonce);
            row.HasIndex(r => r.RememberedUntil);
        });
    }

    private sealed class NonceRow
    {
        public required string Nonce { get; init; }

        public DateTimeOffset RememberedUntil { get; init; }
    }
}

internal sealed class CloudAccountsDbContextFactory : DesignTimeDbContextFactory<CloudAccountsDbContext>
{
    protected override string Schema => CloudAccountsDbContext.Schema;

    protected override CloudAccountsDbContext Create(DbContextOptions<CloudAccountsDbContext> options) => new(options);
}
