"""What is wrong with a CSV file as a whole: delimiter, quotes, line ends, header, and what stands around the table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import astuple

from tests.pollution.case import CLEAN, Case, Counts, Refused
from tests.pollution.log import COLUMNS, LOG, csv_lines, csv_text, joined

LINES = csv_lines()
HEADER, ROWS = LINES[0], LINES[1:]
NO_TIMESTAMP = "no column 'timestamp'"


def csv_file_cases() -> Iterator[Case]:
    """Yield every case of this kind."""
    yield from _delimiters()
    yield from _quotes()
    yield from _line_ends()
    yield from _headers()
    yield from _around_the_table()


def _text(name: str, text: str, outcome: Counts | Refused, *options: str) -> Case:
    return Case(name, text.encode(), outcome, options=options)


def _written(rows: Sequence[Sequence[str]] = (COLUMNS, *map(astuple, LOG)), **dialect: object) -> str:
    file = io.StringIO()
    csv.writer(file, **{"lineterminator": "\n"} | dialect).writerows(rows)
    return file.getvalue()


def _delimiters() -> Iterator[Case]:
    for name, delimiter, option in (("semicolons", ";", ";"), ("tabs", "\t", "tab"), ("bars", "|", "|")):
        text = csv_text(delimiter=delimiter)
        remedy = "--delimiter tab" if option == "tab" else f"--delimiter '{option}'"
        yield _text(f"{name} between fields, and no word of them", text, Refused(remedy))
        yield _text(f"{name} between fields, and so said", text, CLEAN, "--delimiter", option)
        yield _text(
            f"commas between fields, where {name} are said",
            csv_text(),
            Refused("one column only"),
            "--delimiter",
            option,
        )
    yield _text("carets between fields, and so said", csv_text(delimiter="^"), CLEAN, "--delimiter", "^")
    yield _text("a comma and a space between fields", csv_text(delimiter=", "), Refused("no column 'account_id'"))
    yield _text("two commas between fields", csv_text(delimiter=",,"), CLEAN)
    yield _text("spaces between fields", csv_text(delimiter=" "), Refused(NO_TIMESTAMP))


def _quotes() -> Iterator[Case]:
    yield _text("every field in quotes", _written(quoting=csv.QUOTE_ALL), CLEAN)
    yield _text(
        "every field in quotes, and semicolons",
        _written(quoting=csv.QUOTE_ALL, delimiter=";"),
        CLEAN,
        "--delimiter",
        ";",
    )
    yield _text("the header alone in quotes", '"' + '","'.join(COLUMNS) + '"\n' + joined(ROWS), CLEAN)
    yield _text("every field in single quotes", _written(quoting=csv.QUOTE_ALL, quotechar="'"), Refused(NO_TIMESTAMP))
    yield _text(
        "quotes that a backslash escapes",
        joined([HEADER, ROWS[0], ROWS[1].replace("订单", '"say \\"no\\" ') + '"', *ROWS[2:]]),
        Refused("not CSV: ',' expected after '\"'", "line 3"),
    )
    yield _text(
        "a delimiter that a backslash escapes",
        joined([HEADER, *ROWS[:4], ROWS[4] + "\\, more", *ROWS[5:]]),
        Refused("row is 8 fields", "line 6"),
    )
    notes = {
        "quotes within quotes": 'say "no"',
        "delimiters within quotes": "a, b, c",
        "line breaks within quotes": "two\nlines",
        "line breaks of Windows within quotes": "two\r\nlines",
        "nothing but quotes and delimiters within quotes": '","",""',
        "blank lines within quotes": "\n\n\n",
    }
    for name, note in notes.items():
        yield _text(name, _written((COLUMNS, *((*astuple(row)[:-1], note) for row in LOG))), CLEAN)
    yield _text(
        "quotes amidst fields that have none around", joined([HEADER, *(f'{row} 5" 6"' for row in ROWS)]), CLEAN
    )
    yield _text("quotes of a typesetter", joined([HEADER, *(f"{row} “x” ‘y’" for row in ROWS)]), CLEAN)

    for name, flag in {"two quotes": '""x', "four quotes": '""""x', "three quotes in quotes": '"x"""y"'}.items():
        after = joined([HEADER, *ROWS[:3], ROWS[3].replace("404,,", f"404,{flag},"), *ROWS[4:]])
        yield _text(f"text after {name}", after, Refused("not CSV", "line 5"))
    at_end = joined([HEADER, *ROWS[:9], ROWS[9] + '"x', *ROWS[10:12], ROWS[12] + '"', *ROWS[13:]]).replace(
        "订单 10", "", 1
    )
    yield _text("quotes around rows", at_end, Refused("with a whole row among them", "line 11"))


def _line_ends() -> Iterator[Case]:
    yield _text("line ends of Windows", joined(LINES, "\r\n"), CLEAN)
    yield _text("line ends of old Macs", joined(LINES, "\r"), Refused("lines end with CR alone"))
    yield _text("line ends of old Macs in the rows alone", HEADER + "\n" + joined(ROWS, "\r"), CLEAN)
    yield _text(
        "line ends of all kinds",
        HEADER + "\n" + "".join(row + ("\n", "\r\n", "\r")[at % 3] for at, row in enumerate(ROWS)),
        CLEAN,
    )
    yield _text("no end of the last line", csv_text().removesuffix("\n"), CLEAN)
    yield _text("blank lines at the end", csv_text() + "\n\n\n", CLEAN)
    yield _text("a blank line after each", joined(LINES, "\n\n"), CLEAN)
    yield _text(
        "two carriage returns before each line feed", joined(LINES, "\r\r\n"), Refused("lines end with CR alone")
    )
    yield _text("the mark of DOS at the end", csv_text() + "\x1a", Refused("row is 1 fields", "line 32"))
    for name, character in {
        "a form feed": "\f",
        "a vertical tab": "\v",
        "NEL": "\x85",
        "a line separator": "\u2028",
    }.items():
        yield _text(f"{name} within fields", joined([HEADER, *(f"{row}{character}x" for row in ROWS)]), CLEAN)


def _headers() -> Iterator[Case]:
    yield _text("no header", joined(ROWS), Refused(NO_TIMESTAMP))
    yield _text("nothing but a header", HEADER + "\n", Counts(rows=()))
    yield _text("nothing but a header without a line end", HEADER, Counts(rows=()))
    yield _text("no byte at all", "", Counts(rows=()))
    yield _text("nothing but blank lines", "\n\n\n", Counts(rows=()))
    yield _text("nothing but a byte order mark", "\ufeff", Counts(rows=()))
    yield _text("nothing but spaces", "   ", Refused(NO_TIMESTAMP))
    yield _text("a header in capitals", csv_text().replace(HEADER, HEADER.upper()), Refused(NO_TIMESTAMP))
    yield _text(
        "a header in capitals, and so said",
        csv_text().replace(HEADER, HEADER.upper()),
        CLEAN,
        *(part for name in COLUMNS[:-1] for part in ("--column", f"{name}={name.upper()}")),
    )
    yield _text("a header that is cut", csv_text().replace(HEADER, HEADER[:25]), Refused("no column 'status'"))
    yield _text(
        "a header of fewer columns than the rows have",
        csv_text().replace(",api,note", ",api"),
        Refused("row is 7 fields", "line 2"),
    )
    yield _text(
        "a header of more columns than the rows have",
        csv_text().replace(",api,note", ",api,note,more"),
        Refused("row is 7 fields", "line 2"),
    )
    yield _text(
        "a needed column named twice", csv_text().replace(",note", ",status"), Refused("two columns are named 'status'")
    )
    yield _text(
        "a column that nobody reads named twice", joined([f"{HEADER},note", *(f"{row},x" for row in ROWS)]), CLEAN
    )
    yield _text("columns without a name", joined([f"{HEADER},,", *(f"{row},," for row in ROWS)]), CLEAN)
    yield _text(
        "a line of units under the header",
        joined([HEADER, "UTC,text,code,text,bool,text,text", *ROWS]),
        Refused("timestamp is 'UTC'", "line 2"),
    )
    for name, at in {"at the top": 1, "in the middle": 15, "at the end": 31}.items():
        yield _text(
            f"the header again {name}",
            joined([*LINES[:at], HEADER, *LINES[at:]]),
            Refused("row is the header again", f"line {at + 1}"),
        )
        other = "status,timestamp,account_id,content_flag,client_aborted,api,note"
        yield _text(
            f"the header of another file {name}",
            joined([*LINES[:at], other, *LINES[at:]]),
            Refused("timestamp is 'status'", f"line {at + 1}"),
        )
    yield _text(
        "a header that spans two lines",
        csv_text().replace("account_id,status", "account_id\n,status"),
        Refused("no column 'status'"),
    )
    for quotes in ('"', '"""', '"x"y"'):
        odd = csv_text().replace("note", f"no{quotes}te", 1)
        yield _text(f"an odd number of quotes in the header: {quotes}", odd, CLEAN)
    wide = [f"extra_{number}" for number in range(5000)]
    yield _text(
        "five thousand columns", joined([",".join((HEADER, *wide)), *(row + ",x" * 5000 for row in ROWS)]), CLEAN
    )
    yield _text(
        "a header of two megabytes", "x" * (2 << 20) + csv_text(), Refused("the first line does not end within")
    )


def _around_the_table() -> Iterator[Case]:
    yield _text("a title before the header", "Access log of October\n" + csv_text(), Refused(NO_TIMESTAMP))
    yield _text("a title and a blank line before the header", "Access log\n\n" + csv_text(), Refused(NO_TIMESTAMP))
    yield _text("a blank line before the header", "\n" + csv_text(), Refused("no header in the first line"))
    yield _text("a comment before the header", "# made by a gateway\n" + csv_text(), Refused(NO_TIMESTAMP))
    yield _text("a spreadsheet's word on the delimiter", "sep=,\n" + csv_text(), Refused(NO_TIMESTAMP))
    for name, line in {
        "a sum": "Total,30",
        "a count": "(30 rows)",
        "a comment": "# end",
        "a line of delimiters": ",,,,,,",
    }.items():
        found = "timestamp is ''" if line == ",,,,,," else "fields"
        yield _text(f"{name} below the rows", csv_text() + line + "\n", Refused(found, "line 32"))
    same = csv_text().replace("2026-10", "2026-09")
    yield _text(
        "a second table of the same columns", csv_text() + "\n" + same, Refused("row is the header again", "line 33")
    )
    yield _text("a second table of fewer columns", csv_text() + "\na,b\n1,2\n", Refused("row is 2 fields", "line 33"))
    yield _text(
        "a second table of more columns",
        csv_text() + "\na,b,c,d,e,f,g,h\n" + "1,2,3,4,5,6,7,8\n",
        Refused("row is 8 fields", "line 33"),
    )
    yield _text("a second table beside the first", joined(f"{line},,x,y" for line in LINES), CLEAN)
    yield _text(
        "a mark of the diff that failed to merge",
        joined([*LINES[:9], "<<<<<<< ours", *LINES[9:]]),
        Refused("row is 1 fields", "line 10"),
    )
