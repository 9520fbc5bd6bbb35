"""What can be told of two questions about one text without an event: `apart` asks where it would be unsure.

`company.name == 'Acme'`             and `matches(company.name, 'AS$')`       ->  never both: 'Acme' does not match
`starts_with(company.name, 'A')`     and `starts_with(company.name, 'B')`     ->  never both: no text begins with both
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from queast_dsl.functions import REGISTRY, FunctionError

Key = tuple[Any, ...]
_MOST_TEXTS: Final = 64


class Untold:
    """Stands for a value that only an event can tell."""


UNTOLD: Final = Untold()


def is_text_field(term: Key) -> bool:
    """Whether a term is a plain text field of the event, as `apart.key` says it."""
    return bool(term[0] == "Path" and term[-1] == ("str", "str"))


def value_of(term: Key, field: Key, text: str) -> object:
    """Return what a term gives where `field` holds `text`: `lower(company.city)` of 'Oslo'  ->  'oslo'.

    UNTOLD where it reads anything else, or is more than functions of texts.
    """
    if term == field:
        return text
    match term:
        case ("Lit", (_, value)):
            return value
        case ("Call", (_, str(name)), args):
            values = [value_of(arg, field, text) for arg in args]
            if any(value is None or isinstance(value, Untold) for value in values):
                return UNTOLD
            try:
                return REGISTRY[name].python(*values)
            except FunctionError:
                return UNTOLD
        case _:
            return UNTOLD


def none_fits(texts: frozenset[Any], field: Key, others: Mapping[Key, Callable[[object], bool]]) -> bool:
    """Whether no text that a field may hold gives each other term a value that it may have; false where unsure."""
    if len(texts) > _MOST_TEXTS or not all(isinstance(text, str) for text in texts):
        return False
    return not any(
        all(isinstance(value := value_of(term, field, text), Untold) or fits(value) for term, fits in others.items())
        for text in texts
    )


def never_both(one: Key, other: Key) -> bool:
    """Whether two conditions that are calls ask for beginnings, or endings, of which no text has both."""
    match one, other:
        case (
            ("Call", (_, ("starts_with" | "ends_with") as name), (of, ("Lit", (_, str(a))))),
            ("Call", (_, same), (of_other, ("Lit", (_, str(b))))),
        ) if name == same and of == of_other:
            short, long = sorted((a, b), key=len)
            return not (long.startswith(short) if name == "starts_with" else long.endswith(short))
        case _:
            return False
