using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Guance.Billing.Platform.Data.Migrations;

/// <summary>How often a mail was refused, and when it is tried again. Plain SQL: written and read by hand, never through EF Core's model.</summary>
[DbContext(typeof(PlatformDbContext))]
[Migration("20261127233000_MailRefused")]
internal sealed class MailRefused : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        "alter table platform.mail add column refusals integer not null default 0, add column due_at timestamptz not null default '-infinity';");

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        "alter table platform.mail drop column refusals, drop column due_at;");
}
