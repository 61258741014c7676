"""Help and usage errors in the language that is asked for, wherever that stands."""

from __future__ import annotations

import re

import pytest

from sla_audit.cli.options.spoken import language_asked
from tests.program import sla_audit


@pytest.mark.parametrize(
    ("arguments", "variables", "language"),
    [
        ([], {}, "en"),
        (["compute", "--lang", "zh", "--help"], {}, "zh"),
        (["compute", "--help", "--lang=zh"], {}, "zh"),
        (["--help"], {"SLA_AUDIT_LANG": "zh"}, "zh"),
        (["compute", "--lang", "en"], {"SLA_AUDIT_LANG": "zh"}, "en"),
        (["compute", "--lang", "fr"], {}, "en"),
        (["compute", "--lang"], {}, "en"),
        (["compute", "--", "--lang", "zh"], {}, "en"),
    ],
)
def test_the_language_is_told_from_arguments_and_environment(
    arguments: list[str], variables: dict[str, str], language: str
) -> None:
    assert language_asked(arguments, variables) == language


@pytest.mark.parametrize(
    "command", [(), ("compute",), ("claim", "list"), ("dialects",), ("contract", "show")], ids=" ".join
)
def test_help_is_chinese(command: tuple[str, ...]) -> None:
    done = sla_audit(*command, "--help", variables={"SLA_AUDIT_LANG": "zh"})
    assert done.returncode == 0
    assert done.stdout.startswith("用法：")
    examples = re.sub(r"^ +sla-audit .*$", "", done.stdout, flags=re.MULTILINE)
    assert re.findall(r"(?<![-\w.])[a-z]{2,}(?: [a-z]{2,}){2,}", examples) == []


def test_usage_errors_are_chinese() -> None:
    done = sla_audit("compute", "--lang", "zh", "--nope")
    assert done.returncode == 2
    assert "错误：没有这样的选项 '--nope'" in done.stderr


def test_dialects_are_listed_in_chinese() -> None:
    done = sla_audit("dialects", "--lang", "zh", columns=200)
    assert done.stdout.startswith("方言")
    assert "日志不保证完整投递，可能遗漏" in done.stdout
