"""Whatever a user gets wrong: exit code 2, one clear message per mistake, no traceback, and nothing written."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from sla_audit.cli.main import run
from tests.builders.mistakes import Content, everything_in, lay, messages

GOOD = "timestamp,account_id,status\n2026-10-01T05:06:07Z,A,200\n2026-10-02T05:06:07Z,A,502\n"
ACCOUNTS = "account_id,plan,applied_on,expires_on\n"
BILLING = "account_id,cycle,service_fee,cash_paid\n"
EXCLUSIONS = "id,clause,starts_at,ends_at,notified_at,accounts,regions\n"
WINDOW = "2026-10-12T01:00:00Z,2026-10-12T03:00:00Z"
SOUND = {"good.csv": GOOD, "kept.json": "an older report\n", "kept.csv": "an older report\n"}
OUTPUTS = ("-o", "kept.json", "-o", "kept.csv", "-o", "new.json", "-o", "new.csv", "--rejects", "rejects.csv")


@dataclass(frozen=True)
class Case:
    """Files beside the sound ones, a command, and of each message, in order, the parts that it must have."""

    sentence: str
    command: str
    messages: list[tuple[str, ...]]
    files: Mapping[str, Content] = field(default_factory=dict)


REJECTED = ("logs: 1 of 3 rows cannot be read", "--max-rejected allows 0", "--max-rejected 1", "--rejects FILE")
STATUS = "expected a status from 100 to 599, or '-', 0, -1 or nothing for none"
YEARS = "expected a time of the years 1970 to 2199, but for the first day and the last (UTC)"
ORDER = "expected the year first, or a dialect whose time_format says which of 03 and 10 is the day"
TIME_OF_DAY = "expected a time of day besides the date"
TIMESTAMP = "expected ISO 8601 with a time of day, the common log format, or an epoch number between the years 2000 and"

LOGS = [
    Case(
        "no logs", "", [("No logs given", "Name files, directories or globs, - for standard input, or give a --config")]
    ),
    Case("a missing log", "gone.csv", [("gone.csv: no such file or directory", "Check the path")]),
    Case("a missing Parquet log", "gone.parquet", [("gone.parquet: no such file or directory", "Check the path")]),
    Case("a glob that matches nothing", "2026-*.csv", [("2026-*.csv: no file matches", "Check the path")]),
    Case(
        "a directory without logs",
        "bare",
        [
            (
                "bare: the directory holds no log (.csv, .json, .jsonl, .log (each also rotated, and with .gz or .zst)",
                "or .parquet), but bare/notes.txt Name another place, or these files one by one, with --format.",
            )
        ],
        {"bare/notes.txt": "x"},
    ),
    Case(
        "an unknown suffix",
        "access.tsv",
        [("access.tsv: the suffix '.tsv' does not say what it holds; expected .csv, .json,", "--format")],
        {"access.tsv": GOOD},
    ),
    Case(
        "several logs that are not there, and one that is",
        "gone.csv good.csv *.pq access.tsv",
        [("gone.csv: no such file",), ("*.pq: no file matches",), ("access.tsv: the suffix '.tsv'",)],
        {"access.tsv": GOOD},
    ),
    Case(
        "a column is missing",
        "log.csv",
        [
            (
                "log.csv: no column 'status'; the file has: timestamp, account_id, code",
                "Say which column it is: --column status=NAME, or the same under [columns] in the config",
            )
        ],
        {"log.csv": GOOD.replace("status", "code")},
    ),
    Case(
        "several columns are missing in several files",
        "log.csv log.parquet good.csv",
        [
            ("log.csv: no column 'timestamp'; the file has: time, account_id, code", "--column timestamp=NAME"),
            ("log.csv: no column 'status'", "--column status=NAME"),
            ("log.parquet: no column 'account_id'; the file has: timestamp, status", "--column account_id=NAME"),
        ],
        {
            "log.csv": "time,account_id,code\n",
            "log.parquet": {"timestamp": [1_790_831_167], "status": [200]},
        },
    ),
    Case(
        "a column that was mapped is missing",
        "good.csv --column status=code --column timestamp=date,time",
        [
            ("good.csv: no column 'date' and 'time' (mapped to timestamp); the file has: timestamp,", "timestamp=NAME"),
            ("good.csv: no column 'code' (mapped to status); the file has: timestamp,", "--column status=NAME"),
        ],
    ),
    Case(
        "an optional column that was mapped is missing",
        "good.csv --column content_flag=nsfw",
        [("good.csv: no column 'nsfw' (mapped to content_flag)", "--column content_flag=NAME")],
    ),
    Case(
        "a column is there twice",
        "log.csv",
        [("log.csv: two columns are named 'status'", "Rename one of them")],
        {"log.csv": "timestamp,account_id,status,status\n"},
    ),
    Case(
        "an API is asked for, and the log has no such column",
        "good.csv --api /v1/*",
        [("good.csv: no column 'api'; the file has: timestamp, account_id, status", "--column api=NAME")],
    ),
    Case(
        "an empty file of facts",
        "good.csv --billing empty.csv",
        [("empty.csv: the file is empty; expected a header line", "Leave the file out")],
        {"empty.csv": b""},
    ),
    Case(
        "a file that is not UTF-8",
        "log.csv",
        [("log.csv: not UTF-8: invalid start byte at byte 10", "Convert the file to UTF-8")],
        {"log.csv": b"timestamp,\xb8\xf6,status\n"},
    ),
    Case(
        "a row that is not UTF-8",
        "log.csv",
        [("log.csv: not UTF-8", "Convert the file to UTF-8")],
        {"log.csv": GOOD.encode() + b"2026-10-03T05:06:07Z,\xb8\xf6,200\n"},
    ),
    Case(
        "a quote that is never closed",
        "log.csv",
        [("log.csv, line 4: not CSV: unexpected end of data", "Export the log again")],
        {"log.csv": GOOD + '2026-10-03T05:06:07Z,"B,200\n'},
    ),
    *(
        Case(
            f"{number} quotes in the last column that are never closed",
            "log.csv",
            [(f"log.csv, line {line}: not CSV: {reason}", "Export the log again")],
            {
                "log.csv": GOOD
                + "".join(f'2026-10-03T05:06:0{row}Z,B,"502\n' for row in range(number))
                + "2026-10-03T05:06:07Z,C,200\n" * 3
            },
        )
        for number, line, reason in (
            (1, 4, "unexpected end of data, on line 7"),
            (2, 4, "',' expected after '\"', on line 5"),
            (3, 4, "',' expected after '\"', on line 5"),
        )
    ),
    Case(
        "a log whose name has 300 characters",
        f"{'x' * 300}.csv",
        [("cannot be read: File name too long", "Check the path")],
    ),
    Case(
        "a file that is not Parquet",
        "text.parquet",
        [("text.parquet: cannot be read as Parquet", "Check the file, or leave it out")],
        {"text.parquet": GOOD},
    ),
    Case(
        "an empty Parquet file",
        "empty.parquet",
        [("empty.parquet: cannot be read as Parquet: the file is empty", "Check the file")],
        {"empty.parquet": b""},
    ),
    Case(
        "a timestamp column of a useless type",
        "log.parquet",
        [
            (
                "log.parquet: cannot be read as Parquet: column 'timestamp' is of type date32[day]",
                "expected timestamps, epoch numbers or ISO 8601 text",
                "Export that column as is expected",
            )
        ],
        {"log.parquet": {"timestamp": [date(2026, 10, 1)], "account_id": ["A"], "status": [200]}},
    ),
    Case(
        "an account column of a useless type",
        "log.parquet",
        [("log.parquet", "column 'account_id' is of type double; expected account ids as text or whole numbers")],
        {"log.parquet": {"timestamp": [1_790_831_167], "account_id": [1.5], "status": [200]}},
    ),
]

ROWS = [
    Case(
        "a status in CSV that is none",
        "log.csv",
        [(f"log.csv, line 4: status is '2OO'; {STATUS}",), REJECTED],
        {"log.csv": GOOD + "2026-10-03T05:06:07Z,B,2OO\n"},
    ),
    Case(
        "a status in CSV under another name, after a quoted line break",
        "log.csv --column status=code",
        [(f"log.csv, line 4: code is '99'; {STATUS}",), ("logs: 1 of 2 rows cannot be read (1 for code)",)],
        {"log.csv": 'timestamp,account_id,code\n1790831167,"A\nB",200\n1790831167,B,99\n'},
    ),
    Case(
        "a status in Parquet that is none",
        "log.parquet",
        [(f"log.parquet, row 2: status is '600'; {STATUS}",), REJECTED],
        {"log.parquet": {"timestamp": [1_790_831_167] * 3, "account_id": ["A"] * 3, "status": [200, 600, 200]}},
    ),
    Case(
        "a status in Parquet that is no whole number",
        "log.parquet",
        [(f"log.parquet, row 3: status is '200.5'; {STATUS}",), REJECTED],
        {"log.parquet": {"timestamp": [1_790_831_167] * 3, "account_id": ["A"] * 3, "status": [200.0, 502.0, 200.5]}},
    ),
    Case(
        "a timestamp that is none",
        "log.csv",
        [(f"log.csv, line 4: timestamp is '03.10.2026 05:06:07'; {ORDER}",), REJECTED],
        {"log.csv": GOOD + "03.10.2026 05:06:07,B,200\n"},
    ),
    Case(
        "a timestamp without a time of day",
        "log.csv",
        [(f"log.csv, line 4: timestamp is '2026-10-03'; {TIME_OF_DAY}",), REJECTED],
        {"log.csv": GOOD + "2026-10-03,B,200\n"},
    ),
    Case(
        "an hour without minutes or an offset, after times that Arrow reads by itself",
        "log.csv",
        [(f"log.csv, line 4: timestamp is '2026-10-03T05'; {TIMESTAMP}",), REJECTED],
        {"log.csv": GOOD + "2026-10-03T05,B,200\n"},
    ),
    Case(
        "a hexadecimal number among epoch numbers",
        "log.csv",
        [(f"log.csv, line 4: timestamp is '0x6ABE1B3F'; {TIMESTAMP}",), REJECTED],
        {"log.csv": "timestamp,account_id,status\n1790831167,A,200\n1790831168,A,200\n0x6ABE1B3F,B,200\n"},
    ),
    Case(
        "digits of a timestamp and a status that are not ASCII",
        "log.csv",
        [
            (f"log.csv, line 4: timestamp is '2026-10-03T05:06:\uff10\uff17Z'; {TIMESTAMP}",),
            (f"log.csv, line 5: status is '٢٠٠'; {STATUS}",),
            ("logs: 2 of 4 rows cannot be read (1 for timestamp, 1 for status)",),
        ],
        {"log.csv": GOOD + "2026-10-03T05:06:\uff10\uff17Z,B,200\n2026-10-03T05:06:07Z,B,٢٠٠\n"},
    ),
    Case(
        "timestamps of year 1 and 9999 in CSV",
        "log.csv",
        [
            (f"log.csv, line 4: timestamp is '0001-01-01T00:00:00'; {YEARS}",),
            (f"log.csv, line 5: timestamp is '9999-12-31T23:59:59Z'; {YEARS}",),
            ("logs: 2 of 4 rows cannot be read (2 for timestamp)",),
        ],
        {"log.csv": GOOD + "0001-01-01T00:00:00,B,200\n9999-12-31T23:59:59Z,B,200\n"},
    ),
    Case(
        "timestamps of year 1 and 9999 in Parquet",
        "log.parquet",
        [
            (f"log.parquet, row 1: timestamp is '0001-01-01 00:00:00.000Z'; {YEARS}",),
            (f"log.parquet, row 2: timestamp is '9999-12-31 23:59:59.000Z'; {YEARS}",),
            ("logs: 2 of 3 rows cannot be read (2 for timestamp)",),
        ],
        {
            "log.parquet": {
                "timestamp": pa.array([-62_135_596_800, 253_402_300_799, 1_790_831_167], pa.timestamp("s", "UTC")),
                "account_id": ["A"] * 3,
                "status": [200] * 3,
            }
        },
    ),
    Case(
        "timestamps of year 1 and 9999 without a zone in Parquet",
        "log.parquet",
        [
            (f"log.parquet, row 1: timestamp is '0001-01-01 00:00:00.000000'; {YEARS}",),
            (f"log.parquet, row 2: timestamp is '9999-12-31 23:59:59.000000'; {YEARS}",),
            ("logs: 2 of 3 rows cannot be read (2 for timestamp)",),
        ],
        {
            "log.parquet": {
                "timestamp": pa.array(
                    [second * 10**6 for second in (-62_135_596_800, 253_402_300_799, 1_790_831_167)], pa.timestamp("us")
                ),
                "account_id": ["A"] * 3,
                "status": [200] * 3,
            }
        },
    ),
    Case(
        "a time by the nanosecond in the row of another mistake",
        "log.parquet",
        [(f"log.parquet, row 1: status is '7'; {STATUS}",), ("logs: 1 of 2 rows cannot be read (1 for status)",)],
        {
            "log.parquet": {
                "timestamp": pa.array([1_790_831_167_123_456_789] * 2, pa.timestamp("ns", "UTC")),
                "account_id": ["A"] * 2,
                "status": [7, 200],
            }
        },
    ),
    Case(
        "no timestamp in Parquet",
        "log.parquet",
        [(f"log.parquet, row 1: timestamp is ''; {TIMESTAMP}",), REJECTED],
        {
            "log.parquet": {
                "timestamp": [None, 1_790_831_167, 1_790_831_167],
                "account_id": ["A"] * 3,
                "status": [200] * 3,
            }
        },
    ),
    Case(
        "no account in CSV",
        "log.csv",
        [("log.csv, line 4: account_id is ''; expected the account's id, not empty, '-' or",), REJECTED],
        {"log.csv": GOOD + "2026-10-03T05:06:07Z,,200\n"},
    ),
    Case(
        "no account in Parquet",
        "log.parquet",
        [("log.parquet, row 3: account_id is ''; expected the account's id, not empty, '-' or",), REJECTED],
        {"log.parquet": {"timestamp": [1_790_831_167] * 3, "account_id": ["A", "A", None], "status": [200] * 3}},
    ),
    Case(
        "a row with too few fields",
        "log.csv",
        [("log.csv, line 4: row is 2 fields; expected 3, as in the header",), REJECTED],
        {"log.csv": GOOD + "2026-10-03T05:06:07Z,B\n"},
    ),
    Case(
        "a row with too many fields",
        "log.csv",
        [("log.csv, line 4: row is 4 fields; expected 3, as in the header",), REJECTED],
        {"log.csv": GOOD + "2026-10-03T05:06:07Z,B,200,x\n"},
    ),
    Case(
        "a client-abort flag that is none",
        "log.csv",
        [("log.csv, line 2: client_aborted is 'DC'; expected true or false",), ("logs: 1 of 1 rows cannot be read",)],
        {"log.csv": "timestamp,account_id,status,client_aborted\n1790831167,A,200,DC\n"},
    ),
    Case(
        "bad rows in several files, and one more than is tolerated",
        "a.csv good.csv b.parquet --max-rejected 1",
        [
            ("a.csv, line 4: status is 'x'",),
            ("b.parquet, row 1: status is '7'",),
            ("logs: 2 of 6 rows cannot be read (2 for status); --max-rejected allows 1", "--max-rejected 2"),
        ],
        {
            "a.csv": GOOD + "2026-10-03T05:06:07Z,B,x\n",
            "b.parquet": {"timestamp": [1_790_831_167], "account_id": ["A"], "status": [7]},
        },
    ),
    Case(
        "a share of bad rows above the tolerance; the first five are shown",
        "log.csv --max-rejected 70%",
        [
            *((f"log.csv, line {line}: status is 'x'",) for line in range(4, 9)),
            ("logs: 6 of 8 rows cannot be read (6 for status); --max-rejected allows 70%",),
        ],
        {"log.csv": GOOD + "2026-10-03T05:06:07Z,B,x\n" * 6},
    ),
    Case(
        "a value that would act in a terminal is shown as text",
        "log.csv",
        [(r"log.csv, line 4: status is '\x1b[31m200'",), REJECTED],
        {"log.csv": GOOD + "2026-10-03T05:06:07Z,B,\x1b[31m200\n"},
    ),
]

AMOUNT = "expected an amount of 0 or more, such as 1200.00"
FACTS = [
    Case(
        "a missing facts file",
        "good.csv --accounts a.csv --billing b.parquet",
        [("a.csv: cannot be read: No such file", "Check the path"), ("b.parquet: cannot be read", "Check the path")],
    ),
    Case(
        "a facts file of an unknown kind",
        "good.csv --accounts a.xlsx",
        [("a.xlsx: no .xlsx that can be read: File is not a zip file", "Check the file")],
        {"a.xlsx": "x"},
    ),
    Case(
        "an old workbook",
        "good.csv --accounts a.xls",
        [("a.xls: a workbook (.xls)", "expected .xlsx, CSV, or Parquet", "Save it as .xlsx")],
        {"a.xls": "x"},
    ),
    Case(
        "a key that stands for two accounts",
        "good.csv --alias k.csv",
        [("k.csv, line 3: key 'k', from the beginning on, but line 2 has the same key", "one account for a key")],
        {"k.csv": "key,account\nk,a\nk,b\n"},
    ),
    Case(
        "a facts file without a column",
        "good.csv --billing b.csv",
        [
            (
                "b.csv: no column 'cash_paid'; the file has: account_id, cycle, service_fee",
                'Add the column, or set columns = { cash_paid = "NAME" } in [facts.billing]',
            )
        ],
        {"b.csv": "account_id,cycle,service_fee\n"},
    ),
    Case(
        "a directory of accounts",
        "good.csv --accounts a.d --billing b.csv",
        [("a.d: is a directory; expected one file", "Name the file in it"), ("b.csv: is a directory",)],
        {"a.d/a.csv": ACCOUNTS, "b.csv/b.csv": BILLING},
    ),
    Case(
        "an exclusion in year 9999",
        "good.csv --exclusions e.csv",
        [
            (
                "e.csv, line 2: ends_at is '9999-12-31T23:59:59-08:00'",
                "expected an instant such as 2026-10-09T01:00:00+08:00",
            )
        ],
        {"e.csv": EXCLUSIONS + "N1,3,2026-10-12T03:00:00Z,9999-12-31T23:59:59-08:00,,,\n"},
    ),
    Case(
        "quotes that are never closed in facts",
        "good.csv --accounts a.csv --billing b.csv",
        [
            ("a.csv, line 2: not CSV: unexpected end of data, on line 3", "Mend the file, or export it again"),
            ("b.csv, line 2: not CSV: ',' expected after '\"', on line 3", "Mend the file, or export it again"),
        ],
        {
            "a.csv": ACCOUNTS + 'A,paid,2026-10-01,"\nB,paid,2026-10-01,\n',
            "b.csv": BILLING + 'A,2026-10,1,"1\nB,2026-10,1,"1\n',
        },
    ),
    Case(
        "a row of facts with too few fields",
        "good.csv --accounts a.csv",
        [("a.csv, line 3: 2 fields; expected 4, as in the header",)],
        {"a.csv": ACCOUNTS + "A,paid,2026-10-01,\nB,paid\n"},
    ),
    Case(
        "an account twice",
        "good.csv --accounts a.csv",
        [
            (
                "a.csv, line 3: account_id 'A', from 2026-10-01 on, overlaps line 2",
                "periods of one account that do not overlap",
            )
        ],
        {"a.csv": ACCOUNTS + "A,paid,2026-10-01,\nA,free,2026-10-01,\n"},
    ),
    Case(
        "an unknown plan",
        "good.csv --accounts a.csv",
        [("a.csv, line 2: plan is 'gold'; expected paid or free",)],
        {"a.csv": ACCOUNTS + "A,gold,2026-10-01,\n"},
    ),
    Case(
        "dates that are none",
        "good.csv --accounts a.csv",
        [
            ("a.csv, line 2: applied_on is '2026-02-29'; expected a date such as 2026-10-09",),
            ("a.csv, line 2: expires_on is 'never'; expected a date such as 2026-10-09, or nothing",),
        ],
        {"a.csv": ACCOUNTS + "A,paid,2026-02-29,never\n"},
    ),
    Case(
        "service that ends before it starts",
        "good.csv --accounts a.csv",
        [("a.csv, line 2: expires_on is '2026-09-30'; expected a day not before applied_on",)],
        {"a.csv": ACCOUNTS + "A,paid,2026-10-01,2026-09-30\n"},
    ),
    Case(
        "a negative fee",
        "good.csv --billing b.csv",
        [(f"b.csv, line 2: service_fee is '-1.00'; {AMOUNT}",)],
        {"b.csv": BILLING + "A,2026-10,-1.00,0\n"},
    ),
    Case(
        "two rows for one account and cycle",
        "good.csv --billing b.csv",
        [("b.csv, line 4: account_id and cycle 'A', '2026-10' again; expected once; see line 2",)],
        {"b.csv": BILLING + "A,2026-10,1,1\nA,2026-11,1,1\nA,2026-10,2,2\n"},
    ),
    Case(
        "a cycle that is no month",
        "good.csv --billing b.csv",
        [("b.csv, line 2: cycle is '2026-13'; expected a month such as 2026-10",)],
        {"b.csv": BILLING + "A,2026-13,1,1\n"},
    ),
    Case(
        "amounts as floats",
        "good.csv --billing b.parquet",
        [
            ("b.parquet: column 'service_fee' holds binary floating-point numbers", "decimal, whole number or text"),
            ("b.parquet: column 'cash_paid' holds binary floating-point numbers", "decimal, whole number or text"),
        ],
        {"b.parquet": {"account_id": ["A"], "cycle": ["2026-10"], "service_fee": [1200.5], "cash_paid": [0.1]}},
    ),
    Case(
        "an unknown clause",
        "good.csv --exclusions e.csv",
        [("e.csv, line 2: clause is '13'; expected a cause of the agreement, 1 to 12",)],
        {"e.csv": EXCLUSIONS + f"N1,13,{WINDOW},,,\n"},
    ),
    Case(
        "a window that ends before it starts",
        "good.csv --exclusions e.csv",
        [
            (
                "e.csv, line 2: ends_at is '2026-10-12T01:00:00Z'",
                "expected an instant after starts_at, '2026-10-12T03:00:00Z'",
            )
        ],
        {"e.csv": EXCLUSIONS + "N1,3,2026-10-12T03:00:00Z,2026-10-12T01:00:00Z,,,\n"},
    ),
    Case(
        "several mistakes in several files, all at once",
        "good.csv --accounts a.csv --billing b.csv --exclusions e.csv",
        [
            ("a.csv, line 2: plan is 'gold'",),
            ("a.csv, line 3: account_id 'A', from 2026-10-01 on, overlaps line 2",),
            ("b.csv, line 2: service_fee is '1e3'",),
            ("b.csv, line 2: cash_paid is empty",),
            ("b.csv, line 3: cycle is 'October'",),
            ("e.csv, line 2: clause is empty",),
            ("e.csv, line 3: id 'N1' again",),
            ("e.csv, line 3: starts_at is 'soon'; expected an instant such as 2026-10-09T01:00:00+08:00",),
        ],
        {
            "a.csv": ACCOUNTS + "A,gold,2026-10-01,\nA,paid,2026-10-01,\n",
            "b.csv": BILLING + "A,2026-10,1e3,\nA,October,1,1\n",
            "e.csv": EXCLUSIONS + f"N1,,{WINDOW},,,\nN1,3,soon,2026-10-12T01:00:00Z,,,\n",
        },
    ),
    Case(
        "an exclusion limited to a region, and a log without one",
        "good.csv --exclusions e.csv",
        [("good.csv: no column 'region'; the file has: timestamp, account_id, status", "--column region=NAME")],
        {"e.csv": EXCLUSIONS + f"N1,3,{WINDOW},,,cn-north-1\n"},
    ),
]

USAGE = [
    Case(
        "an unknown contract",
        "good.csv --contract nope",
        [
            (
                "contract 'nope': neither a built-in contract nor a file that can be read",
                "Name one of sla-audit contract list",
            )
        ],
    ),
    Case(
        "a contract file that is not TOML",
        "good.csv --contract my.toml",
        [("my.toml: not a TOML file in UTF-8", "Mend the file")],
        {"my.toml": "objective = high"},
    ),
    Case(
        "an unknown reading",
        "good.csv --reading strict",
        [("--reading: 'strict' is not a reading of jdcloud-smart-compose", "They are: literal, broad")],
    ),
    Case(
        "a cycle that is none",
        "good.csv --cycle 2026-13",
        [("--cycle: '2026-13': expected YYYY-MM, YYYY-MM..YYYY-MM, last, running or all",)],
    ),
    Case(
        "cycles that end before they start",
        "good.csv --cycle 2026-10..2026-09",
        [("--cycle: '2026-10..2026-09': ends before it starts",)],
    ),
    Case(
        "a day that is none", "good.csv --as-of 2026-11-31", [("--as-of: '2026-11-31': expected a day such as 2026-",)]
    ),
    *(
        Case(f"the cycle {cycle}", f"good.csv --cycle {cycle}", [(f"--cycle: '{cycle}': expected YYYY-MM",)])
        for cycle in ("9999-12", "0001-01", "1969-12", "2200-01", "2026-1٠")
    ),
    *(
        Case(
            f"the last cycle as of {day}",
            f"good.csv --cycle last --as-of {day}",
            [(f"--as-of: '{day}': expected a day such as 2026-11-20, from 1970 to 2199",)],
        )
        for day in ("0001-01-15", "1969-12-31", "9999-12-31")
    ),
    Case(
        "a column without a name",
        "good.csv --column status",
        [("--column: 'status': expected canonical=name, such as status=http_status",)],
    ),
    Case(
        "a column that is not canonical",
        "good.csv --column code=status",
        [("--column: 'code' is not a canonical column", "Canonical are: timestamp, account_id, status, content_flag")],
    ),
    Case(
        "three columns for the time",
        "good.csv --column timestamp=a,b,c",
        [("--column: timestamp takes a column, or two (date,time), found 'a,b,c'",)],
    ),
    Case(
        "a tolerance that is none",
        "good.csv --max-rejected some",
        [("--max-rejected: 'some': expected a number of rows, or a share such as 0.1%",)],
    ),
    Case(
        "a tolerance above everything",
        "good.csv --max-rejected 101%",
        [("--max-rejected: '101%': expected a number of rows, or a share",)],
    ),
    Case("no jobs", "good.csv --jobs 0", [("'--jobs': 0 is not in the range 1<=x<=1024",)]),
    Case("an unknown option", "good.csv --colunm status=code", [("No such option '--colunm'", "--column")]),
    Case(
        "an unknown way to show",
        "good.csv --show none",
        [("'--show': 'none' is not one of 'owed', 'breached', 'all'",)],
    ),
    Case("a missing config", "--config gone.toml", [("gone.toml: cannot be read: No such file", "Check the path")]),
    Case(
        "unknown settings and a wrong one in a config",
        "--config c.toml",
        [
            ("c.toml: show: input should be 'owed', 'breached' or 'all', found 'none'",),
            ("c.toml: log: no such setting", "The settings are: logs, format, log_format, dialect"),
            ("c.toml: max-rejected: no such setting", "max_rejected"),
        ],
        {"c.toml": "log = 'good.csv'\nmax-rejected = 1\nshow = 'none'\n"},
    ),
    Case(
        "a wrong column in a config",
        "--config c.toml",
        [("[columns]: 'code' is not a canonical column", "Canonical are: timestamp,")],
        {"c.toml": "logs = 'good.csv'\n[columns]\ncode = 'status'\n"},
    ),
]

PLACES = [
    Case(
        "an output in a directory that does not exist",
        "good.csv -o gone/report.json",
        [("gone/report.json: cannot be written: No such file or directory", "Choose another place")],
    ),
    Case(
        "an output of an unknown kind",
        "good.csv -o report.pdf",
        [("report.pdf: no report format has the suffix '.pdf'", "Choose one of .json, .csv")],
    ),
    Case("an output that is a log", "good.csv -o good.csv", [("good.csv: is an input of this run", "another place")]),
    Case(
        "an output that is a log under another name",
        "./good.csv -o bare/../good.csv",
        [("good.csv: is an input of this run", "Choose another place")],
        {"bare/notes.txt": "x"},
    ),
    Case(
        "an output that is a facts file",
        "good.csv --accounts a.csv -o a.csv",
        [("a.csv: is an input of this run", "Choose another place")],
        {"a.csv": ACCOUNTS},
    ),
    Case(
        "an output that is a directory",
        "good.csv -o dir.json",
        [("dir.json: is a directory", "Choose another place")],
        {"dir.json/notes.txt": "x"},
    ),
    Case(
        "an output named twice",
        "good.csv -o ./new.json",
        [("new.json: is named twice as an output", "Choose another place")],
    ),
    Case(
        "several outputs that cannot be written",
        "good.csv -o gone/a.json -o good.csv -o b.pdf",
        [
            ("b.pdf: no report format has the suffix '.pdf'",),
            ("gone/a.json: cannot be written",),
            ("good.csv: is an input of this run",),
        ],
    ),
]


def with_outputs(command: str) -> list[str]:
    return ["compute", *command.split(), *OUTPUTS]


@pytest.mark.parametrize("case", [*LOGS, *ROWS, *FACTS, *USAGE, *PLACES], ids=lambda case: case.sentence)
def test_nothing_is_written_and_every_mistake_is_named(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(tmp_path, {**SOUND, **case.files})
    monkeypatch.chdir(tmp_path)
    before = everything_in(tmp_path)

    code = run(with_outputs(case.command))

    printed, errors = capsys.readouterr()
    assert code == 2
    assert printed == ""
    assert "Traceback" not in errors
    assert "\x1b" not in errors
    found = messages(errors)
    assert len(found) == len(case.messages), errors
    for message, parts in zip(found, case.messages, strict=True):
        assert all(part in " ".join(message.split()) for part in parts), message
    assert everything_in(tmp_path) == before


ENGLISH = re.compile(r"(?<![-\w./])[A-Za-z]{2,}(?:[ ,;:]+[A-Za-z]{2,}){2,}")
AS_THEY_ARE = re.compile(
    r"""'[^']*'|"[^"]*"|（[^）]*）|sla-audit(?: [a-z-]+)+|[：:] [\w, -]+$|--[\w-]+|"""
    r"""No such file or directory|Is a directory|File name too long|File is not a zip file|"""
    r"""invalid start byte|unexpected end of data|one of .*"""
)
"""Values in quotes, commands, lists of names at the end of a line, and what the system or a library says."""


@pytest.mark.parametrize("case", [*LOGS, *ROWS, *FACTS, *PLACES], ids=lambda case: case.sentence)
def test_mistakes_are_told_in_chinese(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(tmp_path, {**SOUND, **case.files})
    monkeypatch.chdir(tmp_path)

    assert run([*with_outputs(case.command), "--lang", "zh"]) == 2

    errors = capsys.readouterr().err
    assert "错误" in errors
    assert [ENGLISH.findall(AS_THEY_ARE.sub("", line)) for line in errors.splitlines() if line] == [
        [] for line in errors.splitlines() if line
    ]


def test_the_same_command_writes_where_nothing_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without this, a command that never writes anything would pass all the above."""
    lay(tmp_path, SOUND)
    monkeypatch.chdir(tmp_path)

    code = run(with_outputs("good.csv --as-of 2026-11-20"))

    assert code == 0
    assert messages(capsys.readouterr().err) == []
    assert sorted(name for name in everything_in(tmp_path) if not name.startswith(".sla-audit-")) == [
        "good.csv",
        "kept.csv",
        "kept.json",
        "new.csv",
        "new.json",
        "rejects.csv",
    ]
    assert (tmp_path / "kept.json").read_bytes() == (tmp_path / "new.json").read_bytes()
    assert (tmp_path / "kept.csv").read_bytes() == (tmp_path / "new.csv").read_bytes()
    report = json.loads((tmp_path / "kept.json").read_bytes())
    assert (report["schema"], report["rows"]["read"]) == ("sla-audit/report/1", 2)


def test_mistakes_are_shown_even_when_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    code = run(["compute", "gone.csv", "--quiet"])

    assert code == 2
    assert len(messages(capsys.readouterr().err)) == 1


def test_of_very_many_mistakes_the_first_fifty_are_shown_and_the_rest_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lay(tmp_path, {**SOUND, "a.csv": ACCOUNTS + "".join(f"A{row},gold,2026-10-01,\n" for row in range(73))})
    monkeypatch.chdir(tmp_path)

    code = run(["compute", "good.csv", "--accounts", "a.csv"])

    errors = capsys.readouterr().err
    assert code == 2
    assert len(messages(errors)) == 50
    assert errors.endswith("... and 23 more mistakes.\n")


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("compute gone.csv -o new.json", "error: gone.csv: no such file or directory"),
        ("compute good.csv --cycle soon -o new.json", "Invalid value for --cycle: 'soon'"),
        ("compute good.csv -o gone/new.json", "error: gone/new.json: cannot be written"),
        ("compute bad.csv -o new.json", "error: bad.csv, line 2: status is 'x'"),
        ("contract check gone.toml", "error: contract 'gone.toml': neither a built-in contract nor a file"),
        ("settle good.csv", "No such command 'settle'"),
    ],
)
def test_a_shell_sees_exit_code_two(tmp_path: Path, command: str, part: str) -> None:
    lay(tmp_path, {**SOUND, "bad.csv": "timestamp,account_id,status\n1790831167,A,x\n"})
    before = everything_in(tmp_path)

    ended = subprocess.run(
        [sys.executable, "-m", "sla_audit", *command.split()], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 2
    assert ended.stdout == ""
    assert part in ended.stderr
    assert "Traceback" not in ended.stderr
    assert everything_in(tmp_path) == before
