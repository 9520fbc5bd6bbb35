"""Check that an entity may leave whole, and what of it stays."""

from __future__ import annotations

from queast_dsl.diagnostics.model import Diagnostics
from queast_dsl.diagnostics.nearest import listed
from queast_dsl.entities import entity, event_data, personal_inside
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


def withheld(name: str, granted: frozenset[str]) -> tuple[str, ...]:
    """Return the event paths that the canonical event of an entity leaves out: personal, and without a grant.

    `withheld("signal", frozenset())  ->  ("signal.mentions", "signal.mentions.person_id")`
    """
    inside = [path for root, _ in event_data(name) for path, _ in personal_inside(entity(root), root)]
    return tuple(sorted(path for path in inside if path not in granted))
