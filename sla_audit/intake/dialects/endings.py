"""How requests ended, by a dialect: from the combination of some columns, settled once for each that occurs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sla_audit.intake.dialects.dialect import Dialect, Ending
from sla_audit.intake.values.dictionary import as_dictionary

_NO_OR_YES = pa.array([False, True])


class Endings(NamedTuple):
    """The status and the flags of `dialect.Ending` of each row, as dictionaries, and the rows that have none of it.

    `no_answer` and `unreadable` are None where they hold of no row.
    """

    status: pa.DictionaryArray
    client_aborted: pa.DictionaryArray
    no_answer: pa.DictionaryArray | None
    unreadable: npt.NDArray[np.bool_] | None

    @property
    def columns(self) -> dict[str, pa.DictionaryArray]:
        """The canonical columns, those that say something."""
        said = {"status": self.status, "client_aborted": self.client_aborted, "no_answer": self.no_answer}
        return {name: column for name, column in said.items() if column is not None}


def read_endings(columns: list[pa.Array], dialect: Dialect) -> Endings:
    """Read the columns of a dialect's `fields`."""
    combined = np.zeros(len(columns[0]), dtype=np.int64)
    combinations: list[tuple[str, ...]] = [()]
    for field, column in zip(dialect.fields, columns, strict=True):
        encoded = as_dictionary(column)
        values = [*encoded.dictionary.to_pylist(), None]
        kinds, kind_of = dialect.kinds(field, values)
        codes = encoded.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)
        joint = combined * len(kinds) + np.array(kind_of)[codes]
        # Few combinations occur. Numbering them anew keeps the numbers small, however many fields there are.
        size = len(combinations) * len(kinds)
        occurring = np.flatnonzero(np.bincount(joint, minlength=size))
        renumbered = np.zeros(size, dtype=np.int64)
        renumbered[occurring] = np.arange(len(occurring))
        combined = renumbered[joint]
        pairs = (divmod(each, len(kinds)) for each in occurring.tolist())
        combinations = [(*combinations[before], kinds[kind]) for before, kind in pairs]
    endings = [_ending(dialect, combination) for combination in combinations]
    unreadable = np.array([ending is None for ending in endings], dtype=np.bool_)[combined]
    rows = pa.array(combined, pa.int32())
    statuses = pa.array([None if ending is None else ending.status for ending in endings], pa.int16())
    aborted = pa.array([ending is not None and ending.client_aborted for ending in endings], pa.bool_())
    silent = np.array([ending is not None and ending.no_answer for ending in endings], np.int32)
    return Endings(
        pa.DictionaryArray.from_arrays(rows, statuses, safe=False),
        pa.DictionaryArray.from_arrays(rows, aborted, safe=False),
        pa.DictionaryArray.from_arrays(silent[combined], _NO_OR_YES, safe=False) if silent.any() else None,
        unreadable if unreadable.any() else None,
    )


def either(flags: pa.DictionaryArray, others: pa.DictionaryArray) -> pa.DictionaryArray:
    """Tell of each row whether one flag or the other is set; null sets none."""
    set_ = np.logical_or(_is_set(flags), _is_set(others)).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(set_), pa.array([False, True]), safe=False)


def _is_set(flags: pa.DictionaryArray) -> npt.NDArray[np.bool_]:
    table = np.array([*map(bool, flags.dictionary.to_pylist()), False])
    codes = flags.indices.fill_null(len(table) - 1).to_numpy(zero_copy_only=False)
    found: npt.NDArray[np.bool_] = table[codes]
    return found


def _ending(dialect: Dialect, combination: tuple[str, ...]) -> Ending | None:
    try:
        return dialect.ending(combination)
    except ValueError:
        return None
