using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Guance.Billing.CloudAccounts.Tables.Migrations
{
    /// <inheritdoc />
    [DbContext(typeof(CloudAccountsDbContext))]
    [Migration("20261124160000_UsagePushes")]
    public partial class UsagePushes : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            -- What Settlement stated, as it came.
            create table cloud_accounts.usage_charge_stated (
                provider text not null, instance_id text not null, version bigint not null,
                day date not null, day_ends_at timestamptz not null, amount numeric not null, total numeric not null, stated_at timestamptz not null,
                primary key (provider, instance_id, version));
            create index ix_usage_charge_stated_day on cloud_accounts.usage_charge_stated (day);

            -- What a subscription owes and what became of it; accepted and unanswered are the sums of its records in these states.
            create table cloud_accounts.usage_charge (
                provider text not null, instance_id text not null,
                stated_total numeric not null, stated_version bigint not null, day date not null, day_ends_at timestamptz not null,
                accepted numeric not null default 0 check (accepted >= 0), unanswered numeric not null default 0 check (unanswered >= 0),
                rejected numeric not null default 0, rejected_code text, rejected_reason text, rejections int not null default 0,
                hold_until timestamptz, hold_reason text,
                primary key (provider, instance_id));
            create index ix_usage_charge_unsent on cloud_accounts.usage_charge (provider, instance_id) where stated_total - accepted - unanswered >= 0.0001;
            create index ix_usage_charge_at_risk on cloud_accounts.usage_charge (provider, instance_id) where stated_total - accepted >= 0.0001;

            create table cloud_accounts.usage_push (
                metering_sn text primary key,
                provider text not null, instance_id text not null, day date not null, begins_at timestamptz not null, ends_at timestamptz not null,
                amount numeric(19, 4) not null check (amount > 0),
                state text not null check (state in ('unanswered', 'accepted', 'rejected')),
                further_number int not null default 0, attempts int not null default 0, code text, reason text,
                prepared_at timestamptz not null, sent_at timestamptz, answered_at timestamptz, next_attempt_at timestamptz not null,
                check (begins_at <= ends_at),
                unique (provider, instance_id, begins_at, ends_at));
            create index ix_usage_push_due on cloud_accounts.usage_push (next_attempt_at) where state = 'unanswered';
            create index ix_usage_push_ends_at on cloud_accounts.usage_push (provider, instance_id, ends_at);
            create index ix_usage_push_day on cloud_accounts.usage_push (day);
            create index ix_usage_push_prepared_at on cloud_accounts.usage_push (prepared_at, metering_sn);
            create index ix_usage_push_answered_at on cloud_accounts.usage_push (answered_at) where state = 'accepted';

            -- Every answer, and every send that got none; only ever added to.
            create table cloud_accounts.usage_push_answer (
                id bigint generated always as identity primary key,
                metering_sn text not null references cloud_accounts.usage_push, sent_as text not null, attempt int not null, at timestamptz not null,
                verdict text not null, code text, reason text);
            create index ix_usage_push_answer_metering_sn on cloud_accounts.usage_push_answer (metering_sn);

            -- The market's monthly files; of a month the highest version holds.
            create table cloud_accounts.market_bill (
                provider text not null, month date not null, version int not null, imported_at timestamptz not null,
                content_hash bytea not null, lines int not null, total numeric not null,
                primary key (provider, month, version));
            create table cloud_accounts.market_bill_line (
                provider text not null, month date not null, version int not null, line int not null,
                instance_id text not null, day date not null, amount numeric not null, metering_sn text,
                primary key (provider, month, version, line),
                foreign key (provider, month, version) references cloud_accounts.market_bill);
            create index ix_market_bill_line_instance on cloud_accounts.market_bill_line (provider, instance_id, day);

            -- What the market billed, by the day of our record where the file names it.
            create view cloud_accounts.market_billed as
            select line.provider, line.month, line.instance_id, coalesce(push.day, line.day) as day, line.amount, push.metering_sn
            from cloud_accounts.market_bill_line line
            join (select provider, month, max(version) as version from cloud_accounts.market_bill group by provider, month) newest
                using (provider, month, version)
            left join cloud_accounts.usage_push push
                on push.metering_sn = split_part(line.metering_sn, '-', 1) and push.provider = line.provider and push.instance_id = line.instance_id;
            """);

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
            """
            drop view cloud_accounts.market_billed;
            drop table cloud_accounts.market_bill_line, cloud_accounts.market_bill, cloud_accounts.usage_push_answer, cloud_accounts.usage_push,
                cloud_accounts.usage_charge, cloud_accounts.usage_charge_stated;
            """);
    }
}
