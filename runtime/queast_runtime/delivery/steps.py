"""What a claimed delivery needs next, and what came of it: the closed unions between claim, network and record."""

from __future__ import annotations

from dataclasses import dataclass

from queast_compiler.plan.connection import ConnectionPlan, MatchPlan
from queast_runtime.engine.payload import Payload, Subject
from queast_runtime.matching.decide import Why
from queast_runtime.ports import ItemResult, LookupFailed, Reconciled, WriteItem
from queast_runtime.ports.ledger import Taken


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lane works. `digest` names the connection plan it works by."""

    tenant: str
    connection: ConnectionPlan
    epoch: int
    digest: str

    @property
    def name(self) -> str:
        return self.connection.connection

    @property
    def account(self) -> str:
        return self.connection.account

    def match(self, object: str) -> MatchPlan | None:
        return next((match for match in self.connection.match if match.object == object), None)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim with its body read."""

    taken: Taken
    payload: Payload

    @property
    def id(self) -> str:
        return self.taken.delivery.id


@dataclass(frozen=True, slots=True)
class Write:
    """Send it as it is."""

    claimed: Claimed
    item: WriteItem


@dataclass(frozen=True, slots=True)
class SearchThenWrite:
    """No record is known: look once at the destination itself, then create. People `rejected` these records for it."""

    claimed: Claimed
    item: WriteItem
    subject: Subject
    match: MatchPlan
    rejected: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CheckThenWrite:
    """An earlier ledger may have written it: look for our reference, then create."""

    claimed: Claimed
    item: WriteItem


@dataclass(frozen=True, slots=True)
class Look:
    """Its last attempt had no answer: find out what became of it, write nothing."""

    claimed: Claimed
    item: WriteItem


Step = Write | SearchThenWrite | CheckThenWrite | Look


@dataclass(frozen=True, slots=True)
class Answered:
    """The destination's verdict on a write."""

    step: Write | SearchThenWrite | CheckThenWrite
    result: ItemResult


@dataclass(frozen=True, slots=True)
class Found:
    """The live search met exactly one record."""

    step: SearchThenWrite
    partner_id: str
    rule: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The live search met what a person must judge."""

    step: SearchThenWrite
    candidates: tuple[str, ...]
    reason: Why


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What reconciliation or the check for an earlier note said."""

    step: Look | CheckThenWrite
    result: Reconciled


@dataclass(frozen=True, slots=True)
class NoLookup:
    """A read before the write failed; nothing was written."""

    step: SearchThenWrite
    failed: LookupFailed


Came = Answered | Found | Ambiguous | LookedUp | NoLookup
