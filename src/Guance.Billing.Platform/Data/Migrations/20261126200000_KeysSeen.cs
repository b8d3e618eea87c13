using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Guance.Billing.Platform.Data.Migrations;

/// <summary>Since when each key is in use, known by a fingerprint. Plain SQL: written and read by hand, never through EF Core's model.</summary>
[DbContext(typeof(PlatformDbContext))]
[Migration("20261126200000_KeysSeen")]
internal sealed class KeysSeen : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        create table platform.key_seen (
            name text not null,
            fingerprint bytea not null,
            first_seen_at timestamptz not null,
            primary key (name, fingerprint)
        );
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop table platform.key_seen;");
}
