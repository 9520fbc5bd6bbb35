"""LIFECYCLE: what becomes of what was sent."""

from __future__ import annotations

from typing import Final

from queast_compiler.diff.model import ChangeKind

AFTERWARDS_DELETES: Final = ChangeKind(
    "afterwards-deletes",
    "LIFECYCLE",
    "block",
    "moves towards deleting",
    "Checks that what was sent is not changed or taken back where it was left alone before.",
    "What is taken back is gone at the destination.",
)
AFTERWARDS_KEEPS: Final = ChangeKind(
    "afterwards-keeps",
    "LIFECYCLE",
    "info",
    "moves away from deleting",
    "Checks that it is told when what was sent is left alone more than before.",
    "What went out of date stays at the destination.",
    stays=True,
)
MAPPING_REMOVED: Final = ChangeKind(
    "mapping-removed",
    "LIFECYCLE",
    "block",
    "mapping gone",
    "Checks that no mapping is taken out unseen.",
    "Nothing of it is written or taken back any more; what it wrote stays at the destination.",
    stays=True,
)

ALL: Final = (AFTERWARDS_DELETES, AFTERWARDS_KEEPS, MAPPING_REMOVED)
