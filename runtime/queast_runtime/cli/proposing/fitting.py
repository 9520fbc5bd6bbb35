"""How a value of ours becomes one that a property holds, exactly as the compiler judges it; None where it cannot."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Final

from rapidfuzz.fuzz import token_sort_ratio

from queast_compiler.passes.properties import Property
from queast_compiler.passes.value_types import holds
from queast_dsl.types import BoolType, DatetimeType, DateType, EnumType, IntType, NumType, StrType
from queast_runtime.cli.proposing.model import Rows, Source
from queast_runtime.cli.proposing.words import words

_TEXTS: Final = ("string", "text", "html", "markdown")
# In percent: two names of an option that are spelt so alike are one, such as a plural.
_ALIKE: Final = 92


@dataclass(frozen=True, slots=True)
class Fit:
    """`expression` is of the property's type; `factor` takes from a score what the way there costs."""

    expression: str
    factor: float
    says: str
    rows: Rows | None = None


def fit(source: Source, property: Property) -> Fit | None:
    """Return how the source fits, None where no value of it could be held. Nothing is converted unseen: the expression
    says it."""
    kind, type_, read = property.type, source.type, source.expression
    if holds(kind, type_) and kind not in ("enumeration", "set", "owner"):
        return _in_length(source, property)
    match type_:
        case EnumType(values=values) if kind == "enumeration":
            rows = _rows(values, property)
            made = f"{read} | lookup({rows.name}, else = null)"
            return Fit(made, 0.95, "name agrees, options by their labels", rows) if len(rows.rows) > 1 else None
        case NumType() if kind == "integer":
            return Fit(f"round_int({read})", 0.95, "name agrees, rounded")
        case DatetimeType() if kind == "date":
            return Fit(f"date_of({read})", 0.95, "name agrees, its day")
        case DateType() if kind == "datetime":
            return Fit(f"start_of_day({read})", 0.9, "name agrees, its midnight")
        case IntType() | NumType() | DateType() | DatetimeType() | BoolType() if kind in _TEXTS:
            return Fit(f"text({read})", 0.9, "name agrees, as text")
        case _:
            return None


def _in_length(source: Source, property: Property) -> Fit:
    limit = property.max_length
    is_text = isinstance(source.type, StrType) and property.overflow == "error"
    if limit is None or not is_text or (source.max_length is not None and source.max_length <= limit):
        return Fit(source.expression, 1.0, "name and type agree")
    return Fit(f"truncate({source.expression}, {limit})", 0.95, "name and type agree, cut to its length")


def _rows(values: tuple[str, ...], property: Property) -> Rows:
    """Rows for those of our values that one option, and no other as well, is called like."""
    spoken = [(each.value, {words(each.label), words(each.value)}) for each in property.options]
    found = {value: _option(words(value), spoken) for value in values}
    rows = {value: option for value, (option, _) in found.items() if option is not None}
    wider = frozenset(value for value, (option, says_more) in found.items() if option is not None and says_more)
    return Rows(_table_name(property), rows, tuple(each for each in values if each not in rows), wider)


def _option(wanted: tuple[str, ...], options: Sequence[tuple[str, Set[tuple[str, ...]]]]) -> tuple[str | None, bool]:
    """The option of the same words; else the only one that is spelt almost so, or says all of them and more; and
    whether it says more.

    `software` is `Computer software` where no other option speaks of software; `manufacturing` is none of several.
    """
    same = [option for option, called in options if any(set(wanted) == set(each) for each in called)]
    wider = [option for option, called in options if any(set(wanted) < set(each) for each in called)]
    joined = " ".join(wanted)
    near = [
        option
        for option, called in options
        if any(token_sort_ratio(joined, " ".join(each)) >= _ALIKE for each in called)
    ]
    if len(same) > 1:
        return None, False
    if near_or_same := same or (near if len(near) == 1 else []):
        return near_or_same[0], False
    return (wider[0], True) if len(wider) == 1 else (None, False)


def _table_name(property: Property) -> str:
    """`industry  ->  industry_options`; a key that is no identifier lends its first signs, so that no two are one."""
    if re.fullmatch(r"[a-z][a-z0-9_]{0,40}", property.name):
        return f"{property.name}_options"
    called = re.sub(r"[^a-z0-9]+", "_", property.label.casefold()).strip("_0123456789")[:30]
    key = re.sub(r"[^a-z0-9]", "", property.name.casefold())[:8]
    return "_".join(each for each in (called or "property", key, "options") if each)
