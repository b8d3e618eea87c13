using Guance.Billing.Platform.Data;
using Microsoft.EntityFrameworkCore;
using OpenIddict.EntityFrameworkCore.Models;

namespace Guance.Billing.Platform.Access;

/// <summary>The OAuth clients of the Billing Center, their secrets hashed. Tokens are not kept: they carry what they say.</summary>
public sealed class AccessDbContext(DbContextOptions<AccessDbContext> options) : DbContext(options)
{
    public const string Schema = "access";

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.HasDefaultSchema(Schema);
        modelBuilder.UseOpenIddict();
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreApplication>().ToTable("clients");
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreAuthorization>().ToTable("authorizations");
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreScope>().ToTable("scopes");
        modelBuilder.Entity<OpenIddictEntityFrameworkCoreToken>().ToTable("tokens");
    }
}

internal sealed class AccessDbContextFactory : DesignTimeDbContextFactory<AccessDbContext>
{
    protected override string Schema => AccessDbContext.Schema;

    protected override AccessDbContext Create(DbContextOptions<AccessDbContext> options) => new(options);
}
