"""How the store's short codes are said to a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from queast_runtime.ports.store import Snapshot


def reason(code: str | None) -> str:
    """`stale_sequence` -> `stale sequence`; what follows a colon names fields and is left as it is."""
    if not code:
        return ""
    name, colon, detail = code.partition(":")
    return name.replace("_", " ") + colon + detail


def needs(codes: Sequence[str]) -> str:
    """`("review:companies:c-1",)` -> `waits for a person to decide which of companies is c-1`."""
    return "waits for " + ", and ".join(map(_need, codes)) if codes else "waits"


def counted(number: int, noun: str) -> str:
    """`counted(2, "mapping")` -> `2 mappings`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _need(code: str) -> str:
    kind, _, rest = code.partition(":")
    object, _, identity = rest.partition(":")
    match kind:
        case "review":
            return f"a person to decide which of {object} is {identity}"
        case "link":
            return f"{identity} to be in {object}"
        case "claim":
            return f"what becomes of {identity}, which would make the same record in {object}"
        case "mirror":
            return f"the list of {object} to be read"
        case "plan":
            return f"the plan that it was made by to be put back: {rest}"
        case _:
            return code


def held_creations(view: Snapshot, tenant: str, connection: str, now: datetime) -> list[str]:
    """Say which mappings of a connection wait for another day, because they made as many records as they may in one."""
    # What sends is large, and most of what words are put here for sends nothing.
    from queast_runtime.delivery.rails import HELD

    said: list[str] = []
    for name, fact in sorted(view.facts(tenant, connection).items()):
        if name.startswith(HELD) and datetime.fromisoformat(fact["until"]) > now:
            said.append(
                f"mapping {fact['mapping']} made the {fact['limit']} records that it may on {fact['day']};"
                f" further ones wait until {fact['until']}"
            )
    return said
