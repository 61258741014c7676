"""What sla-audit's report says of each account and month, by DuckDB: python peer_duckdb_report.py LOGS EXCLUSIONS.

Requests by class under both readings, and by clause; no rates, amounts, claims, nor what each exclusion did alone.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import duckdb
from figures import digest
from peer_duckdb import applied, source

CLAUSES = (1, 3, 4, 5, 9, 11)

logs, exclusions = Path(sys.argv[1]), Path(sys.argv[2])
rows = [row for row in csv.DictReader(exclusions.open()) if applied(row)]


def covering(first: int) -> str:
    """Give the fate of what an exclusion covers: its clause after `first`; the lowest one wins."""
    return " ".join(
        f"when timestamp >= timestamptz '{row['starts_at']}' and timestamp < timestamptz '{row['ends_at']}' "
        f"then {first + int(row['clause'])}"
        for row in sorted(rows, key=lambda row: int(row["clause"]))
    )


# One pass. A fate: 0 success, 1 failure, 2 failure under the broad reading only; from 10 on, the clause that leaves the
# request out, and from 30 on the clause that does so under the broad reading only. Windows are looked at for failures.
query = f"""
    select account_id, cycle,
           count(*) filter (fate = 0 or fate = 2 or fate >= 30) as success,
           count(*) filter (fate = 1) as failure,
           count(*) filter (fate between 10 and 29) as excluded,
           {", ".join(f"count(*) filter (fate = {10 + clause})" for clause in CLAUSES)},
           count(*) filter (fate in (1, 2)) as broad_failure
    from (
        select account_id,
               case when timestamp < timestamptz '2026-11-01T00:00:00+08:00' then '2026-10' else '2026-11' end as cycle,
               case when content_flag is not null and content_flag <> '' then 15
                    when status = 499 then 19
                    when status between 400 and 499 then 14
                    when status is null or status in (502, 503, 504) then case {covering(10)} else 1 end
                    when status >= 500 then case {covering(30)} else 2 end
                    else 0 end as fate
        from {source(logs)})
    group by account_id, cycle
"""
duckdb.sql("set timezone = 'UTC'")
said = []
for account, cycle, success, failure, excluded, *by_clause, broad_failure in duckdb.sql(query).fetchall():
    clauses = ";".join(f"{clause}:{count}" for clause, count in zip(CLAUSES, by_clause, strict=True) if count)
    said.append((account, cycle, success, failure, excluded, clauses, broad_failure))
print(digest(said))
