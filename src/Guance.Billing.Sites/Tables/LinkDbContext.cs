using Guance.Billing.Platform.Data;
using Microsoft.EntityFrameworkCore;

namespace Guance.Billing.Sites.Tables;

/// <summary>The site link's tables; read and written by plain SQL, so this is their definition only.</summary>
internal sealed class LinkDbContext(DbContextOptions<LinkDbContext> options) : DbContext(options)
{
    public const string Schema = "link";

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.Entity<FeedRow>(row =>
        {
            row.ToTable("feed");
            row.HasKey(r => r.Peer);
        });
        modelBuilder.Entity<FeedMessageRow>(row =>
        {
            row.ToTable("feed_message");
            row.HasKey(r => new { r.Peer, r.Position });
            row.HasIndex(r => new { r.Peer, r.EventId }).IsUnique();
            row.HasIndex(r => new { r.Subject, r.Position }).IsDescending(false, true);
            row.Property(r => r.Payload).HasColumnType("jsonb");
        });
        modelBuilder.Entity<FeedAcknowledgementRow>(row =>
        {
            row.ToTable("feed_acknowledgement");
            row.HasKey(r => new { r.Peer, r.Position });
        });
        modelBuilder.Entity<FeedPositionRow>(row =>
        {
            row.ToTable("feed_position");
            row.HasKey(r => r.Peer);
        });
        modelBuilder.Entity<PeerRow>(row =>
        {
            row.ToTable("peer");
            row.HasKey(r => r.Name);
        });
    }

    /// <summary>A feed that is written here. Outlives the pruning of its messages, so positions never begin anew.</summary>
    private sealed class FeedRow
    {
        public required string Peer { get; init; }

        public long LastPosition { get; init; }
    }

    private sealed class FeedMessageRow
    {
        public required string Peer { get; init; }

        /// <summary>1, 2, 3, … for each peer, without a gap.</summary>
        public long Position { get; init; }

        public Guid EventId { get; init; }

        public required string Name { get; init; }

        public required string Subject { get; init; }

        public long SourceVersion { get; init; }

        public required string Payload { get; init; }

        public DateTimeOffset OccurredAt { get; init; }

        public DateTimeOffset WrittenAt { get; init; }

        public string? Traceparent { get; init; }
    }

    /// <summary>The peer has applied the feed up to the position; one row each time that it got further.</summary>
    private sealed class FeedAcknowledgementRow
    {
        public required string Peer { get; init; }

        public long Position { get; init; }

        public DateTimeOffset At { get; init; }
    }

    /// <summary>How far the peer's feed is applied here.</summary>
    private sealed class FeedPositionRow
    {
        public required string Peer { get; init; }

        public long Position { get; init; }

        public DateTimeOffset At { get; init; }
    }

    /// <summary>How the contact with a peer stands.</summary>
    private sealed class PeerRow
    {
        public required string Name { get; init; }

        public DateTimeOffset? LastContactAt { get; init; }

        public string? LastError { get; init; }

        public DateTimeOffset? LastErrorAt { get; init; }
    }
}

internal sealed class LinkDbContextFactory : DesignTimeDbContextFactory<LinkDbContext>
{
    protected override string Schema => LinkDbContext.Schema;

    protected override LinkDbContext Create(DbContextOptions<LinkDbContext> options) => new(options);
}
