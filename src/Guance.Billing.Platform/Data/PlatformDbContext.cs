using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace Guance.Billing.Platform.Data;

/// <summary>Tables of the plumbing: remembered answers, outgoing mail, the keys that protect cookies.</summary>
public sealed class PlatformDbContext(DbContextOptions<PlatformDbContext> options) : DbContext(options), IDataProtectionKeyContext
{
    public const string Schema = "platform";

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.Entity<IdempotencyRow>(row =>
        {
            row.ToTable("idempotency");
            row.HasKey(r => r.Key);
            row.Property(r => r.Answer).HasColumnType("jsonb");
        });
        modelBuilder.Entity<MailRow>(row =>
        {
            row.ToTable("mail");
            row.HasKey(r => r.Id);
            row.HasIndex(r => r.QueuedAt).HasFilter("sent_at is null");
            row.HasIndex(r => new { r.Recipient, r.QueuedAt });
        });
    }

    private sealed class IdempotencyRow
    {
        public required string Key { get; init; }

        public required byte[] RequestHash { get; init; }

        public string? Answer { get; init; }

        public DateTimeOffset AnsweredAt { get; init; }
    }

    private sealed class MailRow
    {
        public Guid Id { get; init; }

        public required string Recipient { get; init; }

        public required string Subject { get; init; }

        public required string Text { get; init; }

        public DateTimeOffset QueuedAt { get; init; }

        public DateTimeOffset? SentAt { get; init; }
    }
}

internal sealed class PlatformDbContextFactory : DesignTimeDbContextFactory<PlatformDbContext>
{
    protected override string Schema => PlatformDbContext.Schema;

    protected override PlatformDbContext Create(DbContextOptions<PlatformDbContext> options) => new(options);
}

/// <summary>Makes a module's context for the migration tools, which need a model and no database.</summary>
/// <typeparam name="TContext">The context.</typeparam>
public abstract class DesignTimeDbContextFactory<TContext> : IDesignTimeDbContextFactory<TContext>
    where TContext : DbContext
{
    /// <summary>The module's schema.</summary>
    protected abstract string Schema { get; }

    /// <inheritdoc/>
    public TContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<TContext>();
        DbContexts.Configure(options, Schema).UseNpgsql();
        return Create(options.Options);
    }

    /// <summary>Makes the context.</summary>
    protected abstract TContext Create(DbContextOptions<TContext> options);
}
