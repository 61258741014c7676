"""Make `docs/results.md` from the columns of a result: `python docs/make.py`."""

from __future__ import annotations

from pathlib import Path

from sla_audit.report.schema import COLUMNS, ResultColumn

HEAD = """# What a result says

A report has one result for each account and service cycle. This page is made from `sla_audit/report/schema.py` by
`python docs/make.py`; clauses are those of the first agreement. Amounts and rates are text in JSON, decimals in
Parquet. *Under each reading*: JSON has it once more in `readings`, Parquet and CSV as `reading_column`.

| column | in JSON | in CSV | holds | under each reading | clause | meaning |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    """Give the page."""
    return HEAD + "".join(map(_row, COLUMNS))


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
    return f"`{column.place}.{column.name}`" if column.place == "claim" else f"`{column.name}`"


if __name__ == "__main__":
    Path(__file__).with_name("results.md").write_text(page(), encoding="utf-8")
