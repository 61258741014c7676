"""The file of a ledger: made, brought up to date, and refused by name where it cannot be used."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sla_audit.errors import InputError
from sla_audit.ledger.database import check_ledger, transaction
from sla_audit.ledger.schema import STEPS
from tests.builders.ledgers import finding, found, histories, note

ONE_MORE = (*STEPS, "ALTER TABLE entries ADD COLUMN weather TEXT;\n")
"""What a later version might do."""


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def refused(path: Path, *, create: bool = False) -> str:
    with pytest.raises(InputError) as error, transaction(path, create=create):
        pass
    return str(error.value)


class TestVersions:
    def test_an_older_file_is_brought_up_to_date_with_all_that_is_in_it(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.db"
        note(path, found("acct-1"))
        assert version(path) == len(STEPS)
        with transaction(path, steps=ONE_MORE) as connection:
            assert "weather" in [name for _, name, *_ in connection.execute("PRAGMA table_info(entries)")]
            assert connection.execute("SELECT account FROM claims").fetchall() == [("acct-1",)]
        assert version(path) == len(STEPS) + 1

    def test_one_of_the_first_version_is_brought_up_to_date_by_whoever_reads_it(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.db"
        with transaction(path, create=True, steps=STEPS[:1]) as connection:
            said = "'jdcloud-smart-compose', 'acct-1', '2026-10', 'CNY'"
            connection.execute(f"INSERT INTO claims (contract, account, cycle, currency) VALUES ({said})")
        assert version(path) == 1
        assert [(each.key.account_id, each.packs) for each in histories(path)] == [("acct-1", ())]
        assert version(path) == len(STEPS)

    def test_a_step_that_fails_leaves_the_file_as_it_was(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.db"
        note(path, found("acct-1"))
        before = path.read_bytes()
        with pytest.raises(sqlite3.OperationalError), transaction(path, steps=(*ONE_MORE, "ALTER TABLE no ADD a;\n")):
            pass
        assert path.read_bytes() == before

    def test_a_later_one_is_refused_and_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.db"
        with transaction(path, create=True, steps=ONE_MORE):
            pass
        before = path.read_bytes()
        said = refused(path, create=True)
        assert said.startswith(f"{path.as_posix()}: is a ledger of version {len(STEPS) + 1}, made by a later sla-audit")
        assert said.endswith("Update sla-audit, or name another ledger.")
        assert path.read_bytes() == before


class TestOtherFiles:
    @pytest.mark.parametrize("content", [b"account_id,cycle\n", b"SQLite", b"\0" * 4096])
    def test_a_file_of_another_kind_is_refused(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "claims.db"
        path.write_bytes(content)
        assert "is no ledger of claims, but some other file" in refused(path, create=True)
        assert path.read_bytes() == content

    def test_another_database_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "shop.db"
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE customers (name TEXT)")
        assert "is no ledger of claims, but some other database" in refused(path, create=True)

    def test_what_is_not_there_is_not_made_but_by_a_run(self, tmp_path: Path) -> None:
        said = refused(tmp_path / "claims.db")
        assert "there is no such ledger" in said
        assert "sla-audit compute --ledger" in said
        assert not (tmp_path / "claims.db").exists()

    def test_an_empty_file_is_one_that_a_kill_left_and_is_made_a_ledger_by_a_run(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.db"
        path.touch()
        assert "is empty" in refused(path)
        note(path, found("acct-1"))
        assert len(histories(path)) == 1

    def test_a_directory_and_a_place_in_none_are_refused(self, tmp_path: Path) -> None:
        assert "is a directory" in refused(tmp_path, create=True)
        assert "a directory that does not exist" in refused(tmp_path / "no" / "claims.db", create=True)
        with pytest.raises(InputError):
            check_ledger(tmp_path / "no" / "claims.db")

    def test_a_damaged_one_is_refused_whatever_byte_is_damaged(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.db"
        note(path, *(found(f"acct-{number}") for number in range(200)))
        whole = path.read_bytes()
        refusals = 0
        for at in range(0, len(whole), 997):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
            try:
                histories(path)
            except InputError:
                refusals += 1
        assert refusals

    def test_one_whose_tables_have_names_that_are_no_text_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.db"
        note(path, found("acct-1"))
        whole = path.read_bytes()
        for at in range(200, 4096, 61):
            if whole[at] in b"abcdefghijklmnopqrstuvwxyz":
                path.write_bytes(whole[:at] + b"\xd3" + whole[at + 1 :])
                assert "is damaged" in refused_to_read(path)

    def test_a_cut_one_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.db"
        note(path, *(found(f"acct-{number}") for number in range(200)))
        path.write_bytes(path.read_bytes()[:6000])
        assert "is damaged" in refused_to_read(path)

    def test_a_row_that_no_program_of_ours_wrote_is_named(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.db"
        note(path, found("acct-1"))
        with closing(sqlite3.connect(path)) as connection:
            (trigger,) = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'findings_stay'").fetchone()
            connection.execute("DROP TRIGGER findings_stay")
            connection.execute("UPDATE findings SET amount = 'much'")
            connection.execute(trigger)
            connection.commit()
        assert "row 1 of findings cannot be read" in refused_to_read(path)


def refused_to_read(path: Path) -> str:
    with pytest.raises(InputError) as error:
        histories(path)
    return str(error.value)


def test_one_whose_tables_are_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "claims.db"
    note(path, found("acct-1"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER entries_stay")
        connection.commit()
    assert "its tables are not those that sla-audit makes" in refused_to_read(path)


class TestOnlyAdded:
    @pytest.mark.parametrize("table", ["claims", "findings", "entries"])
    @pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET claim = 1", "UPDATE {} SET account = 'x'"])
    def test_nothing_that_was_noted_is_changed_or_removed(self, tmp_path: Path, table: str, change: str) -> None:
        path = tmp_path / "claims.db"
        note(path, found("acct-1"))
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(
                "INSERT INTO entries (claim, kind, day, noted_on, amount) "
                "VALUES (1, 'filed', '2026-11-10', '2026-11-10', '1.00')"
            )
            connection.commit()
            with pytest.raises(sqlite3.Error, match=r"only added|no such column"):
                connection.execute(change.format(table))

    def test_what_a_transaction_does_is_undone_where_it_fails(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.db"
        note(path, found("acct-1"))

        def add_and_fail() -> None:
            with transaction(path) as connection:
                connection.execute("INSERT INTO claims VALUES (2, 'c', 'a', '2026-10', 'CNY')")
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            add_and_fail()
        assert [history.number for history in histories(path)] == [1]

    def test_amounts_are_kept_to_the_last_digit(self, tmp_path: Path) -> None:
        path = tmp_path / "claims.db"
        note(path, found("acct-1", "123456789012345678.123456"))
        assert histories(path)[0].findings == (finding("123456789012345678.123456"),)
