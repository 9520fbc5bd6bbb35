"""Check that an entity may leave whole."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.nearest import listed
from queast_dsl.entities import entity, personal_inside
from queast_dsl.source import Located


def check_whole(name: Located[str], granted: frozenset[str], diagnostics: Diagnostics) -> None:
    """A person route without `body:`  ->  an error unless each personal field of a person is granted (D6.3)."""
    if name.value != "person":
        return
    missing = [path for path, _ in personal_inside(entity("person"), "person") if path not in granted]
    if missing:
        diagnostics.report(
            "QM454",
            "the canonical event of a person holds personal data that the mapping has no grant for",
            name.span,
            help=f"write a `body:` with the fields that are meant, or grant in `pii.send`: {listed(missing)}",
        )
