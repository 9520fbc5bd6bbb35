"""The desk over the store: the pages' words on one side, the functions of reviewing on the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypedDict, assert_never

from queast_runtime.delivery.reviewing import bulk as b
from queast_runtime.delivery.reviewing import outcomes as o
from queast_runtime.delivery.reviewing.answering import answering_in
from queast_runtime.delivery.reviewing.fitting import Answer
from queast_runtime.delivery.reviewing.following import waiting
from queast_runtime.delivery.reviewing.linking import Down, subject_of, unlinking_in
from queast_runtime.delivery.reviewing.looking import empty_of
from queast_runtime.delivery.reviewing.stats import stats
from queast_runtime.delivery.reviewing.today import Today as Decided
from queast_runtime.delivery.reviewing.undoing import undoing_in
from queast_runtime.ports.edge import Clock
from queast_runtime.ports.matches import Review, ReviewKind
from queast_runtime.ports.rows import Link, LinkChange
from queast_runtime.ports.store import Snapshot, Store
from queast_runtime.security.roles import Caller
from queast_runtime.web import from_store as f
from queast_runtime.web.desk import (
    Around,
    BulkChoice,
    Case,
    Choice,
    Count,
    Done,
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

# (tenant, case) -> how today's rules would decide it; None where no release can be asked.
TodaysRules = Callable[[str, Review], Decided | None]
# (tenant, link that went, actor) -> a sentence of what was restored in its record, or why nothing was.
Reverting = Callable[[str, Link, str], str]

_STATS_LIVE_S: Final = 30.0


@dataclass(slots=True)
class StoreDesks:
    """Opens the desk of a tenant: what the pages' `desks` takes.

    Without `reverting` the pages do not offer to restore fields; without `on_inbound` cases of calls from outside can
    be seen and put off, and answers to them are refused. Figures that read many cases are kept for 30 seconds.
    """

    store: Store
    clock: Clock
    todays_rules: TodaysRules
    reverting: Reverting | None = None
    on_inbound: o.OnInbound | None = None
    _figures: dict[str, tuple[float, Stats]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, tenant: str) -> StoreDesk:
        return StoreDesk(self, tenant)

    def figures(self, tenant: str) -> Stats:
        now_s = self.clock.monotonic()
        with self._lock:
            kept = self._figures.get(tenant)
        if kept is not None and now_s - kept[0] < _STATS_LIVE_S:
            return kept[1]
        with self.store.read() as view:
            read = stats(view, tenant)
        made = Stats((), read.answered, read.median_s, read.blind.total, read.blind.right)
        with self._lock:
            self._figures[tenant] = (now_s, made)
        return made


@dataclass(frozen=True, slots=True)
class StoreDesk:
    """The desk of one tenant; it has no way to name another."""

    at: StoreDesks
    tenant: str

    def queue(self, where: QueueFilter, after: str | None, limit: int) -> Page[Case]:
        with self.at.store.read() as view:
            rows = view.reviews(self.tenant, **_wanted(where), after=after, limit=limit + 1)
            cases = tuple(self._listed(view, each) for each in rows[:limit])
        return Page(cases, rows[limit - 1].id if len(rows) > limit else None)

    def around(self, case_id: str, where: QueueFilter) -> Around:
        with self.at.store.read() as view:
            place = view.queue_place(self.tenant, case_id, **_wanted(where))
        return Around(place.position, place.total, place.previous, place.next)

    def case(self, case_id: str) -> Case | None:
        with self.at.store.read() as view:
            review = view.review(self.tenant, case_id)
            return None if review is None else self._case(view, review)

    def answer(
        self, case_id: str, version: int, choice: Choice, partner_id: str | None, caller: Caller, note: str
    ) -> Outcome:
        asked = Answer(case_id, version, choice, partner_id, note)
        came = answering_in(
            self.at.store, self.tenant, asked, _reviewer(caller), self.at.clock.now(), self.at.on_inbound
        )
        return self._outcome(came)

    def undo(self, case_id: str, version: int, caller: Caller, *, revert: bool) -> Outcome:
        came = undoing_in(self.at.store, self.tenant, case_id, version, _reviewer(caller), self.at.clock.now())
        return self._reverted(came, caller, revert)

    def bulk_preview(self, picks: Sequence[Pick], choice: BulkChoice) -> tuple[Planned, ...] | Refused:
        with self.at.store.read() as view:
            came = b.bulk_preview(view, self.tenant, _picks(picks), choice)
        if isinstance(came, o.Refused):
            return f.refused(came)
        return tuple(_planned(each) for each in came.cases)

    def bulk(
        self, picks: Sequence[Pick], choice: BulkChoice, caller: Caller
    ) -> tuple[tuple[Pick, Outcome], ...] | Refused:
        came = b.bulk(
            self.at.store,
            self.tenant,
            _picks(picks),
            choice,
            _reviewer(caller),
            self.at.clock.now(),
            self.at.on_inbound,
        )
        if isinstance(came, o.Refused):
            return f.refused(came)
        return tuple((Pick(pick.review_id, pick.version), self._outcome(outcome)) for pick, outcome in came.cases)

    def steps(self, case_id: str | None, after: str | None, limit: int) -> Page[Step]:
        with self.at.store.read() as view:
            return self._all_steps(view, after, limit) if case_id is None else self._steps_of(view, case_id, limit)

    def matches(self, where: MatchFilter, after: str | None, limit: int) -> Page[Match]:
        with self.at.store.read() as view:
            links = view.links(
                self.tenant,
                connection=where.connection,
                standing=where.standing,
                rule=where.rule,
                after=f.read_link_cursor(after),
                limit=limit + 1,
            )
            rows = tuple(self._match(view, each) for each in links[:limit])
        return Page(rows, f.link_cursor(links[limit - 1]) if len(links) > limit else None)

    def match(self, account: str, object: str, queast_id: str) -> MatchDetail | None:
        with self.at.store.read() as view:
            link = view.link(self.tenant, account, object, queast_id)
            history = view.link_history(self.tenant, account, object, queast_id)
            if not history:
                return None
            seen = link or history[-1].link
            shown = self._match(view, seen)
            if shown.blind_case is not None:
                return MatchDetail(shown, seen.plan_digest, (), None, ())
            return MatchDetail(
                shown,
                seen.plan_digest,
                f.evidence_of(seen),
                seen.confirmed_by,
                tuple(f.step_of_link(each) for each in reversed(history)),
                stands=link is not None,
            )

    def unlink(
        self, account: str, object: str, queast_id: str, partner_id: str, *, revert: bool, caller: Caller, note: str
    ) -> Outcome:
        down = Down(account, object, queast_id, partner_id, note)
        came = unlinking_in(self.at.store, self.tenant, down, _reviewer(caller), self.at.clock.now())
        return self._reverted(came, caller, revert)

    def would_change(self, case_id: str) -> Today | None:
        with self.at.store.read() as view:
            review = view.review(self.tenant, case_id)
        if review is None or review.kind == "inbound" or o.is_blind(review):
            return None
        decided = self.at.todays_rules(self.tenant, review)
        return None if decided is None else Today(decided.same_plan, decided.would, decided.because)

    def stats(self) -> Stats:
        """What is open now; the other figures may be half a minute old."""
        with self.at.store.read() as view:
            counts = view.review_counts(self.tenant)
        waiting_now = tuple(Count(each.connection, each.kind, each.count) for each in counts if each.choice is None)
        return replace(self.at.figures(self.tenant), open=waiting_now)

    def connections(self) -> tuple[str, ...]:
        with self.at.store.read() as view:
            counted = {each.connection for each in view.review_counts(self.tenant)}
            return tuple(sorted(counted | {each.connection for each in view.delivery_counts(self.tenant)}))

    def can_revert(self) -> bool:
        return self.at.reverting is not None

    def _listed(self, view: Snapshot, review: Review) -> Case:
        return f.case_from(review, empty_of(view, self.tenant, review), 0)

    def _case(self, view: Snapshot, review: Review) -> Case:
        waits = 0 if review.answer is not None else waiting(view, self.tenant, review)
        return f.case_from(review, empty_of(view, self.tenant, review), waits)

    def _match(self, view: Snapshot, link: Link) -> Match:
        name = subject_of(view, self.tenant, "company", link.queast_id).get("name")
        card = view.mirror_card(self.tenant, link.account, link.object, link.partner_id)
        shown = f.match_from(link, name if isinstance(name, str) else None, card)
        sample = view.open_review(self.tenant, link.account, link.object, link.queast_id, "sample")
        return f.match_unseen(shown, sample.id) if sample is not None and o.is_blind(sample) else shown

    def _all_steps(self, view: Snapshot, after: str | None, limit: int) -> Page[Step]:
        """Both histories as one: each is read newest first, and the newer of the two heads comes next."""
        before_review, before_link = f.read_history_cursor(after)
        reviews = view.review_history(self.tenant, limit=limit + 1, after=before_review)
        links = view.link_changes(self.tenant, limit + 1, before_link)
        cases = {each: view.review(self.tenant, each) for each in {step.review_id for step in reviews}}
        steps: list[Step] = []
        used_reviews = used_links = 0
        while len(steps) < limit and (used_reviews < len(reviews) or used_links < len(links)):
            review = reviews[used_reviews] if used_reviews < len(reviews) else None
            link = links[used_links] if used_links < len(links) else None
            if link is None or (review is not None and review.at >= link.at):
                assert review is not None
                steps.append(f.step_of_review(review, cases[review.review_id]))
                used_reviews += 1
            else:
                steps.append(self._link_step(view, link))
                used_links += 1
        if used_reviews == len(reviews) and used_links == len(links):
            return Page(tuple(steps), None)
        return Page(
            tuple(steps),
            f.history_cursor(
                reviews[used_reviews - 1].number if used_reviews else before_review,
                links[used_links - 1].number if used_links else before_link,
            ),
        )

    def _link_step(self, view: Snapshot, change: LinkChange) -> Step:
        link, step = change.link, f.step_of_link(change)
        sample = view.open_review(self.tenant, link.account, link.object, link.queast_id, "sample")
        return f.step_unseen(step) if sample is not None and o.is_blind(sample) else step

    def _steps_of(self, view: Snapshot, case_id: str, limit: int) -> Page[Step]:
        review = view.review(self.tenant, case_id)
        if review is None or o.is_blind(review):
            return Page((), None)
        own = [f.step_of_review(each, review) for each in view.review_history(self.tenant, case_id, limit=limit)]
        links = view.link_history(self.tenant, review.account, review.object, review.queast_id)
        return Page(f.newest((*own, *(f.step_of_link(each) for each in links)), limit), None)

    def _outcome(self, came: o.Outcome) -> Outcome:
        match came:
            case o.Done(review, effect, stays):
                return Done(effect, stays, Pick(review.id, review.version))
            case o.Stale(review):
                with self.at.store.read() as view:
                    return Stale(self._case(view, review))
            case o.Refused():
                return f.refused(came)
            case o.Unknown():
                return Unknown()
            case _:
                assert_never(came)

    def _reverted(self, came: o.Outcome, caller: Caller, revert: bool) -> Outcome:
        told = self._outcome(came)
        if not revert or not isinstance(came, o.Done) or not isinstance(told, Done):
            return told
        if came.link is None or self.at.reverting is None:
            return told
        sentence = self.at.reverting(self.tenant, came.link, _reviewer(caller).actor)
        return replace(told, effect=f"{told.effect}; {sentence}")


def _reviewer(caller: Caller) -> o.Reviewer:
    return o.Reviewer(f"web:{caller.subject}", caller.role)


class _Wanted(TypedDict):
    connection: str | None
    kind: ReviewKind | None
    unsure: bool


def _wanted(where: QueueFilter) -> _Wanted:
    return {"connection": where.connection, "kind": where.kind, "unsure": where.unsure}


def _picks(picks: Sequence[Pick]) -> tuple[b.Pick, ...]:
    return tuple(b.Pick(each.case_id, each.version) for each in picks)


def _planned(each: b.Planned) -> Planned:
    title = each.pick.review_id
    if each.review is not None:
        title = str(each.review.subject.get("name") or each.review.queast_id)
    match each.not_done:
        case None:
            why = None
        case o.Stale():
            why = "somebody changed it since it was picked"
        case o.Refused(sentence, instead):
            why = f"{sentence}; {instead}"
        case o.Unknown():
            why = "there is no such case"
        case _:
            assert_never(each.not_done)
    return Planned(Pick(each.pick.review_id, each.pick.version), title, each.effect, each.partner_id, why)
