"""The catalogues of other languages: `python -m tests.catalogues` makes them again from the code and the templates.

What is new gets an empty entry in the .po file, for a person to fill; run it again then.
"""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from sla_audit.cli.main import cli
from sla_audit.cli.options.spoken import commands, in_paragraphs
from sla_audit.contract.load import built_in_contracts, load_contract
from sla_audit.intake.bytes.documents import LAYOUTS
from sla_audit.intake.dialects.dialect import built_in_dialects, load_dialect
from sla_audit.intake.formats.wrappers import WRAPPERS

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "sla_audit"
PO = PACKAGE / "report" / "locale" / "zh" / "LC_MESSAGES" / "sla_audit.po"
SAID: dict[str, tuple[int, ...]] = {"say": (0,), "of": (0,), "to_say": (0,), "Notice": (0,), "count_of": (1, 2)} | {
    "Sentence": (0,),
    "Problem": (1, 2),
    "Finding": (1,),
    "SenselessEntryError": (0, 1),
    **dict.fromkeys(("ValueError", "UnsoundError", "ArrowInvalid", "UsageError", "BadParameter"), (0,)),
}
"""The functions that take a text to be said, and where."""

Found = Iterator[tuple[str, str | tuple[str, ...]]]


def in_the_code() -> Found:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                texts = [text for at in SAID.get(name, ()) if at < len(node.args) for text in _texts(node.args[at])]
                if name == "count_of" and texts:
                    yield _place(path), tuple(texts)
                else:
                    yield from ((_place(path), text) for text in texts if text)


def _texts(node: ast.expr) -> list[str]:
    """Give the texts that an argument may be."""
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def in_the_templates() -> Found:
    options = {"extensions": "jinja2.ext.i18n", "newstyle_gettext": "true"}
    for path in sorted(PACKAGE.rglob("*.jinja")):
        with path.open("rb") as file:
            for _, function, text, _ in babel_extract(file, ["gettext", "ngettext", "_"], [], options):
                texts = tuple(filter(None, [text] if isinstance(text, str) else text))
                yield _place(path), texts if function == "ngettext" else texts[0]


def in_the_data() -> Found:
    """Find what contracts, dialects and wrappers say in English alone."""
    for name in built_in_contracts():
        contract = load_contract(name)
        yield from ((name, contract.compensation.paid_as), (name, contract.source), (name, contract.time_zone))
        for reading, each in contract.readings.items():
            yield from ((name, reading), (name, each.meaning))
        yield from ((name, clause.how) for clause in contract.clauses)
    for name in built_in_dialects():
        dialect = load_dialect(name)
        yield from ((name, note) for note in dialect.all_notes)
        if dialect.lasted is not None:
            yield name, dialect.lasted.otherwise
    yield from (("wrappers.py", wrapper.name) for wrapper in WRAPPERS)
    yield from (("documents.py", layout) for layout in LAYOUTS)


def in_the_help() -> Found:
    """Find the paragraphs of help, and what each option does."""
    for command in commands(cli):
        said: list[str] = []
        in_paragraphs(command.help or "", lambda text, said=said: said.append(text) or text)  # type: ignore[misc]
        said += [each.help for each in command.params if isinstance(each, click.Option) and each.help]
        yield from (("cli", text) for text in said if text)


def extracted() -> Catalog:
    """Collect every text that is said, and the files that say it: lines would change with every edit."""
    catalog = Catalog(project="sla-audit", version="")
    for place, text in (*in_the_code(), *in_the_templates(), *in_the_data(), *in_the_help()):
        catalog.add(text, locations=[(place, 0)])
    return catalog


def translated() -> Catalog:
    """Read the Chinese catalogue."""
    with PO.open("rb") as file:
        return read_po(file, locale="zh")


def po_bytes(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalog, width=110, omit_header=False, sort_output=True, include_lineno=False)
    return file.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    file = io.BytesIO()
    write_mo(file, catalog)
    return file.getvalue()


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def main() -> None:
    catalog = translated()
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    PO.write_bytes(po_bytes(catalog))
    PO.with_suffix(".mo").write_bytes(mo_bytes(translated()))
    empty = sum(bool(message.id) and not all(_strings(message)) for message in catalog)
    print(f"{len(catalog)} texts, {empty} of them not translated")


def _strings(message: Any) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


if __name__ == "__main__":
    main()
