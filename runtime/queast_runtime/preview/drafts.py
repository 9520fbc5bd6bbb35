"""What is written down of one delivery while it is rehearsed, and how that is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final, assert_never

from queast_runtime.delivery.steps import (
    Ambiguous,
    Answered,
    Came,
    Found,
    KeyGone,
    LookedUp,
    NoLookup,
    NothingToWrite,
    Write,
)
from queast_runtime.engine.payload import Subject
from queast_runtime.matching.decide import Linked, Match
from queast_runtime.ports import Refused, WriteItem, Written
from queast_runtime.ports.ledger import Dead, Delivered, Delivery, Dropped, Ending, Parked, RetryAt, Unknown
from queast_runtime.preview.account import held_words
from queast_runtime.preview.happening import Operation, RouteHappening, State

NOTHING_TO_WRITE: Final = "the record holds it all"
BEHIND: Final = "waits for what was told of the same company before"
_OPERATIONS: Final[dict[str, Operation]] = {"create": "create", "update": "update", "send": "send"}


@dataclass(slots=True)
class Draft:
    """A delivery on its way. `matches` are how its subjects were found, the last word of each."""

    row: Delivery
    matches: dict[str, Match] = field(default_factory=dict)
    state: State = "waiting"
    why: str | None = BEHIND
    came_of_it: Came | None = None
    calls: int = 0

    def watched(self, found: Iterable[tuple[Subject, Match]]) -> None:
        for subject, match in found:
            earlier = self.matches.get(subject.need)
            stored = isinstance(match, Linked) and match.rule == "link"
            # A link that was just made is found stored the next time: how it was made is what is told.
            if not (stored and isinstance(earlier, Linked)):
                self.matches[subject.need] = match

    def came(self, came: Came, calls: int) -> None:
        self.came_of_it = came
        self.calls += calls
        match came:
            case Answered(result=Written()) | NothingToWrite():
                self.state, self.why = "delivered", NOTHING_TO_WRITE if isinstance(came, NothingToWrite) else None
            case Answered(result=Refused(message=message)):
                self.state, self.why = "refused", message
            case Answered() | Found() | Ambiguous() | LookedUp() | NoLookup() | KeyGone():
                self.state, self.why = "waiting", "is matched anew"
            case _:
                assert_never(came)

    def ended(self, ending: Ending) -> None:
        match ending:
            case Parked(needs=needs):
                self.state, self.why = "waiting", ", ".join(needs)
            case RetryAt():
                self.state, self.why = "waiting", "not before another time"
            case Dead(message=message):
                self.state, self.why = "refused", message
            case Dropped(message=message):
                self.state, self.why = "dropped", message
            case Delivered() | Unknown():
                raise AssertionError("preparing a delivery ended it as if it had been sent")
            case _:
                assert_never(ending)


def told(draft: Draft, of: RouteHappening | None = None) -> RouteHappening:
    """Return a delivery's happening; `of` is what admission said of its route."""
    row = draft.row
    base = of or RouteHappening(
        event_id=row.event_id,
        mapping=row.mapping,
        route=row.route,
        object=row.object,
        connection=row.connection,
        entity=row.entity,
        queast_id=row.queast_id,
        decision="admitted",
        reason=None,
    )
    found = list(draft.matches.values())
    match = next((each for each in found if not isinstance(each, Linked)), found[0] if found else None)
    base = replace(base, match=match, state=draft.state, reason=draft.why or base.reason, calls=draft.calls)
    match draft.came_of_it:
        case Answered(step=step, result=Written()):
            return _written(base, step.item, step if isinstance(step, Write) else None)
        case NothingToWrite(compared=compared):
            kept = {each.property: each.why for each in compared.allowed.left}
            return replace(base, partner_id=compared.record.partner_id, kept=kept, same=compared.allowed.same)
        case _:
            return base


def _written(base: RouteHappening, item: WriteItem, step: Write | None) -> RouteHappening:
    operation = _OPERATIONS[item.op]
    if operation == "send":
        return replace(base, operation=operation, body=item.body)
    told_of = replace(
        base, operation=operation, partner_id=item.partner_id, fields=dict(item.values), attached=item.links
    )
    if step is None or step.compared is None:
        return told_of
    allowed, record = step.compared.allowed, step.compared.record
    return replace(
        told_of,
        kept={each.property: each.why for each in allowed.left},
        same=allowed.same,
        replaced=held_words(record.properties, item.values.keys()),
    )
