"""A review desk in memory: what the pages need, with the rules that they rely on, and nothing stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from queast_runtime.security.roles import Caller
from queast_runtime.web.desk import (
    BULK_CAP,
    Around,
    BulkChoice,
    Candidate,
    Case,
    Choice,
    Count,
    Done,
    Engine,
    Evidence,
    Given,
    Match,
    MatchDetail,
    MatchFilter,
    Outcome,
    Page,
    Pick,
    Planned,
    QueueFilter,
    Refused,
    Stale,
    Stats,
    Step,
    Today,
    Unknown,
)

START = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class MovedClock:
    """A clock that stands until it is moved."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass(slots=True)
class MemoryDesk:
    """The desk of one tenant. `steps_kept` and `links` are for a test to look at."""

    clock: MovedClock
    cases: dict[str, Case] = field(default_factory=dict)
    links: dict[tuple[str, str, str], MatchDetail] = field(default_factory=dict)
    steps_kept: list[Step] = field(default_factory=list)
    rejected: dict[str, set[str]] = field(default_factory=dict)
    today: Today | None = None

    def add(self, case: Case) -> Case:
        self.cases[case.id] = case
        self._step("opened", case, "engine", None, case.reason)
        return case

    def queue(self, where: QueueFilter, after: str | None, limit: int) -> Page[Case]:
        rows = self._open(where)
        start = next((at + 1 for at, each in enumerate(rows) if each.id == after), 0)
        page = rows[start : start + limit]
        return Page(tuple(page), page[-1].id if start + limit < len(rows) else None)

    def around(self, case_id: str, where: QueueFilter) -> Around:
        ids = [each.id for each in self._open(where)]
        if case_id not in ids:
            return Around(None, len(ids), None, ids[0] if ids else None)
        at = ids.index(case_id)
        return Around(at + 1, len(ids), ids[at - 1] if at else None, ids[at + 1] if at + 1 < len(ids) else None)

    def case(self, case_id: str) -> Case | None:
        return self.cases.get(case_id)

    def answer(
        self, case_id: str, version: int, choice: Choice, partner_id: str | None, caller: Caller, note: str
    ) -> Outcome:
        case = self.cases.get(case_id)
        if case is None:
            return Unknown()
        if case.version != version or case.answer is not None:
            return Stale(case)
        known = {each.partner_id for each in case.candidates}
        if partner_id is not None and partner_id not in known:
            return Refused("that record is no candidate of this case")
        given = Given(choice, partner_id, f"web:{caller.subject}", caller.role, self.clock.now(), note)
        match choice:
            case "link":
                changed = replace(case, answer=given)
                effect = f"linked to {partner_id}; what waited goes on"
            case "create":
                changed, effect = replace(case, answer=given), "a new record is made"
            case "reject":
                self.rejected.setdefault(case.id, set()).update({partner_id} if partner_id else known)
                left = tuple(each for each in case.candidates if each.partner_id not in self.rejected[case.id])
                changed = replace(case, candidates=left, answer=None if left else given)
                effect = f"rejected; {len(left)} candidates are left" if left else "rejected; it is matched anew"
            case "skip":
                changed, effect = replace(case, put_off_at=self.clock.now()), "put to the end of the queue"
            case "unsure":
                actor = f"web:{caller.subject}"
                changed = replace(case, put_off_at=self.clock.now(), unsure_by=actor)
                effect = "marked unsure and put to the end of the queue"
        changed = replace(changed, version=case.version + 1, undoable=True)
        self.cases[case.id] = changed
        self._step("answered", changed, given.actor, partner_id, f"{choice}: {effect}")
        return Done(effect, None, Pick(case.id, changed.version))

    def undo(self, case_id: str, version: int, caller: Caller, *, revert: bool) -> Outcome:
        case = self.cases.get(case_id)
        if case is None:
            return Unknown()
        if case.version != version:
            return Stale(case)
        if case.answer is None and case.put_off_at is None:
            return Refused("there is no answer to undo")
        changed = replace(case, answer=None, put_off_at=None, unsure_by=None, undoable=False, version=version + 1)
        self.cases[case.id] = changed
        self._step("undone", changed, f"web:{caller.subject}", None, "the case is open again")
        effect = "undone; the case is open again" + (", and 3 fields are restored" if revert else "")
        return Done(effect, "deliveries that were made stay", Pick(case.id, version + 1))

    def bulk_preview(self, picks: Sequence[Pick], choice: BulkChoice) -> tuple[Planned, ...] | Refused:
        if len(picks) > BULK_CAP:
            return Refused(f"at most {BULK_CAP} at once")
        return tuple(self._planned(each, choice) for each in picks)

    def bulk(
        self, picks: Sequence[Pick], choice: BulkChoice, caller: Caller
    ) -> tuple[tuple[Pick, Outcome], ...] | Refused:
        done: list[tuple[Pick, Outcome]] = []
        for pick in picks:
            plan = self._planned(pick, choice)
            done.append(
                (
                    pick,
                    Refused(plan.refused)
                    if plan.refused
                    else self.answer(pick.case_id, pick.version, choice, plan.partner_id, caller, ""),
                )
            )
        return tuple(done)

    def steps(self, case_id: str | None, after: str | None, limit: int) -> Page[Step]:
        rows = [each for each in reversed(self.steps_kept) if case_id in (None, each.case_id)]
        start = int(after or 0)
        return Page(tuple(rows[start : start + limit]), str(start + limit) if start + limit < len(rows) else None)

    def matches(self, where: MatchFilter, after: str | None, limit: int) -> Page[Match]:
        rows = [
            each.match
            for each in self.links.values()
            if where.connection in (None, each.match.connection)
            and where.standing in (None, each.match.standing)
            and where.rule in (None, each.match.rule)
        ]
        start = int(after or 0)
        return Page(tuple(rows[start : start + limit]), str(start + limit) if start + limit < len(rows) else None)

    def match(self, account: str, object: str, queast_id: str) -> MatchDetail | None:
        return self.links.get((account, object, queast_id))

    def unlink(
        self, account: str, object: str, queast_id: str, partner_id: str, *, revert: bool, caller: Caller, note: str
    ) -> Outcome:
        found = self.links.get((account, object, queast_id))
        if found is None:
            return Unknown()
        if found.match.partner_id != partner_id:
            return Refused(f"the link names {found.match.partner_id} now")
        del self.links[account, object, queast_id]
        return Done("the link is down" + (" and 3 fields are restored" if revert else ""), None, None)

    def would_change(self, case_id: str) -> Today | None:
        return self.today

    def stats(self) -> Stats:
        counts: dict[tuple[str, str], Count] = {}
        for each in self._open(QueueFilter()):
            before = counts.get((each.connection, each.kind))
            counts[each.connection, each.kind] = Count(each.connection, each.kind, (before.open if before else 0) + 1)
        answered: dict[str, int] = {}
        for each in self.cases.values():
            if each.answer is not None:
                answered[each.answer.choice] = answered.get(each.answer.choice, 0) + 1
        return Stats(tuple(counts.values()), answered, 14.0 if answered else None, 0, 0)

    def connections(self) -> tuple[str, ...]:
        return tuple(sorted({each.connection for each in self.cases.values()}))

    def can_revert(self) -> bool:
        return True

    def _open(self, where: QueueFilter) -> list[Case]:
        rows = [
            each
            for each in self.cases.values()
            if each.answer is None
            and where.connection in (None, each.connection)
            and where.kind in (None, each.kind)
            and (not where.unsure or each.unsure_by is not None)
        ]
        return sorted(rows, key=lambda each: (each.put_off_at or datetime.min.replace(tzinfo=UTC), each.created_at))

    def _planned(self, pick: Pick, choice: BulkChoice) -> Planned:
        case = self.cases.get(pick.case_id)
        if case is None:
            return Planned(pick, pick.case_id, "", None, "there is no such case")
        title = case.subject.get("name", case.queast_id)
        if case.version != pick.version:
            return Planned(pick, title, "", None, "it changed since it was picked")
        if case.kind == "sample":
            return Planned(pick, title, "", None, "a blind check is answered by looking at it")
        best = case.candidates[0].partner_id if len(case.candidates) == 1 else None
        if choice == "link" and best is None:
            return Planned(pick, title, "", None, "it has not exactly one candidate")
        return Planned(pick, title, f"{choice} {best or ''}", best if choice == "link" else None, None)

    def _step(self, action: str, case: Case, actor: str, partner_id: str | None, detail: str) -> None:
        self.steps_kept.append(
            Step(
                self.clock.now(),
                actor,
                action,  # type: ignore[arg-type]
                case.id,
                case.object,
                case.queast_id,
                partner_id,
                detail,
            )
        )


def candidate(
    partner_id: str, name: str, *, score: float | None = 0.91, ours: str = "nordic data", **fields: str
) -> Candidate:
    """A record of theirs that resembles ours by name, with the evidence for it; one of another country is vetoed."""
    country = fields.get("country", "NO")
    return Candidate(
        partner_id,
        {"name": name, **fields},
        score,
        "name",
        (
            Evidence("name", ours, name.lower(), 0.84, "for"),
            Evidence("support", None, "s", 0.07, "for"),
            Evidence("legal_form", "as", "as", None, "for"),
            Evidence("country", "NO", fields.get("country", "NO"), None, "for" if country == "NO" else "against"),
            Evidence("city", "oslo", None, None, "neutral"),
            *((Evidence("letters", "nordic", "nordisk", -0.62, "veto"),) if country != "NO" else ()),
            Evidence("runner_up", name.lower(), "nordisk data", None, "for"),
        ),
        f"https://app.hubspot.com/contacts/1/company/{partner_id}",
    )


def case_of(id: str, name: str = "Nordic Data AS", **changes: object) -> Case:
    """A case of acme's HubSpot with two candidates."""
    base = Case(
        id=id,
        version=1,
        kind="match",
        connection="hubspot-main",
        account="acct-1",
        object="companies",
        queast_id=f"c_{id}",
        reason="two records resemble it",
        subject={"name": name, "domain": "nordicdata.no", "country": "NO", "city": "Oslo"},
        candidates=(
            candidate("h1", "Nordic Datas AS", domain="nordicdata.no", country="NO", city="Oslo"),
            candidate("h77", "Nordisk Data AB", score=0.62, country="SE"),
        ),
        empty=None,
        mapping="acme-hubspot",
        plan_digest="sha256:7c1e90a4d2f7",
        created_at=START - timedelta(hours=3),
        put_off_at=None,
        unsure_by=None,
        answer=None,
        waiting=2,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def sample_of(id: str, **changes: object) -> Case:
    """A blind sample: the engine linked h1, and the case says so behind the door."""
    return case_of(id, kind="sample", engine=Engine("h1", "name", 0.97), reason="linked by name at 0.97", **changes)


def link_of(queast_id: str, partner_id: str, **changes: object) -> MatchDetail:
    """A link that the engine made by name."""
    match = Match(
        "hubspot-main",
        "acct-1",
        "companies",
        queast_id,
        partner_id,
        "Fjordbank ASA",
        "Fjordbank",
        "name",
        0.97,
        "inferred",
        "engine",
        START - timedelta(days=1),
        f"https://app.hubspot.com/contacts/1/company/{partner_id}",
    )
    match = replace(match, **changes)  # type: ignore[arg-type]
    step = Step(
        match.at, "engine", "linked", None, "companies", queast_id, partner_id, "by name, with the same country"
    )
    return MatchDetail(
        match,
        "sha256:7c1e90a4d2f7",
        candidate(partner_id, match.partner_name or "", ours=(match.name or "").lower()).evidence,
        None,
        (step,),
    )
