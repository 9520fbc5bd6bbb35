"""What the review page needs to see and do, for one tenant: the page knows no store.

A `ReviewDesk` is opened for a tenant and cannot name another: an id of somebody else's is an id that is not there. What
it returns for a blind sample that is still open holds neither a score nor evidence nor what the engine decided, so
that no template can let it slip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, Protocol, TypeVar

from queast_runtime.security.roles import Caller

T = TypeVar("T")

Kind = Literal["match", "sample", "inbound"]
Choice = Literal["link", "create", "reject", "skip", "unsure"]
BulkChoice = Literal["link", "reject", "skip", "unsure"]
Empty = Literal["no_candidate", "look_up_failed", "not_looked_up"]
Standing = Literal["established", "inferred"]
Verdict = Literal["for", "against", "neutral", "veto"]

# So many cases go through one bulk action at most; the domain holds the same bound.
BULK_CAP = 100


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one rule saw. `contribution` is what it added to (or took from) a score of 0 to 1; None is a rule that has
    no number, as a veto."""

    rule: str
    ours: str | None
    theirs: str | None
    contribution: float | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record of theirs. `fields` by name (`name`, `domain`, `country`, `city` …), as the CRM has them."""

    partner_id: str
    fields: Mapping[str, str]
    score: float | None
    rule: str | None
    evidence: tuple[Evidence, ...]
    url: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that stands. `partner_id` is set for `link`, and for `reject` of one candidate."""

    choice: Choice | Literal["withdrawn"]
    partner_id: str | None
    actor: str
    role: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Engine:
    """What the engine had decided about a blind sample; shown once somebody answered."""

    partner_id: str
    rule: str
    score: float | None


@dataclass(frozen=True, slots=True)
class Today:
    """How the rules in force now would decide a case. `same_plan`: they are those that opened it."""

    same_plan: bool
    would: Literal["link", "review", "nothing"]
    because: str


@dataclass(frozen=True, slots=True)
class Case:
    """A match that waits for a person, or did. `subject` is our side. `empty` says why there are no candidates (and
    `empty_said` in whose words), and is None where there are some. `engine` is what was decided about a sample that is
    answered. `waiting` counts deliveries that wait for the answer. `undoable`: something is there to take back.
    `sender_record` is how the sender of a call names the company's record."""

    id: str
    version: int
    kind: Kind
    connection: str
    account: str
    object: str
    queast_id: str
    reason: str
    subject: Mapping[str, str]
    candidates: tuple[Candidate, ...]
    empty: Empty | None
    mapping: str
    plan_digest: str
    created_at: datetime
    put_off_at: datetime | None
    unsure_by: str | None
    answer: Given | None
    engine: Engine | None = None
    waiting: int = 0
    empty_said: str | None = None
    undoable: bool = False
    sender_record: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the append-only history: of a case, or of a link. `detail` is a sentence without personal data."""

    at: datetime
    actor: str
    action: Literal["opened", "answered", "put_off", "unsure", "changed", "undone", "linked", "unlinked", "confirmed"]
    case_id: str | None
    object: str
    queast_id: str
    partner_id: str | None
    detail: str


@dataclass(frozen=True, slots=True)
class Match:
    """A link as the list of all matches shows it. `name` is ours, `partner_name` theirs, where they are known. While a
    blind sample about it is open, `blind_case` is that case, and record, rule and score are left out."""

    connection: str
    account: str
    object: str
    queast_id: str
    partner_id: str
    name: str | None
    partner_name: str | None
    rule: str
    score: float | None
    standing: Standing
    actor: str
    at: datetime
    url: str | None
    blind_case: str | None = None


@dataclass(frozen=True, slots=True)
class MatchDetail:
    """One link, the evidence it was made on, and all that happened to it, newest first. Without `stands` it was taken
    down, and is shown as it was."""

    match: Match
    plan_digest: str
    evidence: tuple[Evidence, ...]
    confirmed_by: str | None
    steps: tuple[Step, ...]
    stands: bool = True


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows and the cursor of the next page, None at the end."""

    rows: tuple[T, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class QueueFilter:
    connection: str | None = None
    kind: Kind | None = None
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class MatchFilter:
    connection: str | None = None
    standing: Standing | None = None
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """Where a case stands in the queue. `position` counts from 1 and is None for a case that is not in it;
    `total` is of the filter; `previous` and `next` are ids."""

    position: int | None
    total: int
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class Count:
    connection: str
    kind: Kind
    open: int


@dataclass(frozen=True, slots=True)
class Stats:
    """`median_seconds` from opening to answer; `blind_agreed` of `blind_answered` samples said what the engine said."""

    open: tuple[Count, ...]
    answered: Mapping[str, int]
    median_seconds: float | None
    blind_answered: int
    blind_agreed: int

    @property
    def open_total(self) -> int:
        return sum(each.open for each in self.open)


@dataclass(frozen=True, slots=True)
class Pick:
    """A case as somebody saw it."""

    case_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What a bulk action would do with one case; `refused` is the sentence why it would do nothing. `refused` is set
    for a blind sample too: it is answered by looking at it."""

    pick: Pick
    title: str
    effect: str
    partner_id: str | None
    refused: str | None


@dataclass(frozen=True, slots=True)
class Done:
    """It is kept. `effect` says what follows, `stays` what cannot be taken back in the CRM (or is None). `pick` is the
    case as it is now, for undoing; None where no case was meant."""

    effect: str
    stays: str | None
    pick: Pick | None


@dataclass(frozen=True, slots=True)
class Stale:
    """Somebody changed the case since it was shown; `case` is as it stands now. Nothing was done."""

    case: Case


@dataclass(frozen=True, slots=True)
class Refused:
    """The case stands as it was shown, and this answer does not fit it; `sentence` says why and what instead."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """There is no such case or link of this tenant."""


Outcome = Done | Stale | Refused | Unknown


class ReviewDesk(Protocol):
    """The desk of one tenant. Every call is one transaction, may block on the database, and is safe from any thread."""

    def queue(self, where: QueueFilter, after: str | None, limit: int) -> Page[Case]:
        """Open cases in the order in which they should be decided: put-off ones last."""
        ...

    def around(self, case_id: str, where: QueueFilter) -> Around: ...

    def case(self, case_id: str) -> Case | None: ...

    def answer(
        self, case_id: str, version: int, choice: Choice, partner_id: str | None, caller: Caller, note: str
    ) -> Outcome: ...

    def undo(self, case_id: str, version: int, caller: Caller, *, revert: bool) -> Outcome:
        """Take the newest answer back; with `revert` restore what was written through a link that goes by that."""
        ...

    def bulk_preview(self, picks: Sequence[Pick], choice: BulkChoice) -> tuple[Planned, ...] | Refused:
        """Say for each pick what would happen; nothing is written. Refused for more than BULK_CAP picks."""
        ...

    def bulk(
        self, picks: Sequence[Pick], choice: BulkChoice, caller: Caller
    ) -> tuple[tuple[Pick, Outcome], ...] | Refused:
        """Answer each pick for itself: one that is stale or refused leaves the others done."""
        ...

    def steps(self, case_id: str | None, after: str | None, limit: int) -> Page[Step]:
        """The history, newest first: of one case, or of all cases and links."""
        ...

    def matches(self, where: MatchFilter, after: str | None, limit: int) -> Page[Match]: ...

    def match(self, account: str, object: str, queast_id: str) -> MatchDetail | None: ...

    def unlink(
        self, account: str, object: str, queast_id: str, partner_id: str, *, revert: bool, caller: Caller, note: str
    ) -> Outcome:
        """Take a link down if it still names that record; with `revert` restore what nobody changed since."""
        ...

    def would_change(self, case_id: str) -> Today | None: ...

    def stats(self) -> Stats: ...

    def connections(self) -> tuple[str, ...]: ...

    def can_revert(self) -> bool:
        """Whether fields can be restored from here; the pages do not offer it otherwise."""
        ...
