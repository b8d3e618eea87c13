using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Guance.Billing.CloudAccounts.Tables.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "cloud_accounts");

            migrationBuilder.CreateTable(
                name: "nonce",
                schema: "cloud_accounts",
                columns: table => new
                {
                    nonce = table.Column<string>(type: "text", nullable: false),
                    remembered_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_nonce", x => x.nonce);
                });

            migrationBuilder.Sql("alter table cloud_accounts.nonce set unlogged");

            migrationBuilder.CreateIndex(
                name: "ix_nonce_remembered_until",
                schema: "cloud_accounts",
                table: "nonce",
                column: "remembered_until");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "nonce",
                schema: "cloud_accounts");
        }
    }
}
