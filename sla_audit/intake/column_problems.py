"""What is said of columns that a log has not, has twice, or of which it is not known what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sla_audit.errors import Problem
from sla_audit.intake.dialects.dialect import Dialect
from sla_audit.intake.dialects.naming import Naming, nearest
from sla_audit.sentence import Message, Sentence, in_series, to_say

_MOST_NAMES, _LONGEST_NAME = 30, 60


def missing_column(canonical: str, missing: Sequence[str], available: Sequence[str], where: str) -> Problem:
    """Say that a file lacks columns under which a canonical one should be."""
    text = to_say("no column {names}; the file has: {known}")
    if list(missing) != [canonical]:
        text = to_say("no column {names} (mapped to {canonical}); the file has: {known}")
    what = Sentence(text, names=_both(missing), canonical=canonical, known=listed(available) or Sentence("none"))
    remedy = to_say("Say which column it is: {example}, or the same under [columns] in the config.")
    if canonical == "timestamp":
        remedy = to_say(
            "Say which column it is: {example} (or =DATE,TIME where they are two columns), "
            "or the same under [columns] in the config."
        )
    if canonical == "duration":
        remedy = to_say("Say which column it is, and its unit: {example}, or the same under [columns] in the config.")
    example = f"--column {canonical}=NAME" + (",ms" if canonical == "duration" else "")
    return Problem(where, what, Sentence(remedy, example=example))


def doubled(names: Sequence[str], available: Sequence[str], where: str) -> list[Problem]:
    """Say that a file has one of some columns twice."""
    return [_twice(name, where) for name in names if list(available).count(name) > 1][:1]


def no_unit(column: str, where: str) -> Problem:
    """Say that nobody says in which unit a column is."""
    found = Sentence("nothing says in which unit the column {column!r} has how long requests took", column=column)
    remedy = Sentence(
        "Say it: {example} (or s, us, ns), or the same under [columns] in the config.",
        example=f"--column duration={column},ms",
    )
    return Problem(where, found, remedy)


def fields_within(canonical: str, available: Sequence[str]) -> list[str]:
    """Give the fields of an object that has the name of a canonical column."""
    return [name for name in available if name.startswith(f"{canonical}.")]


def is_an_object(canonical: str, within: Sequence[str], where: str) -> Problem:
    """Say that a canonical column is an object of several fields."""
    what = Sentence(
        "{canonical} is an object, with {within}; expected one value", canonical=canonical, within=listed(within)
    )
    return Problem(
        where,
        what,
        Sentence(
            "Say which of its fields it is: --column {canonical}={field}, or the like.",
            canonical=canonical,
            field=within[0],
        ),
    )


def lost_fields(naming: Naming, where: str) -> list[Problem]:
    """Say which fields a dialect's rules need and the log has not, or has as one."""
    mapped = {own: naming.of(own) for own in naming.dialect.own_names if own in naming.named or own in naming.missing}
    lost = [own for own, name in mapped.items() if name not in naming.available]
    at = {own: naming.of(own) for own in naming.dialect.fields}
    same = [own for own, name in at.items() if name is not None and list(at.values()).count(name) > 1]
    if not lost and not same:
        return []
    if same:
        what = Sentence("{names} are read from one column, {column!r}", names=_both(same), column=at[same[0]])
        return [Problem(where, what, "Map each to a column of its own with --column.")]
    text = to_say("no column {names}, which the dialect {dialect} reads; the file has: {known}")
    if any(own in naming.named for own in lost):
        text = to_say("no column {names} (mapped to {lost}), which the dialect {dialect} reads; the file has: {known}")
    what = Sentence(
        text,
        names=_both([naming.of(own) or own for own in lost]),
        lost=", ".join(lost),
        dialect=naming.dialect.id,
        known=listed(list(naming.available)) or Sentence("none"),
    )
    ways = ", ".join(f"--column {own}=NAME" for own in lost)
    return [
        Problem(
            where,
            what,
            Sentence(
                "Say which column it is: {ways}, or the same under [columns] in the config; "
                "or choose another --dialect.",
                ways=ways,
            ),
        )
    ]


def of_no_dialect(mapped: Sequence[str], dialect: Dialect | None, where: str) -> list[Problem]:
    """Say which mapped names are nothing that is read of this log."""
    strange = [name for name in mapped if dialect is None or name not in dialect.own_names]
    if not strange:
        return []
    text = to_say("{names} mapped, but it is read in no dialect")
    if dialect is not None:
        text = to_say("{names} mapped, but the dialect {dialect}, in which it is read, has not")
    what = Sentence(text, names=", ".join(strange), dialect=None if dialect is None else dialect.id)
    return [Problem(where, what, "Choose the dialect with --dialect, or leave out the --column.")]


def nearest_dialect(
    named: Mapping[str, tuple[str, ...]], available: Sequence[str], where: str, *, objects: bool
) -> list[Problem]:
    """Name the dialect that a log comes nearest to, and what it lacks."""
    near = nearest(available, named, objects=objects)
    if near is None or not near.lacks:
        return []
    what = Sentence(
        "no dialect fits; the nearest is {id}, which also needs {lacks}", id=near.dialect.id, lacks=listed(near.lacks)
    )
    ways = " ".join(f"--column {own}=NAME" for own in near.lacks)
    return [
        Problem(where, what, Sentence("If the log is in it: --dialect {id} {ways}.", id=near.dialect.id, ways=ways))
    ]


def listed(names: Sequence[str]) -> str:
    """List columns, not more and not longer than can be read."""
    shown = [name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}..." for name in names[:_MOST_NAMES]]
    more = len(names) - len(shown)
    return ", ".join([*shown, f"and {more} more"] if more else shown)


def _twice(name: str, where: str) -> Problem:
    return Problem(
        where, Sentence("two columns are named {name!r}", name=name), "Rename one of them, so that it is clear which."
    )


def _both(names: Sequence[str]) -> Message:
    return in_series([*map(repr, names)], to_say("{listed} and {value}"))
