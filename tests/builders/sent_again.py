"""Requests that are logged again, as gateways do that try again."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from tests.oracles.judgement import Row


def sent_again(listed: Sequence[Row], chance: random.Random) -> list[Row]:
    """Give requests ids, and log some of them again, next to others or far from them."""
    named = [replace(row, request_id=f"r{at}") if chance.random() < 0.8 else row for at, row in enumerate(listed)]
    again = [row for row in named if row.request_id and chance.random() < 0.3]
    return [*named, *again, *chance.sample(again, len(again) // 2)]
