"""The queue of cases to decide, and one answer for several of them: preview first, then at most a hundred."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, assert_never, get_args

from queast_runtime.web.asking import Wrong
from queast_runtime.web.cases import FILTER, address, case_address, filter_of
from queast_runtime.web.comparing import blinded, is_blind, title_of
from queast_runtime.web.desk import (
    BULK_CAP,
    BulkChoice,
    Candidate,
    Case,
    Done,
    Kind,
    Outcome,
    Pick,
    QueueFilter,
    Refused,
    Stale,
    Unknown,
)
from queast_runtime.web.door import Answer, Ask, Html, SeeOther

QUEUE_QUERY: Final = FILTER | {"after"}
BULK_FORM: Final = frozenset(("pick", "choice"))
KIND_LABELS: Final[dict[Kind, str]] = {"match": "match", "sample": "blind check", "inbound": "inbound"}
CHOICE_LABELS: Final[dict[BulkChoice, str]] = {
    "link": "Accept the only candidate",
    "reject": "Reject every candidate",
    "skip": "Skip",
    "unsure": "Mark as unsure",
}
_ROWS: Final = 50
_CHOICES: Final[tuple[BulkChoice, ...]] = get_args(BulkChoice)


@dataclass(frozen=True, slots=True)
class Row:
    case: Case
    title: str
    best: Candidate | None
    best_title: str | None
    blind: bool
    href: str


@dataclass(frozen=True, slots=True)
class Told:
    """How one case of a bulk action ended."""

    pick: Pick
    title: str
    state: str
    sentence: str


def queue(ask: Ask) -> Answer:
    where = filter_of(ask.query)
    desk = ask.desk
    page = desk.queue(where, ask.query.one("after"), _ROWS)
    return Html(
        "queue.html",
        {
            "tab": "queue",
            "rows": [_row(each, where) for each in page.rows],
            "more": address("/review", where, after=page.next) if page.next else None,
            "where": where,
            "filtered": where.connection is not None or where.kind is not None or where.unsure,
            "connections": desk.connections(),
            "kinds": KIND_LABELS,
            "choices": CHOICE_LABELS,
            "cap": BULK_CAP,
            "stats": desk.stats(),
        },
    )


def preview(ask: Ask) -> Answer:
    """Show what one answer would do to each picked case; nothing is written."""
    choice, picks = _asked(ask)
    planned = ask.desk.bulk_preview(picks, choice)
    if isinstance(planned, Refused):
        raise Wrong(422, "This cannot be done at once", planned.sentence)
    return Html(
        "bulk.html",
        {
            "tab": "queue",
            "choice": choice,
            "label": CHOICE_LABELS[choice],
            "doable": [each for each in planned if each.refused is None],
            "refused": [each for each in planned if each.refused is not None],
        },
    )


def bulk(ask: Ask) -> Answer:
    """Carry out what was previewed; each case is answered for itself, and told of."""
    choice, picks = _asked(ask)
    came = ask.desk.bulk(picks, choice, ask.caller)
    if isinstance(came, Refused):
        raise Wrong(422, "This cannot be done at once", came.sentence)
    told = [_told(ask, pick, outcome) for pick, outcome in came]
    return Html(
        "bulk_done.html",
        {
            "tab": "queue",
            "label": CHOICE_LABELS[choice],
            "told": told,
            "done": sum(each.state == "done" for each in told),
        },
    )


def back(_: Ask) -> Answer:
    """Reloading the answer to a form leads to where the form was."""
    return SeeOther("/review")


def _asked(ask: Ask) -> tuple[BulkChoice, tuple[Pick, ...]]:
    choice: BulkChoice = ask.form.needed_choice("choice", _CHOICES)
    picks = ask.form.picks("pick")
    if not picks:
        raise Wrong(400, "No case is picked", "Tick the cases in the queue first, then choose what to do with them.")
    if len(picks) > BULK_CAP:
        raise Wrong(
            422, "These are too many at once", f"{len(picks)} cases are picked; {BULK_CAP} go through at once at most."
        )
    return choice, picks


def _row(case: Case, where: QueueFilter) -> Row:
    bare = blinded(case)
    best = bare.candidates[0] if bare.candidates else None
    return Row(
        bare,
        title_of(bare.subject, bare.queast_id),
        best,
        title_of(best.fields, best.partner_id) if best else None,
        is_blind(case),
        case_address(case.id, where),
    )


def _told(ask: Ask, pick: Pick, came: Outcome) -> Told:
    found = ask.desk.case(pick.case_id)
    title = title_of(found.subject, found.queast_id) if found else pick.case_id
    match came:
        case Done(effect):
            return Told(pick, title, "done", effect)
        case Stale():
            return Told(pick, title, "left", "somebody else answered it in the meantime; it was left as it is")
        case Refused(sentence):
            return Told(pick, title, "left", sentence)
        case Unknown():
            return Told(pick, title, "left", "there is no such case")
        case _:
            assert_never(came)
