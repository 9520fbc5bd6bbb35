"""What a claimed delivery needs next, and what came of it: the closed unions between claim, network and record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from queast_compiler.plan.connection import ConnectionPlan, MatchPlan
from queast_runtime.engine.guarding import Allowed
from queast_runtime.engine.payload import Payload, Subject
from queast_runtime.matching.decide import Why
from queast_runtime.ports import Driver, ItemResult, LookupFailed, Reconciled, RemoteRecord, WriteItem
from queast_runtime.ports.ledger import Taken
from queast_runtime.ports.rows import MirrorCard


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lane works. `digest` names the connection plan it works by; `hash_key` keys hashes of what we wrote."""

    tenant: str
    connection: ConnectionPlan
    epoch: int
    digest: str
    hash_key: bytes = field(repr=False)

    @property
    def name(self) -> str:
        return self.connection.connection

    @property
    def account(self) -> str:
        return self.connection.account

    def match(self, object: str) -> MatchPlan | None:
        return next((match for match in self.connection.match if match.object == object), None)


@dataclass(frozen=True, slots=True)
class Bound:
    """What a delivery is carried out by: a plan of its connection, and the driver that was opened over it."""

    place: Place
    driver: Driver


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim with its body read. `bound` is the plan that it was made by, whatever was released since."""

    taken: Taken
    payload: Payload
    bound: Bound

    @property
    def id(self) -> str:
        return self.taken.delivery.id


@dataclass(frozen=True, slots=True)
class Decided:
    """What a link was just made by, as the mirror had it: the `key` of an exact rule, or the whole `card` by name."""

    rule: str
    key: str | None
    card: MirrorCard | None


@dataclass(frozen=True, slots=True)
class Rules:
    """What an update is held to before the record is read. `keep_before`: what the properties hold is kept, because
    the record is not ours alone. `compared` are the properties that matching reads. `decided` is set for the first
    write through a link: the record must still say it."""

    last_written: Mapping[str, str]
    fill_only: bool
    keep_before: bool
    compared: frozenset[str] = frozenset()
    decided: Decided | None = None


@dataclass(frozen=True, slots=True)
class ReadThenWrite:
    """What may be written depends on what the record holds: read it, then write what is allowed."""

    claimed: Claimed
    item: WriteItem
    rules: Rules


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of comparing: `record` as it was read, and what may be written to it."""

    rules: Rules
    record: RemoteRecord
    allowed: Allowed


@dataclass(frozen=True, slots=True)
class Write:
    """Send it as it is. `compared` is set where the record was read before."""

    claimed: Claimed
    item: WriteItem
    compared: Compared | None = None


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


Step = Write | ReadThenWrite | SearchThenWrite | CheckThenWrite | Look


@dataclass(frozen=True, slots=True)
class Answered:
    """The destination's verdict on a write."""

    step: Write | SearchThenWrite | CheckThenWrite
    result: ItemResult


@dataclass(frozen=True, slots=True)
class Found:
    """The live search met exactly one record, as `record` has it."""

    step: SearchThenWrite
    record: RemoteRecord
    rule: str
    evidence: str

    @property
    def partner_id(self) -> str:
        return self.record.partner_id


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

    step: SearchThenWrite | ReadThenWrite
    failed: LookupFailed


@dataclass(frozen=True, slots=True)
class NothingToWrite:
    """The record holds all that it may be given."""

    claimed: Claimed
    compared: Compared


@dataclass(frozen=True, slots=True)
class KeyGone:
    """The record, as it was read, no longer says what its link was just made by; nothing was written."""

    claimed: Claimed
    record: RemoteRecord


Came = Answered | Found | Ambiguous | LookedUp | NoLookup | NothingToWrite | KeyGone


def claimed_of(came: Came) -> Claimed:
    """Return the claim that something came of."""
    match came:
        case NothingToWrite() | KeyGone():
            return came.claimed
        case Answered() | Found() | Ambiguous() | LookedUp() | NoLookup():
            return came.step.claimed
        case _:
            assert_never(came)
