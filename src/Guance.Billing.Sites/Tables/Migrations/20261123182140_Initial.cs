using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Guance.Billing.Sites.Tables.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "link");

            migrationBuilder.CreateTable(
                name: "feed",
                schema: "link",
                columns: table => new
                {
                    peer = table.Column<string>(type: "text", nullable: false),
                    last_position = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_feed", x => x.peer);
                });

            migrationBuilder.CreateTable(
                name: "feed_acknowledgement",
                schema: "link",
                columns: table => new
                {
                    peer = table.Column<string>(type: "text", nullable: false),
                    position = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_feed_acknowledgement", x => new { x.peer, x.position });
                });

            migrationBuilder.CreateTable(
                name: "feed_message",
                schema: "link",
                columns: table => new
                {
                    peer = table.Column<string>(type: "text", nullable: false),
                    position = table.Column<long>(type: "bigint", nullable: false),
                    event_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    subject = table.Column<string>(type: "text", nullable: false),
                    source_version = table.Column<long>(type: "bigint", nullable: false),
                    payload = table.Column<string>(type: "jsonb", nullable: false),
                    occurred_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    written_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false),
                    traceparent = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_feed_message", x => new { x.peer, x.position });
                });

            migrationBuilder.CreateTable(
                name: "feed_position",
                schema: "link",
                columns: table => new
                {
                    peer = table.Column<string>(type: "text", nullable: false),
                    position = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_feed_position", x => x.peer);
                });

            migrationBuilder.CreateTable(
                name: "peer",
                schema: "link",
                columns: table => new
                {
                    name = table.Column<string>(type: "text", nullable: false),
                    last_contact_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true),
                    last_error = table.Column<string>(type: "text", nullable: true),
                    last_error_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_peer", x => x.name);
                });

            migrationBuilder.CreateIndex(
                name: "ix_feed_message_peer_event_id",
                schema: "link",
                table: "feed_message",
                columns: new[] { "peer", "event_id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_feed_message_subject_position",
                schema: "link",
                table: "feed_message",
                columns: new[] { "subject", "position" },
                descending: new[] { false, true });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "feed",
                schema: "link");

            migrationBuilder.DropTable(
                name: "feed_acknowledgement",
                schema: "link");

            migrationBuilder.DropTable(
                name: "feed_message",
                schema: "link");

            migrationBuilder.DropTable(
                name: "feed_position",
                schema: "link");

            migrationBuilder.DropTable(
                name: "peer",
                schema: "link");
        }
    }
}
