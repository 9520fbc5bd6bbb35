"""One line of the benchmarks' output."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """`goal` is what `value` must reach, None where it is only shown; `ok` whether it does."""

    name: str
    value: float
    unit: str
    goal: str | None = None
    ok: bool = True

    def line(self) -> str:
        return json.dumps(asdict(self))


def at_least(name: str, value: float, unit: str, bound: float) -> Row:
    return Row(name, round(value, 3), unit, f">= {bound:g}", value >= bound)


def at_most(name: str, value: float, unit: str, bound: float) -> Row:
    return Row(name, round(value, 3), unit, f"<= {bound:g}", value <= bound)
