"""Make `docs/results.md` from the columns of a result: `python docs/make.py`."""

from __future__ import annotations

from pathlib import Path

from sla_audit.report.ledger.fields import FIELDS
from sla_audit.report.schema import COLUMNS, OF_SOME, ResultColumn

HEAD = """# What a result says

A report has one result for each account and service cycle. This page is made from `sla_audit/report/schema.py` by
`python docs/make.py`; clauses are those of the first agreement. Amounts and rates are text in JSON, decimals in
Parquet. *Under each reading*: JSON has it once more in `readings`, Parquet and CSV as `reading_column`.

What is owed is in the unit that the head has as `currency`: the code of a currency, or `calls` or `days` where an
agreement gives those back. `credit_rate` is then how many times the base is owed where the agreement says it so: `50`
calls for each that failed.

| column | in JSON | in CSV | holds | under each reading | clause | meaning |
|---|---|---|---|---|---|---|
"""

OF_SOME_AGREEMENTS = """
## What only some agreements ask for

JSON has these after the others where the agreement needs them, CSV and Parquet as the last but those of claims.

| column | in JSON | in CSV | holds | under each reading | clause | meaning |
|---|---|---|---|---|---|---|
"""

MEASURED = """
Where an agreement measures intervals, each reading in JSON has `measured` besides: `{"kept": "8838", "total": "8928"}`,
the exact rate as whole numbers, which are text. A share of time is so many intervals of all; a mean is over a common
denominator of the intervals. One whose numbers are longer than 60 digits is cut after 60 decimals, with a 5 after
these where it is more: it lies on the same side of every edge of a tier. From it the saved report is judged again.
"""

OF_CLAIMS = """
## What became of the claim

Where a ledger is given (`--ledger`), the result of an account and cycle that have a claim in it has `ledger` in JSON,
an object; CSV and Parquet have its fields as their last columns. The head has `ledger` then, too: the claims in it by
`kind` (`to_file`, `awaited`, `credited`, `lapsed`), of those to be filed by `file_by`, with how many `claims` they are,
their `amount`, and of how many that is `undetermined`.

| in JSON | in CSV and Parquet | holds | meaning |
|---|---|---|---|
"""


def page() -> str:
    """Give the page."""
    of_claims = (f"| `{name}` | `claim_{name}` | {kind} | {meaning} |\n" for name, (kind, meaning) in FIELDS.items())
    tables = HEAD + "".join(map(_row, COLUMNS)) + OF_SOME_AGREEMENTS + "".join(map(_row, OF_SOME)) + MEASURED
    return tables + OF_CLAIMS + "".join(of_claims)


def _row(column: ResultColumn) -> str:
    readings = ("yes" if column.reading_in_csv else "not in CSV") if column.by_reading else ""
    cells = (
        f"`{column.name}`",
        _in_json(column),
        f"`{column.flat}`" if column.csv else "",
        column.kind.replace("_", " "),
        readings,
        column.clause,
        column.meaning,
    )
    return f"| {' | '.join(cells)} |\n"


def _in_json(column: ResultColumn) -> str:
    if column.place == "excluded":
        return "`excluded.total`" if column.kind == "count" else "`excluded.by_clause`"
    return f"`{column.place}.{column.name}`" if column.place in ("claim", "edges") else f"`{column.name}`"


if __name__ == "__main__":
    Path(__file__).with_name("results.md").write_text(page(), encoding="utf-8")
