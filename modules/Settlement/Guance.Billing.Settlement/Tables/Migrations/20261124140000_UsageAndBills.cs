using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Guance.Billing.Settlement.Tables.Migrations;

/// <summary>
/// The price book, usage totals, bills. In SQL, since partitions are beyond EF's model; read and written set-based. Keys of text are compared
/// by their bytes (<c>collate "C"</c>), which sorts and groups faster and the same everywhere.
/// </summary>
[DbContext(typeof(SettlementDbContext))]
[Migration("20261124140000_UsageAndBills")]
internal sealed class UsageAndBills : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        create table settlement.price_book_version (
            version int primary key,
            published_at timestamptz not null,
            published_by text not null);

        create table settlement.price (
            version int not null references settlement.price_book_version,
            item text collate "C" not null,
            aggregation text not null check (aggregation in ('sum', 'max')),
            unit text not null,
            unit_quantity numeric not null check (unit_quantity > 0),
            retention_days int not null,
            currency text collate "C" not null,
            region text collate "C" not null,
            price numeric not null check (price >= 0),
            effective_from date not null,
            primary key (version, item, retention_days, currency, region, effective_from));

        -- told: the number of the site's telling, so that an older one changes nothing.
        create table settlement.usage_hour (
            day date not null,
            workspace uuid not null,
            item text collate "C" not null,
            retention_days int not null,
            hour timestamptz not null,
            part_from timestamptz not null,
            quantity numeric not null,
            told bigint not null default 0,
            primary key (day, workspace, item, retention_days, hour, part_from)) partition by range (day);
        create table settlement.usage_hour_default partition of settlement.usage_hour default;

        -- Closed days whose totals or payers have changed since.
        create table settlement.usage_late (
            workspace uuid not null,
            day date not null,
            primary key (workspace, day));

        create table settlement.usage_watermark (
            site text primary key,
            told_through timestamptz not null);

        create table settlement.usage_quarantine (
            site text not null,
            workspace text not null,
            item text not null,
            code text not null,
            count bigint not null,
            first_at timestamptz not null,
            last_at timestamptz not null,
            primary key (site, workspace, item, code));

        create table settlement.day_close (
            day date primary key,
            state text not null check (state in ('rating', 'rated', 'completed')),
            started_at timestamptz not null,
            workspaces bigint not null default 0,
            lines bigint not null default 0,
            total numeric not null default 0,
            rated_at timestamptz null,
            completed_at timestamptz null);

        -- A day's workspaces in a few parts, each rated by batches; rated_after is its cursor.
        create table settlement.day_lane (
            day date not null references settlement.day_close,
            lane int not null,
            rated_after uuid not null,
            up_to uuid not null,
            is_done boolean not null default false,
            workspaces bigint not null default 0,
            lines bigint not null default 0,
            total numeric not null default 0,
            primary key (day, lane));

        create table settlement.bill (
            day date not null,
            workspace uuid not null,
            account_id text collate "C" not null,
            site text not null,
            currency text not null,
            total numeric not null,
            closed_at timestamptz not null,
            primary key (day, workspace)) partition by range (day);
        create index bill_of_account on settlement.bill (account_id, day, workspace);
        create table settlement.bill_default partition of settlement.bill default;

        create table settlement.bill_line (
            day date not null,
            workspace uuid not null,
            line_no int not null,
            account_id text collate "C" not null,
            item text collate "C" not null,
            retention_days int not null,
            payer text collate "C" not null,
            adjusts_day date null,
            quantity numeric not null,
            share_numerator bigint not null,
            share_denominator bigint not null,
            unit_quantity numeric not null,
            price numeric not null,
            price_version int not null,
            exact numeric not null,
            carry_in numeric not null,
            amount numeric not null,
            carry_out numeric not null,
            primary key (day, workspace, line_no)) partition by range (day);
        create index bill_line_adjusting on settlement.bill_line (workspace, adjusts_day) where adjusts_day is not null;
        create table settlement.bill_line_default partition of settlement.bill_line default;

        -- What rounding has left. Room in the pages, so that a day's update finds place beside the row and touches no index.
        create table settlement.carry (
            workspace uuid not null,
            item text collate "C" not null,
            retention_days int not null,
            payer text collate "C" not null,
            residue numeric not null,
            primary key (workspace, item, retention_days, payer)) with (fillfactor = 50);

        -- A workspace's payers, as its document holds them: each from an instant up to another.
        create function settlement.payer_spans(payers jsonb)
        returns table (payer text, from_at timestamptz, to_at timestamptz, is_first boolean)
        language sql stable parallel safe as $$
            select s.span ->> 'payer', (s.span ->> 'from')::timestamptz, coalesce((s.span ->> 'to')::timestamptz, 'infinity'), s.number = 1
            from jsonb_array_elements(payers) with ordinality s(span, number)
        $$;
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        drop function settlement.payer_spans;
        drop table settlement.carry, settlement.bill_line, settlement.bill, settlement.day_lane, settlement.day_close, settlement.usage_quarantine,
            settlement.usage_watermark, settlement.usage_late, settlement.usage_hour, settlement.price, settlement.price_book_version;
        """);
}
