using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Guance.Billing.Workspaces.Tables.Migrations
{
    /// <summary>What a request adds is one row for its totals and one an hour for its events, whatever their number; totals are counted from many requests at once.</summary>
    [DbContext(typeof(WorkspacesDbContext))]
    [Migration("20261125010000_PendingUsage")]
    public sealed class PendingUsage : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                -- What requests added to totals, rolled up, until it is counted into them and told: a total that all agents add to is written once a telling.
                create table workspaces.usage_pending (
                    id bigint generated always as identity primary key,
                    cells integer not null,
                    workspaces uuid[] not null,
                    hours timestamptz[] not null,
                    items text[] not null,
                    retentions integer[] not null,
                    parts timestamptz[] not null,
                    are_gauges boolean[] not null,
                    quantities numeric[] not null
                );

                -- What was counted already and not told yet: nothing more of it is to be counted.
                insert into workspaces.usage_pending (cells, workspaces, hours, items, retentions, parts, are_gauges, quantities)
                select cells, workspaces, hours, items, retentions, parts,
                    (select array_agg(coalesce(t.is_gauge, false) order by c.n)
                     from unnest(c.workspaces, c.hours, c.items, c.retentions, c.parts) with ordinality as c(workspace, hour, item, retention_days, part_from, n)
                     left join workspaces.usage_hour t using (workspace, hour, item, retention_days, part_from)),
                    array_fill(0::numeric, array[cells])
                from workspaces.usage_changed c order by id;
                drop table workspaces.usage_changed;

                -- The totals as they stand.
                create view workspaces.usage_total as
                select workspace, hour, item, retention_days, part_from, bool_or(is_gauge) as is_gauge,
                    case when bool_or(is_gauge) then max(quantity) else sum(quantity) end as quantity
                from (
                    select workspace, hour, item, retention_days, part_from, is_gauge, quantity from workspaces.usage_hour
                    union all
                    select c.*
                    from workspaces.usage_pending p, unnest(p.workspaces, p.hours, p.items, p.retentions, p.parts, p.are_gauges, p.quantities)
                        as c(workspace, hour, item, retention_days, part_from, is_gauge, quantity)
                ) added
                group by 1, 2, 3, 4, 5;

                -- The accepted events as they came, a row for each hour of a request. Read again only where an hour is cut.
                create table workspaces.usage_batch (
                    hour timestamptz not null,
                    workspaces uuid[] not null,
                    times timestamptz[] not null,
                    quantities numeric[] not null,
                    retentions integer[] not null,
                    items text[] not null,
                    event_ids text[] not null
                ) partition by range (hour);
                -- Several times as fast as the other way to compress, where this PostgreSQL can do it.
                do $$ begin
                    alter table workspaces.usage_pending alter workspaces set compression lz4, alter hours set compression lz4, alter items set compression lz4,
                        alter retentions set compression lz4, alter parts set compression lz4, alter are_gauges set compression lz4, alter quantities set compression lz4;
                    alter table workspaces.usage_batch alter workspaces set compression lz4, alter times set compression lz4, alter quantities set compression lz4,
                        alter retentions set compression lz4, alter items set compression lz4, alter event_ids set compression lz4;
                exception when feature_not_supported then null; end $$;
                create index ix_usage_batch_hour on workspaces.usage_batch (hour);
                create table workspaces.usage_batch_default partition of workspaces.usage_batch default;

                insert into workspaces.usage_batch (hour, workspaces, times, quantities, retentions, items, event_ids)
                select date_trunc('hour', time, 'UTC'), array_agg(workspace), array_agg(time), array_agg(quantity), array_agg(retention_days), array_agg(item), array_agg(event_id)
                from (select *, row_number() over (partition by date_trunc('hour', time, 'UTC')) / 10000 as part from workspaces.usage_event) e
                group by date_trunc('hour', time, 'UTC'), part;
                drop table workspaces.usage_event;

                create or replace function workspaces.make_usage_partitions(month timestamptz) returns void language sql as $$
                    select workspaces.make_usage_partition('usage_batch', 'hour', month);
                    select workspaces.make_usage_partition('usage_hour', 'hour', month);
                $$;
                select workspaces.make_usage_partitions(now() + n * interval '1 month') from generate_series(0, 2) n;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => throw new System.NotSupportedException("Events lie closer together for good: go back to a backup.");
    }
}
