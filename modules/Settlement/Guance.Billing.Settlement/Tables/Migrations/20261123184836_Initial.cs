using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Guance.Billing.Settlement.Tables.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "settlement");

            migrationBuilder.CreateTable(
                name: "attach_code",
                schema: "settlement",
                columns: table => new
                {
                    registration_id = table.Column<string>(type: "text", nullable: false),
                    account_id = table.Column<string>(type: "text", nullable: false),
                    code_hash = table.Column<string>(type: "text", nullable: false),
                    requested_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    sent_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    tries_left = table.Column<int>(type: "integer", nullable: false),
                    used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_attach_code", x => new { x.registration_id, x.account_id });
                });

            migrationBuilder.CreateTable(
                name: "billing_user",
                schema: "settlement",
                columns: table => new
                {
                    account_id = table.Column<string>(type: "text", nullable: false),
                    username = table.Column<string>(type: "text", nullable: false),
                    normalized_username = table.Column<string>(type: "text", nullable: false),
                    password_hash = table.Column<string>(type: "text", nullable: false),
                    email = table.Column<string>(type: "text", nullable: false),
                    phone = table.Column<string>(type: "text", nullable: true),
                    company_name = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    wrong_passwords = table.Column<int>(type: "integer", nullable: false),
                    sign_in_blocked_until = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_billing_user", x => x.account_id);
                });

            migrationBuilder.CreateTable(
                name: "secret",
                schema: "settlement",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false),
                    protected_key = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_secret", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "unlock_link",
                schema: "settlement",
                columns: table => new
                {
                    token_hash = table.Column<string>(type: "text", nullable: false),
                    workspace_id = table.Column<string>(type: "text", nullable: false),
                    requested_by = table.Column<string>(type: "text", nullable: false),
                    expires_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    used_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_unlock_link", x => x.token_hash);
                });

            migrationBuilder.CreateIndex(
                name: "ix_billing_user_normalized_username",
                schema: "settlement",
                table: "billing_user",
                column: "normalized_username",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "attach_code",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "billing_user",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "secret",
                schema: "settlement");

            migrationBuilder.DropTable(
                name: "unlock_link",
                schema: "settlement");
        }
    }
}
