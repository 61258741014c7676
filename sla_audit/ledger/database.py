"""The file of a ledger: opened, checked, brought up to date, and changed in whole transactions only.

A transaction is there with all that is in it, or not at all, also after a kill or a loss of power: `synchronous` is
full, and the journal is rolled back by whoever opens the file next. Runs that write wait for each other, in turn.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from pathlib import Path

from sla_audit.errors import InputError, Problem, cannot_be_read
from sla_audit.ledger.schema import APPLICATION_ID, STEPS
from sla_audit.output.lock import locked
from sla_audit.sentence import Sentence, said_by, to_say

_SECONDS_TO_WAIT = 60
_NOT_TEXT = "Could not decode to UTF-8"  # which Python says, and gives no code for
_HEADER = b"SQLite format 3\0"
_NO_LEDGER = to_say("Name a ledger of claims: sla-audit compute --ledger FILE makes one.")
_WHO_MAY_WRITE = to_say("Check who may write to the file and its directory.")
_DAMAGED = to_say("Put a copy of it in its place that is whole, or move it away: compute --ledger begins another.")


@contextmanager
def transaction(
    path: Path, *, create: bool = False, only_read: bool = False, steps: Sequence[str] = STEPS
) -> Iterator[sqlite3.Connection]:
    """Open a ledger for one transaction, which is kept at the end, or undone where an exception leaves it.

    A file of an earlier version is brought up to date in the same transaction. With `create`, one is made where there
    is none; what is `only_read` may lie where nobody can write. Raises `InputError` for a file that is no ledger, is of
    a later version, is damaged or cannot be written to.
    """
    where = path.as_posix()
    _refuse_other_files(path, create=create)
    if only_read and _is_older(path, steps):  # a reader waits for no other, and so cannot change the tables
        with transaction(path, steps=steps):
            pass
    try:
        with _in_turn(path, only_read=only_read), closing(_connected(path, create=create)) as connection:
            connection.execute("BEGIN" if only_read else "BEGIN IMMEDIATE")
            try:
                _bring_up_to_date(connection, where, steps, create=create)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
    except sqlite3.Error as error:
        raise InputError(_problem(where, error)) from error
    except UnicodeDecodeError as error:  # of a message of SQLite's that has the text it cannot read
        raise damaged(where, Sentence("it has text that is not UTF-8")) from error


def check_ledger(path: Path) -> None:
    """See whether a ledger can be opened and written to, or made, before any work is done. Raises `InputError`."""
    _refuse_other_files(path, create=True)
    if path.exists() and path.stat().st_size:
        with transaction(path):
            pass


@contextmanager
def _in_turn(path: Path, *, only_read: bool) -> Iterator[None]:
    """Let runs that write wait for each other in turn: SQLite by itself lets some wait for ever."""
    if only_read:
        yield
        return
    place = path.resolve()
    with ExitStack() as held:
        try:
            held.enter_context(locked(place.parent, f".{place.name}.lock"))
        except OSError as error:
            found = Sentence("cannot be written to: {why}", why=said_by(error))
            raise InputError(Problem(path.as_posix(), found, _WHO_MAY_WRITE)) from error
        yield


def _connected(path: Path, *, create: bool) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    connection = sqlite3.connect(address, uri=True, timeout=_SECONDS_TO_WAIT, isolation_level=None)
    try:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_other_files(path: Path, *, create: bool) -> None:
    """Refuse what is no file, or holds something else, before SQLite has a look at it."""
    where = path.as_posix()
    try:
        if path.is_dir():
            raise InputError(Problem(where, "is a directory; expected the file of a ledger", _NO_LEDGER))
        if path.exists() and not path.is_file():
            raise InputError(Problem(where, "is no file, but a device, a pipe or a socket", _NO_LEDGER))
        if not path.exists():
            if not create:
                raise InputError(Problem(where, "there is no such ledger", _NO_LEDGER))
            if not path.absolute().parent.is_dir():
                raise InputError(Problem(where, "lies in a directory that does not exist", "Make it first."))
            return
        with path.open("rb") as file:
            head = file.read(len(_HEADER))
    except OSError as error:
        raise InputError(cannot_be_read(where, error)) from error
    if head not in {b"", _HEADER}:
        raise InputError(Problem(where, "is no ledger of claims, but some other file", _NO_LEDGER))


def _is_older(path: Path, steps: Sequence[str]) -> bool:
    """Tell whether a ledger has steps to take, from the head of its file: https://sqlite.org/fileformat.html."""
    with path.open("rb") as file:
        head = file.read(72)
    version, application = (int.from_bytes(head[at : at + 4], "big") for at in (60, 68))
    return application == APPLICATION_ID and version < len(steps)


def _bring_up_to_date(connection: sqlite3.Connection, where: str, steps: Sequence[str], *, create: bool) -> None:
    """Take the steps that the file has not taken yet, and tell a ledger from any other database."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    is_new = not application and not version and not tables
    if is_new and not create:
        raise InputError(Problem(where, "is empty: there is no ledger in it yet", _NO_LEDGER))
    if not is_new and application != APPLICATION_ID:
        raise InputError(Problem(where, "is no ledger of claims, but some other database", _NO_LEDGER))
    if version > len(steps):
        found = Sentence(
            "is a ledger of version {version}, made by a later sla-audit; this one knows versions up to {known}",
            version=version,
            known=len(steps),
        )
        raise InputError(Problem(where, found, "Update sla-audit, or name another ledger."))
    for step in steps[version:]:
        for statement in _statements(step):
            connection.execute(statement)
    if version < len(steps):
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(steps)}")
    (fault,) = connection.execute("PRAGMA quick_check (1)").fetchone()
    if fault != "ok":
        raise damaged(where, Sentence(fault))
    if _tables(connection) != _tables_after(tuple(steps)):
        raise damaged(where, Sentence("its tables are not those that sla-audit makes"))


def _tables(connection: sqlite3.Connection) -> list[tuple[str, ...]]:
    made = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
    return list(connection.execute(made))


@cache
def _tables_after(steps: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Tell which tables a file has that has taken all steps, by taking them in memory."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for step in steps:
            connection.executescript(step)
        return _tables(connection)


def _statements(script: str) -> Iterator[str]:
    """Take a script apart: `executescript` would end the transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def _problem(where: str, error: sqlite3.Error) -> Problem:
    """Say what a user can do about an error of SQLite; what only a bug can cause is raised again."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        found = Sentence("another run has been writing to it for {seconds} seconds", seconds=_SECONDS_TO_WAIT)
        return Problem(where, found, "Run this again when that has ended.")
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB} or str(error).startswith(_NOT_TEXT):
        return Problem(where, Sentence("is damaged: {why}", why=said_by(error)), _DAMAGED)
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}:
        return Problem(where, Sentence("cannot be written to: {why}", why=said_by(error)), _WHO_MAY_WRITE)
    if code in {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR}:
        return Problem(
            where,
            Sentence("cannot be written to: {why}; it is as it was", why=said_by(error)),
            "Make room on the disk, and run again.",
        )
    raise error


def damaged(where: str, what: Sentence) -> InputError:
    """Give the error for a row that no program of ours has written."""
    return InputError(Problem(where, Sentence("is damaged: {what}", what=what), _DAMAGED))
