using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Guance.Billing.Platform.Data.Migrations;

/// <summary>What operators did. Plain SQL: written and read by hand, never through EF Core's model.</summary>
[DbContext(typeof(PlatformDbContext))]
[Migration("20261126070000_OperatorActs")]
internal sealed class OperatorActs : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        create table platform.operator_act (
            id bigint generated always as identity primary key,
            at timestamptz not null,
            by text not null,
            what text not null,
            subject text not null,
            said text
        );
        create index ix_operator_act_by on platform.operator_act (by, id desc);
        create index ix_operator_act_subject on platform.operator_act (subject, id desc);

        create function platform.refuse_change_of_operator_act() returns trigger language plpgsql as $$
        begin
            raise exception 'What operators did is only ever added to.';
        end $$;
        create trigger operator_act_is_only_added_to before update or delete or truncate on platform.operator_act
            for each statement execute function platform.refuse_change_of_operator_act();
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        "drop table platform.operator_act; drop function platform.refuse_change_of_operator_act();");
}
