using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Guance.Billing.Settlement.Tables.Migrations;

/// <summary>Wallets, their journal, and what the checks of money park. Plain SQL: written and read set-based, never through EF Core's model.</summary>
[DbContext(typeof(SettlementDbContext))]
[Migration("20261124150000_Money")]
internal sealed class MoneyTables : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        create table settlement.wallet (
            account_id text primary key,
            currency text not null,
            cash numeric not null default 0,
            last_seq bigint not null default 0,
            last_hash bytea not null default decode(repeat('00', 32), 'hex'),
            last_at timestamptz not null default 'epoch',
            arrears_since timestamptz null,
            arrears_due_at timestamptz null
        ) with (fillfactor = 70);
        create index wallet_arrears_due on settlement.wallet (arrears_due_at) where arrears_due_at is not null;

        create table settlement.voucher (
            id text primary key,
            account_id text not null,
            kind text not null check (kind in ('ordinary', 'full-reduction')),
            face_value numeric not null,
            balance numeric not null,
            issued_at timestamptz not null,
            expires_at timestamptz not null,
            reason text null,
            check (balance >= 0 and balance <= face_value)
        );
        create index voucher_account on settlement.voucher (account_id, expires_at, id);
        create index voucher_with_balance on settlement.voucher (account_id) where balance > 0;
        create index voucher_expiry on settlement.voucher (expires_at) where balance > 0;

        create table settlement.prepaid_card (
            id text primary key,
            account_id text not null,
            face_value numeric not null,
            balance numeric not null,
            purchased_at timestamptz not null,
            redeemed_at timestamptz not null,
            expires_at timestamptz not null,
            provider text null,
            cloud_account_id text null,
            order_number text null,
            check (balance >= 0 and balance <= face_value),
            unique (provider, order_number)
        );
        create index prepaid_card_account on settlement.prepaid_card (account_id, expires_at, id);
        create index prepaid_card_with_balance on settlement.prepaid_card (account_id) where balance > 0;
        create index prepaid_card_expiry on settlement.prepaid_card (expires_at) where balance > 0;

        create function settlement.sum_of(amounts numeric[]) returns numeric language plpgsql immutable strict parallel safe as $$
        declare
            total numeric := 0;
            amount numeric;
        begin
            foreach amount in array amounts loop
                total := total + amount;
            end loop;
            return total;
        end $$;

        create table settlement.journal_entry (
            account_id text not null,
            seq bigint not null check (seq > 0),
            at timestamptz not null,
            kind text not null,
            reference text not null,
            day date null,
            idempotency_key text null,
            ledgers text[] not null,
            amounts numeric[] not null,
            cash_after numeric not null,
            previous_hash bytea not null,
            hash bytea not null,
            primary key (account_id, seq),
            constraint journal_entry_balanced check (
                cardinality(ledgers) >= 2 and cardinality(ledgers) = cardinality(amounts) and coalesce(settlement.sum_of(amounts) = 0, false)),
            constraint journal_entry_once unique (account_id, idempotency_key)
        );
        create index journal_entry_at on settlement.journal_entry (account_id, at, seq);
        create index journal_entry_day on settlement.journal_entry using brin (day);

        create table settlement.journal_seal (
            day date not null,
            account_id text not null,
            seq bigint not null,
            hash bytea not null,
            primary key (day, account_id)
        );
        create index journal_seal_account on settlement.journal_seal (account_id, seq);

        create function settlement.refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '%.% is append-only: correct by a new entry', tg_table_schema, tg_table_name using errcode = 'restrict_violation';
        end $$;
        create trigger append_only before update or delete or truncate on settlement.journal_entry
            for each statement execute function settlement.refuse_change();
        create trigger append_only before update or delete or truncate on settlement.journal_seal
            for each statement execute function settlement.refuse_change();

        create table settlement.cloud_due (
            payer text primary key,
            total numeric not null,
            stated numeric not null default 0,
            version bigint not null default 0
        ) with (fillfactor = 70);
        create index cloud_due_unstated on settlement.cloud_due (payer) where total <> stated;

        create table settlement.parked_account (
            account_id text primary key,
            since timestamptz not null,
            violation_id text not null
        );
        create table settlement.parked_day (
            account_id text not null,
            day date not null,
            primary key (account_id, day)
        );
        create table settlement.violation (
            id text primary key,
            found_at timestamptz not null,
            check_name text not null,
            account_id text null,
            workspace uuid null,
            day date null,
            what text not null,
            expected numeric null,
            found numeric null,
            repair text not null,
            resolved_at timestamptz null,
            resolved_by text null
        );
        create index violation_open on settlement.violation (found_at, id) where resolved_at is null;
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        drop table settlement.violation, settlement.parked_day, settlement.parked_account, settlement.cloud_due, settlement.journal_seal,
            settlement.journal_entry, settlement.prepaid_card, settlement.voucher, settlement.wallet;
        drop function settlement.refuse_change(), settlement.sum_of(numeric[]);
        """);
}
