"""When a connection stops linking by name: too many links were rejected, or too many changed in a day (D3.4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

REVIEWED: Final = 200
LEAST_REVIEWED: Final = 50
REJECTED_SHARE: Final = 0.02
LEAST_CHANGES: Final = 50
CHANGED_SHARE: Final = 0.01


@dataclass(frozen=True, slots=True)
class Healthy:
    """Links may be made."""


@dataclass(frozen=True, slots=True)
class Tripped:
    """No link is made without a person. `reason` is a sentence with the figures."""

    reason: str


Health = Healthy | Tripped


def health(judged: int, rejected: int, changed: int, links: int) -> Health:
    """Judge by how many of the last `judged` links (at most 200 are counted) people `rejected`, by how many links
    `changed` in the last 24 h, and by how many the connection has."""
    if judged >= LEAST_REVIEWED and rejected > REJECTED_SHARE * judged:
        return Tripped(
            f"people rejected {rejected} of the last {judged} links by name that they judged"
            f" (at most {REJECTED_SHARE:.0%})"
        )
    allowed = max(LEAST_CHANGES, int(CHANGED_SHARE * links))
    if changed > allowed:
        return Tripped(f"{changed} links changed within 24 hours (at most {allowed} of {links})")
    return Healthy()
