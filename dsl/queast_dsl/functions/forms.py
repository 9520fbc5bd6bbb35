"""Forms: written like functions, but the compiler knows them (their arguments are not all evaluated)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from queast_dsl.functions.model import Example


@dataclass(frozen=True, slots=True)
class Form:
    """`signature` is for people."""

    name: str
    signature: str
    doc: str
    examples: tuple[Example, ...]
    topic: str = "logic"


_ALL: Final[tuple[Form, ...]] = (
    Form(
        "if",
        "if(condition, then, otherwise)",
        "One of two values. A condition that is null counts as false; the branch knows what the condition asked.",
        (Example("if(2 > 1, 'a', 'b')", "a"),),
    ),
    Form(
        "case",
        "case(value, key = result, …, else = result)",
        "The result of the key that equals the value; null where none does and there is no else.",
        (Example("lower('A') | case('a' = 1, 'b' = 2)", 1), Example("case(lower('C'), 'a' = 1, else = 0)", 0)),
    ),
    Form(
        "lookup",
        "lookup(key, table, else = value)",
        "The row of a table of the mapping. Without `else` every value of an enum needs a row; a null key gives null.",
        (),
    ),
    Form(
        "coalesce",
        "coalesce(value, value, …)",
        "The first value that is not null; the same as `??`.",
        (Example("coalesce(null, 'a')", "a"),),
    ),
    Form(
        "default",
        "default(value, fallback)",
        "The value, or the fallback where it is null; the same as `??`.",
        (Example("null | default('a')", "a"),),
    ),
    Form("is_null", "is_null(value)", "Whether a value is null or missing.", (Example("is_null(first([]))", True),)),
    Form(
        "is_present",
        "is_present(value)",
        "Whether a value is neither null nor missing.",
        (Example("is_present(first([]))", False),),
    ),
    Form(
        "changed",
        "changed(path)",
        "Whether a field differs from what this route last delivered; true until something was. Never null.",
        (),
    ),
    Form("now", "now()", "The delivery's clock, a moment in UTC; a replay sees the same.", ()),
)

FORMS: Final[dict[str, Form]] = {form.name: form for form in _ALL}
