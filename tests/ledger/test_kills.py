"""Ten writers at once that are killed again and again: nothing is lost, nothing is there twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

from sla_audit.ledger import entering
from sla_audit.ledger.database import transaction
from sla_audit.ledger.entering import Said
from sla_audit.ledger.rows import Book
from tests.builders.ledgers import CONTRACT, TODAY, found, histories, note
from tests.program import ROOT

WRITERS = 10
KILLS = int(os.environ.get("LEDGER_KILLS", "40"))
"""Of all writers together; more are for a run by hand."""


class Writer(threading.Thread):
    """A process that credited, is killed, and goes on with what it had not said to be done."""

    def __init__(self, path: Path, number: int, kills: int) -> None:
        super().__init__()
        self.path, self.name, self.kills = path, f"w{number}", kills
        self.claim, self.said = 1 + number % 2, 0
        self._random = random.Random(number)

    def run(self) -> None:
        for _ in range(self.kills):
            command = [sys.executable, "-m", "tests.builders.ledgers"]
            command += [str(self.path), str(self.claim), self.name, str(self.said)]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
                assert process.stdout is not None
                before_the_kill = self._random.randrange(1, 5)
                for line in process.stdout:
                    self.said = int(line) + 1
                    before_the_kill -= 1
                    if before_the_kill == 0:
                        threading.Event().wait(self._random.uniform(0, 0.02))
                        process.kill()


def test_nothing_is_lost_and_nothing_is_there_twice(tmp_path: Path) -> None:
    path = tmp_path / "claims.db"
    note(path, found("acct-1", "900.00"), found("acct-2", "900.00"))
    with transaction(path) as connection:
        book = Book(connection, path)
        for history in book.histories(CONTRACT):
            entering.file(book, history, Said(date(2026, 11, 10), TODAY))
    writers = [Writer(path, number, KILLS // WRITERS) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    credited = [entry for history in histories(path) for entry in history.standing if entry.kind == "credited"]
    references = Counter(entry.reference for entry in credited)
    assert set(references.values()) == {1}
    for writer in writers:
        own = {entry.reference for entry in credited if str(entry.reference).startswith(f"{writer.name}-")}
        # What was said to be noted is there; at most one more, of which the word did not come through each time.
        assert {f"{writer.name}-{number}" for number in range(writer.said)} <= own
        assert own == {f"{writer.name}-{number}" for number in range(len(own))}
    assert sum(entry.amount or 0 for entry in credited) == Decimal("0.01") * len(credited)
    numbers = sorted(entry.number for entry in credited)
    assert numbers == list(range(3, 3 + len(credited)))
    print(f"{KILLS} kills, {WRITERS} writers, {len(credited):,} credits")
