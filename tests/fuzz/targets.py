"""What is fuzzed: each reader of the program by a name, with the inputs that are changed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz import agreements, facts, logs, saved


@dataclass(frozen=True)
class Target:
    """A reader. `tried` takes an empty folder that it is in, an input and the chances it may take.

    It says what came of the input, and raises where that is wrong. `tokens` are words of the format.
    """

    tried: Callable[[Path, bytes, random.Random], str]
    seeds: tuple[bytes, ...]
    tokens: tuple[bytes, ...] = ()


TARGETS: Mapping[str, Target] = {
    "csv": Target(logs.csv, logs.CSV_SEEDS, logs.TOKENS),
    "json": Target(logs.json_lines, logs.JSON_SEEDS, logs.TOKENS),
    "text": Target(logs.text, logs.TEXT_SEEDS, logs.TEXT_TOKENS),
    "parquet": Target(logs.parquet, logs.PARQUET_SEEDS),
    "parquet-types": Target(logs.parquet_of_types, logs.TYPES_SEEDS, logs.TYPES_TOKENS),
    "packed": Target(logs.packed, logs.PACKED_SEEDS),
    "tally": Target(saved.tally, saved.TALLY_SEEDS),
    "tally-head": Target(saved.tally_head, saved.HEAD_SEEDS, saved.HEAD_TOKENS),
    "report": Target(saved.report, saved.REPORT_SEEDS, saved.REPORT_TOKENS),
    "accounts": Target(facts.accounts, facts.ACCOUNTS_SEEDS, facts.TOKENS),
    "billing": Target(facts.billing, facts.BILLING_SEEDS, facts.TOKENS),
    "exclusions": Target(facts.exclusions, facts.EXCLUSIONS_SEEDS, facts.TOKENS),
    "holidays": Target(facts.holidays, facts.HOLIDAYS_SEEDS, facts.TOKENS),
    "contract": Target(agreements.contract, agreements.CONTRACT_SEEDS, agreements.TOKENS),
    "dialect": Target(agreements.dialect, agreements.DIALECT_SEEDS, agreements.TOKENS),
    "config": Target(agreements.config, agreements.CONFIG_SEEDS, agreements.CONFIG_TOKENS),
}
