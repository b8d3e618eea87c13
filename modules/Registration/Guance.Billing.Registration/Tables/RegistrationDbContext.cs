using Guance.Billing.Platform.Data;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace Guance.Billing.Registration.Tables;

/// <summary>A console account of this site: username and e-mail address are each unique, whatever their case.</summary>
internal sealed class ConsoleUser : IdentityUser;

/// <summary>The code that was mailed last to an address that waits for its confirmation.</summary>
internal sealed class EmailCodeRow
{
    public required string RegistrationId { get; init; }

    public required byte[] CodeHash { get; set; }

    /// <summary>How many codes were mailed, this one included.</summary>
    public int Number { get; set; }

    public int TriesLeft { get; set; }

    public DateTimeOffset SentAt { get; set; }
}

/// <summary>The secrets of a registration, deleted once the Billing Center has taken them.</summary>
internal sealed class SecretRow
{
    public required string RegistrationId { get; init; }

    /// <summary>ASP.NET Identity's format, version 3.</summary>
    public required string PasswordHash { get; init; }

    /// <summary>The code by which a billing account is attached; there only while that is being asked for.</summary>
    public string? BillingCode { get; set; }
}

/// <summary>The site's replica of a billing account that has a workspace here.</summary>
internal sealed class BillingAccountRow
{
    public required string Id { get; init; }

    public required string Username { get; init; }

    public required string CompanyName { get; init; }

    /// <summary>The version of the account's stream that this shows.</summary>
    public long SourceVersion { get; init; }

    public DateTimeOffset JoinedAt { get; init; }
}

/// <summary>Console users, secrets that live for a while, and the replica of billing accounts.</summary>
internal sealed class RegistrationDbContext(DbContextOptions<RegistrationDbContext> options) : IdentityUserContext<ConsoleUser>(options)
{
    public const string SchemaName = "registration";

    public DbSet<EmailCodeRow> EmailCodes => Set<EmailCodeRow>();

    public DbSet<SecretRow> Secrets => Set<SecretRow>();

    public DbSet<BillingAccountRow> BillingAccounts => Set<BillingAccountRow>();

    /// <summary>The secrets of a registration; null once they have served.</summary>
    public Task<SecretRow?> SecretAsync(RegistrationId id, CancellationToken ct) =>
        Secrets.SingleOrDefaultAsync(row => row.RegistrationId == id.Value, ct);

    /// <summary>The code that a registration waits for, to be shown.</summary>
    public Task<EmailCodeRow?> EmailCodeAsync(RegistrationId id, CancellationToken ct) =>
        EmailCodes.AsNoTracking().SingleOrDefaultAsync(row => row.RegistrationId == id.Value, ct);

    /// <summary>The replica of a billing account, to be shown.</summary>
    public Task<BillingAccountRow?> BillingAccountAsync(BillingAccountId id, CancellationToken ct) =>
        BillingAccounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id.Value, ct);

    /// <summary>The users that have a username or an address: two at most.</summary>
    public Task<List<ConsoleUser>> UsersWithAsync(string normalizedUsername, string normalizedEmail, CancellationToken ct) => Users.AsNoTracking()
        .Where(user => user.NormalizedUserName == normalizedUsername || user.NormalizedEmail == normalizedEmail)
        .ToListAsync(ct);

    /// <summary>The row of a registration, locked until the command is done: tries of a code are counted one after another.</summary>
    public Task<EmailCodeRow?> LockEmailCodeAsync(RegistrationId id, CancellationToken ct) =>
        EmailCodes.FromSql($"select * from registration.email_code where registration_id = {id.Value} for update").SingleOrDefaultAsync(ct);

    /// <summary>The console user with a username, locked until the command is done: failed sign-ins are counted one after another.</summary>
    public Task<ConsoleUser?> LockUserAsync(string normalizedUsername, CancellationToken ct) =>
        Users.FromSql($"select * from registration.console_user where normalized_user_name = {normalizedUsername} for update").SingleOrDefaultAsync(ct);

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.HasDefaultSchema(SchemaName);
        builder.Entity<ConsoleUser>(user =>
        {
            user.ToTable("console_user");
            user.HasIndex(u => u.NormalizedUserName).HasDatabaseName("ix_console_user_username").IsUnique();
            user.HasIndex(u => u.NormalizedEmail).HasDatabaseName("ix_console_user_email").IsUnique();
        });
        builder.Entity<IdentityUserClaim<string>>().ToTable("console_user_claim");
        builder.Entity<IdentityUserLogin<string>>().ToTable("console_user_login");
        builder.Entity<IdentityUserToken<string>>().ToTable("console_user_token");
        builder.Entity<EmailCodeRow>(row =>
        {
            row.ToTable("email_code");
            row.HasKey(r => r.RegistrationId);
        });
        builder.Entity<SecretRow>(row =>
        {
            row.ToTable("secret");
            row.HasKey(r => r.RegistrationId);
        });
        builder.Entity<BillingAccountRow>(row =>
        {
            row.ToTable("billing_account");
            row.HasKey(r => r.Id);
        });
    }
}

internal sealed class RegistrationDbContextFactory : DesignTimeDbContextFactory<RegistrationDbContext>
{
    protected override string Schema => RegistrationDbContext.SchemaName;

    protected override RegistrationDbContext Create(DbContextOptions<RegistrationDbContext> options) => new(options);
}
