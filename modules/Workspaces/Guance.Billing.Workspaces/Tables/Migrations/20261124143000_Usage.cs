using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Guance.Billing.Workspaces.Tables.Migrations
{
    /// <summary>Usage at a site: plain SQL, since partitions and the like are beyond EF's model.</summary>
    [DbContext(typeof(WorkspacesDbContext))]
    [Migration("20261124143000_Usage")]
    public sealed class Usage : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(name: "workspaces");
            migrationBuilder.Sql(
                """
                -- What the Billing Center told of the items that may be metered.
                create table workspaces.item_catalog (
                    only_one boolean primary key default true check (only_one),
                    version bigint not null,
                    items jsonb not null
                );

                -- What tells a repetition, for ever: a hash of workspace and event id, and one of the content. Not partitioned, since an id that comes again
                -- with another time must be met, too.
                create table workspaces.usage_key (
                    key uuid primary key,
                    content bigint not null
                );

                -- The accepted events as they came. Read again only where an hour is cut, by their time: those of an hour lie close together.
                create table workspaces.usage_event (
                    workspace uuid not null,
                    time timestamptz not null,
                    quantity numeric not null,
                    retention_days integer not null,
                    item text not null,
                    event_id text not null
                ) partition by range (time);
                create index ix_usage_event_time on workspaces.usage_event using brin (time timestamptz_minmax_multi_ops) with (pages_per_range = 64, autosummarize = on);
                create table workspaces.usage_event_default partition of workspaces.usage_event default;

                -- The site's totals. part_from: the hour's beginning, or a change of payer within the hour.
                create table workspaces.usage_hour (
                    workspace uuid not null,
                    hour timestamptz not null,
                    item text not null,
                    retention_days integer not null,
                    part_from timestamptz not null,
                    is_gauge boolean not null,
                    quantity numeric not null,
                    primary key (workspace, hour, item, retention_days, part_from)
                ) partition by range (hour);
                create table workspaces.usage_hour_default partition of workspaces.usage_hour default;

                -- Makes the month's partition of a table, if it is missing; rows that went to the default one meanwhile move over.
                create function workspaces.make_usage_partition(parent text, by_column text, month timestamptz) returns void language plpgsql as $$
                declare
                    first timestamptz := date_trunc('month', month, 'UTC');
                    next timestamptz := date_trunc('month', date_trunc('month', month, 'UTC') + interval '32 days', 'UTC');
                    name text := parent || '_' || to_char(month at time zone 'UTC', 'YYYYMM');
                begin
                    if to_regclass('workspaces.' || name) is not null then
                        return;
                    end if;
                    -- Whoever comes second waits here and then finds it made.
                    execute format('lock table workspaces.%I in share update exclusive mode', parent);
                    if to_regclass('workspaces.' || name) is not null then
                        return;
                    end if;
                    -- A total changes some thousand times in its hour: room on its page keeps it there.
                    execute format('create table workspaces.%I (like workspaces.%I including all) with (fillfactor = %s)',
                        name, parent, case parent when 'usage_hour' then 70 else 100 end);
                    execute format('lock table workspaces.%I in access exclusive mode', parent || '_default');
                    execute format(
                        'with moved as (delete from workspaces.%I where %I >= %L and %I < %L returning *) insert into workspaces.%I select * from moved',
                        parent || '_default', by_column, first, by_column, next, name);
                    execute format('alter table workspaces.%I attach partition workspaces.%I for values from (%L) to (%L)', parent, name, first, next);
                end $$;

                create function workspaces.make_usage_partitions(month timestamptz) returns void language sql as $$
                    select workspaces.make_usage_partition('usage_event', 'time', month);
                    select workspaces.make_usage_partition('usage_hour', 'hour', month);
                $$;
                select workspaces.make_usage_partitions(now() + n * interval '1 month') from generate_series(0, 2) n;

                -- Which totals a transaction changed, until they are told: one row for all of them, so that telling costs the totals themselves nothing.
                create table workspaces.usage_changed (
                    id bigint generated always as identity primary key,
                    cells integer not null,
                    workspaces uuid[] not null,
                    hours timestamptz[] not null,
                    items text[] not null,
                    retentions integer[] not null,
                    parts timestamptz[] not null
                );

                create table workspaces.usage_telling (
                    only_one boolean primary key default true check (only_one),
                    version bigint not null,
                    through timestamptz not null
                );
                insert into workspaces.usage_telling (version, through) values (0, '-infinity');

                -- Where a workspace's hour is cut: by the time first, since an ingest asks for the few cuts of its hours.
                create table workspaces.usage_cut (
                    at timestamptz not null,
                    workspace uuid not null,
                    primary key (at, workspace)
                );

                create table workspaces.usage_quarantine (
                    id bigint generated always as identity primary key,
                    content uuid not null unique,
                    workspace text not null,
                    item text not null,
                    code text not null,
                    event text not null,
                    at timestamptz not null,
                    state text not null default 'waiting' check (state in ('waiting', 'taken', 'discarded')),
                    settled_at timestamptz,
                    settled_by text,
                    reason text
                );
                create index ix_usage_quarantine_kind on workspaces.usage_quarantine (workspace, item, code, at) where state = 'waiting';

                -- How many wait, by kind; what is to be told is marked.
                create table workspaces.usage_quarantine_kind (
                    workspace text not null,
                    item text not null,
                    code text not null,
                    count bigint not null,
                    first_at timestamptz not null,
                    last_at timestamptz not null,
                    changed boolean not null,
                    primary key (workspace, item, code)
                );
                create index ix_usage_quarantine_kind_changed on workspaces.usage_quarantine_kind (workspace) where changed;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            drop table workspaces.item_catalog, workspaces.usage_key, workspaces.usage_event, workspaces.usage_hour, workspaces.usage_changed, workspaces.usage_telling,
                workspaces.usage_cut, workspaces.usage_quarantine, workspaces.usage_quarantine_kind;
            drop function workspaces.make_usage_partitions(timestamptz);
            drop function workspaces.make_usage_partition(text, text, timestamptz);
            """);
    }
}
