"""One case: the pair, why this score, the answers, undoing, and what happened so far."""

from __future__ import annotations

from typing import Final, assert_never, get_args
from urllib.parse import urlencode

from queast_runtime.web.asking import Fields, Wrong, case_id_of, not_there
from queast_runtime.web.comparing import Option, bars, blinded, is_blind, lines, options, title_of
from queast_runtime.web.desk import Case, Choice, Done, Kind, Outcome, QueueFilter, Refused, Stale, Unknown
from queast_runtime.web.door import Answer, Ask, Html, SeeOther
from queast_runtime.web.session import Notice

FILTER: Final = frozenset(("connection", "kind", "unsure"))
CASE_QUERY: Final = FILTER | {"candidate"}
ANSWER_FORM: Final = frozenset(("version", "choice", "candidate", "note"))
UNDO_FORM: Final = frozenset(("version", "revert"))
_CHOICES: Final[tuple[Choice, ...]] = get_args(Choice)
_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
_STEPS: Final = 50


def filter_of(query: Fields) -> QueueFilter:
    return QueueFilter(
        query.one("connection"), query.choice("kind", _KINDS), query.choice("unsure", ("yes",)) is not None
    )


def address(path: str, where: QueueFilter, **more: str | None) -> str:
    """Return an address that keeps the filter, so that answering goes on in the same queue."""
    wanted = {
        "connection": where.connection,
        "kind": where.kind,
        "unsure": "yes" if where.unsure else None,
        **more,
    }
    query = urlencode({name: value for name, value in wanted.items() if value is not None}, errors="replace")
    return f"{path}?{query}" if query else path


def case_address(case_id: str, where: QueueFilter, candidate: str | None = None) -> str:
    return address(f"/review/cases/{case_id}", where, candidate=candidate)


def case(ask: Ask) -> Answer:
    """Show a case; the candidate that the address names is compared in full."""
    where = filter_of(ask.query)
    return _page(ask, _found(ask), where, 200)


def answer(ask: Ask) -> Answer:
    """Take an answer and go on: to the case itself while candidates are left, else to the next in the queue."""
    case_id, where = case_id_of(ask.path["id"]), filter_of(ask.query)
    choice: Choice = ask.form.needed_choice("choice", _CHOICES)
    candidate = ask.form.one("candidate")
    if choice == "link" and candidate is None:
        raise Wrong(400, "No candidate is chosen", "Choose the record that it is, then accept.")
    following = ask.desk.around(case_id, where).next
    partner_id = candidate if choice in ("link", "reject") else None
    came = ask.desk.answer(case_id, ask.form.whole("version"), choice, partner_id, ask.caller, ask.form.note())
    if not isinstance(came, Done):
        return _not_done(ask, came, where, f"Your answer was: {_LABELS[choice]}.")
    after = ask.desk.case(case_id)
    goes_on = after is not None and after.answer is None and choice in ("reject", "create", "link")
    to = case_id if goes_on else following
    return SeeOther(
        case_address(to, where) if to else address("/review", where),
        Notice(came.effect, came.stays, came.pick),
    )


def undo(ask: Ask) -> Answer:
    case_id, where = case_id_of(ask.path["id"]), filter_of(ask.query)
    revert = ask.form.choice("revert", ("yes",)) is not None
    came = ask.desk.undo(case_id, ask.form.whole("version"), ask.caller, revert=revert)
    if not isinstance(came, Done):
        return _not_done(ask, came, where, "You wanted to undo an answer.")
    return SeeOther(case_address(case_id, where), Notice(came.effect, came.stays))


def back(ask: Ask) -> Answer:
    """Reloading the answer to a form leads to the case."""
    return SeeOther(case_address(case_id_of(ask.path["id"]), filter_of(ask.query)))


_LABELS: Final[dict[Choice, str]] = {
    "link": "accept",
    "reject": "reject",
    "create": "create a new record",
    "skip": "skip",
    "unsure": "unsure",
}


def _found(ask: Ask) -> Case:
    found = ask.desk.case(case_id_of(ask.path["id"]))
    if found is None:
        raise not_there()
    return found


def _page(ask: Ask, found: Case, where: QueueFilter, status: int, trouble: str | None = None) -> Html:
    blind = is_blind(found)
    shown_case = blinded(found)
    around = ask.desk.around(found.id, where)
    listed = options(shown_case, ask.query.one("candidate"))
    chosen: Option | None = next((each for each in listed if each.chosen), None)
    steps = () if blind else ask.desk.steps(found.id, None, _STEPS).rows
    return Html(
        "case.html",
        {
            "tab": "queue",
            "case": shown_case,
            "title": title_of(shown_case.subject, shown_case.queast_id),
            "blind": blind,
            "can_revert": ask.desk.can_revert(),
            "around": around,
            "where": where,
            "options": listed,
            "chosen": chosen,
            "lines": lines(shown_case.subject, chosen.candidate.fields if chosen else {}),
            "bars": bars(chosen.candidate.evidence) if chosen else (),
            "today": None if blind or found.answer is not None else ask.desk.would_change(found.id),
            "steps": steps,
            "case_address": case_address,
            "queue_address": address("/review", where),
            "answer_address": address(f"/review/cases/{found.id}/answer", where),
            "undo_address": address(f"/review/cases/{found.id}/undo", where),
            "trouble": trouble,
        },
        status,
    )


def _not_done(ask: Ask, came: Outcome, where: QueueFilter, wanted: str) -> Answer:
    match came:
        case Stale(current):
            return Html(
                "stale.html",
                {
                    "tab": "queue",
                    "case": blinded(current),
                    "title": title_of(current.subject, current.queast_id),
                    "wanted": wanted,
                    "linked": next(
                        (
                            title_of(each.fields, each.partner_id)
                            for each in current.candidates
                            if current.answer is not None and each.partner_id == current.answer.partner_id
                        ),
                        None,
                    ),
                    "to": case_address(current.id, where),
                    "next": _next_address(ask, current.id, where),
                },
                409,
            )
        case Refused(sentence):
            return _page(ask, _found(ask), where, 422, sentence)
        case Unknown():
            raise not_there()
        case Done():
            raise AssertionError("what was done is no trouble")
        case _:
            assert_never(came)


def _next_address(ask: Ask, case_id: str, where: QueueFilter) -> str:
    following = ask.desk.around(case_id, where).next
    return case_address(following, where) if following else address("/review", where)
