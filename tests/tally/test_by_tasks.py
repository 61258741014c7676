"""What is known of counting holds where parts are sent, and read in another folder: tests of engines, taken again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from sla_audit.tally.afar import by_tasks
from sla_audit.tally.local_threads import LocalThreads
from tests.builders.elsewhere import small_tasks
from tests.builders.examples import some_of
from tests.intake import test_pollution
from tests.intake.test_live_logs import *  # noqa: F403
from tests.intake.test_pollution import *  # noqa: F403
from tests.intake.test_unattributed import *  # noqa: F403
from tests.tally.test_duplicates import *  # noqa: F403

IN_THIS_PROCESS = LocalThreads.count


class Here(LocalThreads):
    """The engine for what is not sent."""

    count = IN_THIS_PROCESS


def elsewhere(self: LocalThreads, *arguments: Any) -> Any:
    del self
    return small_tasks().count(*arguments)


@pytest.fixture(autouse=True, scope="module")
def sent() -> Iterator[None]:
    """Let whatever would be counted on threads be sent."""
    with mock.patch.object(LocalThreads, "count", elsewhere), mock.patch.object(by_tasks, "LocalThreads", Here):
        yield


# Other tests take engines by chance, in the same worlds.
del test_neither_order_nor_files_nor_collisions_change_a_figure  # noqa: F821
# Of these, the subject is what one process holds, and for how long.
del test_rows_are_held_no_longer_than_other_rows_of_their_time_may_come  # noqa: F821
del test_what_does_not_fit_in_memory_goes_to_a_file_that_is_removed  # noqa: F821
del test_a_full_disk_is_told_with_the_ways_out  # noqa: F821


@pytest.mark.parametrize("case", some_of(test_pollution.CASES, 200), ids=lambda case: case.name)
def test_a_polluted_log(case: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    """Of many logs that are read alike wherever they are, some are enough."""
    test_pollution.test_a_polluted_log(case, tmp_path, monkeypatch, capsys)
