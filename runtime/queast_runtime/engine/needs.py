"""What a delivery must wait for before it is worth claiming."""

from __future__ import annotations

from dataclasses import dataclass

from queast_runtime.engine.payload import Subject
from queast_runtime.ports.ledger import OpKind


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one subject now. `coming` is whether a delivery that would link it is on its way."""

    linked: bool
    mirrored: bool
    coming: bool


def needs_of(kind: OpKind, subjects: tuple[tuple[Subject, Known], ...]) -> tuple[str, ...]:
    """Return needs in order: the mirror for what must be matched, the link for what another delivery will make.

    Without either the delivery is claimed at once, and the attempt matches, links or says why it cannot.
    """
    needs: list[str] = []
    for subject, known in subjects:
        if known.linked:
            continue
        if kind == "create" and known.coming:
            needs.append(subject.need)
        elif not known.mirrored:
            needs.append(f"mirror:{subject.object}")
    return tuple(dict.fromkeys(needs))
