"""Fixes that many findings offer: another name in the place of a wrong one, an entry left out."""

from __future__ import annotations

from collections.abc import Iterable

from queast_dsl.diagnostics.model import Edit, Fix, Part
from queast_dsl.diagnostics.nearest import only_nearest
from queast_dsl.source import Span


def written(span: Span, text: str) -> Fix:
    """Return the fix that writes `text` in the place of some of a scalar's text."""
    return Fix(f"write `{text}`", (Edit(span, text),))


def left_out(span: Span) -> Fix:
    """Return the fix that leaves out the entry or item whose key or value stands at `span`."""
    return Fix("leave it out", (Edit(span, "", Part.ENTRY),))


def renamed(span: Span, name: str, known: Iterable[str]) -> Fix | None:
    """Return the fix that writes the one known name nearest to `name`, None where there is none or more than one.

    renamed(span of "nmae", "nmae", ["name", "domain"])  ->  write `name`
    """
    near = only_nearest(name, known)
    return None if near is None else written(span, near)
