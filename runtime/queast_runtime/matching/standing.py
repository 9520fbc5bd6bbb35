"""How far a link is to be trusted, by the rule that made it."""

from __future__ import annotations

from typing import Final

from queast_runtime.ports.rows import Standing

# Our id in their record, a key that only one record has, a record that we made, a person's word.
_ESTABLISHED: Final = frozenset({"link", "external_id", "domain", "email", "created", "review"})


def standing_of(rule: str) -> Standing:
    """`domain`  ->  `established`; `name`  ->  `inferred`, and so is whatever rule comes later."""
    return "established" if rule in _ESTABLISHED else "inferred"
