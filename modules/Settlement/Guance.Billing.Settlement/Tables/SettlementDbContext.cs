using Guance.Billing.Platform.Data;
using Microsoft.EntityFrameworkCore;

namespace Guance.Billing.Settlement.Tables;

/// <summary>What must not stand in events that stay for ever: how people sign in and are reached, and secrets that pass.</summary>
internal sealed class SettlementDbContext(DbContextOptions<SettlementDbContext> options) : DbContext(options)
{
    public const string Schema = "settlement";

    public DbSet<BillingUser> BillingUsers => Set<BillingUser>();

    public DbSet<AttachCode> AttachCodes => Set<AttachCode>();

    public DbSet<UnlockLinkRow> UnlockLinks => Set<UnlockLinkRow>();

    /// <summary>A billing account's user by its username, whatever its case; for reading.</summary>
    public Task<BillingUser?> UserNamedAsync(string username, CancellationToken ct)
    {
        var normalized = BillingUser.Normalize(username);
        return BillingUsers.AsNoTracking().SingleOrDefaultAsync(user => user.NormalizedUsername == normalized, ct);
    }

    /// <summary>A billing account's user; for reading.</summary>
    public Task<BillingUser?> UserOfAsync(BillingAccountId account, CancellationToken ct) =>
        BillingUsers.AsNoTracking().SingleOrDefaultAsync(user => user.AccountId == account.Value, ct);

    /// <summary>A billing account's user, held until the transaction ends: guesses sent at the same time are counted one after another.</summary>
    public Task<BillingUser?> HoldUserAsync(string accountId, CancellationToken ct) =>
        BillingUsers.FromSql($"select * from settlement.billing_user where account_id = {accountId} for update").SingleOrDefaultAsync(ct);

    /// <summary>The mail addresses of billing accounts, by account id.</summary>
    public Task<Dictionary<string, string>> AddressesAsync(IReadOnlyCollection<string> accountIds, CancellationToken ct) =>
        BillingUsers.AsNoTracking().Where(user => accountIds.Contains(user.AccountId)).ToDictionaryAsync(user => user.AccountId, user => user.Email, ct);

    /// <summary>A link; for reading.</summary>
    public Task<UnlockLinkRow?> LinkAsync(string tokenHash, CancellationToken ct) =>
        UnlockLinks.AsNoTracking().SingleOrDefaultAsync(link => link.TokenHash == tokenHash, ct);

    /// <summary>A link, held until the transaction ends: of two clicks at once the second finds it used.</summary>
    public Task<UnlockLinkRow?> HoldLinkAsync(string tokenHash, CancellationToken ct) =>
        UnlockLinks.FromSql($"select * from settlement.unlock_link where token_hash = {tokenHash} for update").SingleOrDefaultAsync(ct);

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.Entity<BillingUser>(user =>
        {
            user.ToTable("billing_user");
            user.HasKey(u => u.AccountId);
            user.HasIndex(u => u.NormalizedUsername).IsUnique();
        });
        modelBuilder.Entity<AttachCode>(code =>
        {
            code.ToTable("attach_code");
            code.HasKey(c => new { c.RegistrationId, c.AccountId });
        });
        modelBuilder.Entity<UnlockLinkRow>(link =>
        {
            link.ToTable("unlock_link");
            link.HasKey(l => l.TokenHash);
        });
        modelBuilder.Entity<SecretRow>(secret =>
        {
            secret.ToTable("secret");
            secret.HasKey(s => s.Id);
            secret.Property(s => s.Id).ValueGeneratedNever();
        });
    }

    /// <summary>The one row from which codes and links are derived; see <see cref="Secrets"/>.</summary>
    private sealed class SecretRow
    {
        public int Id { get; init; }

        public required string ProtectedKey { get; init; }
    }
}

/// <summary>How the people of a billing account sign in and are reached.</summary>
internal sealed class BillingUser
{
    private const int WrongMax = 5;
    private static readonly TimeSpan BlockedFor = TimeSpan.FromMinutes(15);

    public required string AccountId { get; init; }

    public required string Username { get; init; }

    public required string NormalizedUsername { get; init; }

    public required string PasswordHash { get; set; }

    public required string Email { get; init; }

    public string? Phone { get; init; }

    public required string CompanyName { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Wrong passwords since the last right one.</summary>
    public int WrongPasswords { get; set; }

    public DateTimeOffset? SignInBlockedUntil { get; set; }

    /// <summary>Counts a try with a password; answers whether it may go on. Five wrong ones block the account for 15 minutes, in which the right one fails, too.</summary>
    public bool NoteTry(bool isRight, DateTimeOffset now)
    {
        if (SignInBlockedUntil > now)
        {
            return false;
        }

        WrongPasswords = isRight ? 0 : WrongPasswords + 1;
        SignInBlockedUntil = null;
        if (WrongPasswords == WrongMax)
        {
            WrongPasswords = 0;
            SignInBlockedUntil = now + BlockedFor;
        }

        return isRight;
    }

    /// <summary>The form under which usernames are unique, whatever their case.</summary>
    public static string Normalize(string username) => username.Trim().ToUpperInvariant();
}

/// <summary>The code by which a registration attaches a billing account.</summary>
internal sealed class AttachCode
{
    public required string RegistrationId { get; init; }

    public required string AccountId { get; init; }

    public required string CodeHash { get; set; }

    /// <summary>The user's request that it answers: the same request again mails nothing more.</summary>
    public required DateTimeOffset RequestedAt { get; set; }

    public required DateTimeOffset SentAt { get; set; }

    public required DateTimeOffset ExpiresAt { get; set; }

    public required int TriesLeft { get; set; }

    public DateTimeOffset? UsedAt { get; set; }
}

/// <summary>A one-use link that unlocks a workspace; only the hash of its token is kept.</summary>
internal sealed class UnlockLinkRow
{
    public required string TokenHash { get; init; }

    public required string WorkspaceId { get; init; }

    public required string RequestedBy { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? UsedAt { get; set; }
}

internal sealed class SettlementDbContextFactory : DesignTimeDbContextFactory<SettlementDbContext>
{
    protected override string Schema => SettlementDbContext.Schema;

    protected override SettlementDbContext Create(DbContextOptions<SettlementDbContext> options) => new(options);
}
