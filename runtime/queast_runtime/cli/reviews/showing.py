"""`qmap review show`: both sides, one bar for each rule, why there is nothing to choose from, and what happened."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, assert_never

from queast_dsl.diagnostics.render.text import visible
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format, data, data_json, table
from queast_runtime.cli.reviews.asking import Opened, case_of, opened
from queast_runtime.cli.reviews.listing import answer_json, as_json, state_of, time
from queast_runtime.delivery.bookmarking import record_of_sender
from queast_runtime.delivery.reviewing.following import waiting
from queast_runtime.delivery.reviewing.looking import Empty, LookupFailed, NoCandidate, NotLookedUp, empty_of, shown
from queast_runtime.delivery.reviewing.outcomes import is_blind, is_left, linked_by_engine
from queast_runtime.delivery.reviewing.today import Today
from queast_runtime.ports.driver import JsonObject
from queast_runtime.ports.matches import Review, ReviewStep
from queast_runtime.ports.store import Snapshot

_BAR: Final = 20
_FIELDS: Final = ("name", "domain", "country", "city")
_HISTORY: Final = 50
_HIDDEN: Final = "(personal data; --show-values prints it)"


def run(review_id: str, tenant: str, as_test: bool, show_values: bool, store_url: str | None, format: Format) -> None:
    """Print one case. Values of a person's record only with `--show-values`."""
    if as_test and format is Format.JSON:
        raise CommandError(Exit.USAGE, "--as-test prints YAML", "leave out --format json")
    with opened(tenant, store_url) as at, at.store.read() as view:
        full = case_of(view, tenant, review_id)
        if as_test:
            from queast_runtime.cli.reviews.as_test import test_of

            data(test_of(full))
            return
        empty = empty_of(view, tenant, full)
        waits = 0 if full.answer is not None else waiting(view, tenant, full)
        history = view.review_history(tenant, review_id, limit=_HISTORY)
        would = None if is_blind(full) or full.kind == "inbound" else _today(at, view, full)
    case = shown(full)
    if case.entity != "company" and not show_values:
        case = _without_values(case)
    if format is Format.JSON:
        data_json({"review": _json(case, empty, waits, would), "history": [_step_json(step) for step in history]})
        return
    data(_text(case, empty, waits, would))
    data("\n" + _history_text(history))


def _today(at: Opened, view: Snapshot, review: Review) -> Today | None:
    """Ask the tenant's active release; None where it cannot be opened, which other commands tell of."""
    from queast_runtime.web.released import decide, stored_release

    release = stored_release(at.home, view, at.tenant)
    return None if release is None else decide(release, review)


def _without_values(case: Review) -> Review:
    """A case with everything left out that tells who a person is."""
    candidates = tuple(
        {
            "partner_id": each["partner_id"],
            **{name: each[name] for name in ("score", "rule", "url") if name in each},
            "evidence": [
                {name: value for name, value in line.items() if name not in ("ours", "theirs")}
                for line in each.get("evidence", ())
            ],
        }
        for each in case.candidates
    )
    return replace(case, subject={}, candidates=candidates)


def _json(case: Review, empty: Empty | None, waits: int, would: Today | None) -> JsonObject:
    engine = None if is_blind(case) else linked_by_engine(case)
    return {
        **as_json(case),
        "subject": case.subject,
        "candidates": [{**each, "rejected": not is_left(each)} for each in case.candidates],
        "linked_by_engine": engine,
        "empty": None if empty is None else {"why": _empty_code(empty), "says": empty_text(empty)},
        "sender_record": record_of_sender(case),
        "waiting": waits,
        "today": None
        if would is None
        else {"would": would.would, "because": would.because, "same_plan": would.same_plan},
        "answer": answer_json(case),
    }


def _text(case: Review, empty: Empty | None, waits: int, would: Today | None) -> str:
    facts: list[tuple[str, object]] = [
        ("case", f"{case.id}  version {case.version}"),
        ("state", state_of(case)),
        ("kind", case.kind),
        ("connection", f"{case.connection}  account {case.account}"),
        ("entity", f"{case.entity} {case.queast_id}"),
        ("why", case.reason),
        ("opened", f"{time(case.created_at)} by event {case.event_id or '-'}"),
        ("plan", f"{case.mapping or '-'} {case.plan_digest}"),
    ]
    sender = record_of_sender(case)
    if sender is not None:
        facts.append(("sender's record", sender))
    if waits:
        facts.append(("waiting", f"{waits:,} deliver{'y' if waits == 1 else 'ies'}"))
    if case.unsure_by is not None:
        facts.append(("unsure", case.unsure_by))
    if case.answer is not None:
        facts.append(("answer", _answer(case)))
    if would is not None:
        facts.append(("today", today_text(would)))
    parts = [table(facts)]
    if empty is not None:
        parts.append(f"\n{_sides(case, None)}\n{visible(empty_text(empty))}\n")
    for number, each in enumerate(case.candidates, start=1):
        parts.append(f"\n{_head(case, number, each)}\n{_sides(case, each)}{bars(each)}")
    return "".join(parts)


def _head(case: Review, number: int, candidate: JsonObject) -> str:
    words = [f"candidate {number}", f"{case.object} {candidate['partner_id']}"]
    score = candidate.get("score")
    if isinstance(score, int | float):
        words.append(f"score {score:.2f}")
    if not is_blind(case) and linked_by_engine(case) == candidate["partner_id"]:
        words.append("linked by the engine")
    if not is_left(candidate):
        words.append("rejected")
    words.append(str(candidate.get("url") or ""))
    return table([["  ".join(word for word in words if word)]]).rstrip("\n")


def _sides(case: Review, candidate: JsonObject | None) -> str:
    """The pair side by side; `!` stands where the two differ."""
    if case.entity != "company" and not case.subject:
        return f"  {_HIDDEN}\n"
    rows = []
    for name in _FIELDS:
        ours = case.subject.get(name)
        theirs = None if candidate is None else candidate.get(name)
        if ours is not None or theirs is not None:
            differs = candidate is not None and ours is not None and theirs is not None and ours != theirs
            rows.append((name, ours or "-", "!" if differs else " ", theirs or "-"))
    return table(rows, header=("", "OURS", "", "THEIRS"), indent="  ")


def bars(candidate: JsonObject) -> str:
    """One line for each rule: how much it says, drawn, in figures and in words."""
    rows = []
    for line in candidate.get("evidence") or ():
        weight = line.get("contribution")
        number = isinstance(weight, int | float)
        drawn = "#" * round(min(1.0, abs(weight)) * _BAR) if number else ""
        ours, theirs = line.get("ours"), line.get("theirs")
        seen = f"{ours if ours is not None else '-'} ~ {theirs if theirs is not None else '-'}"
        rows.append(
            (
                str(line.get("rule", "")).replace("_", " "),
                drawn.ljust(_BAR),
                f"{weight:+.2f}" if number else "",
                str(line.get("verdict", "")),
                "" if ours is None and theirs is None else seen,
            )
        )
    return table(rows, indent="  ")


def today_text(would: Today) -> str:
    """`the rules of today would ask a person: …`"""
    what = {"link": "make the link", "review": "ask a person", "nothing": "neither link nor ask"}[would.would]
    whose = "the rules have not changed, and would" if would.same_plan else "the rules of today would"
    return f"{whose} {what}: {would.because}"


def empty_text(empty: Empty) -> str:
    match empty:
        case NoCandidate():
            return "no candidate: every record was looked through, and none fits"
        case LookupFailed(reason=reason):
            return f"the look-up failed, so nobody knows whether there is one: {reason}"
        case NotLookedUp(object=object_, records=records):
            return f"not looked up yet: the list of {object_} is still being read ({records:,} records so far)"
        case _:
            assert_never(empty)


def _empty_code(empty: Empty) -> str:
    match empty:
        case NoCandidate():
            return "no_candidate"
        case LookupFailed():
            return "look_up_failed"
        case NotLookedUp():
            return "not_looked_up"
        case _:
            assert_never(empty)


def _answer(case: Review) -> str:
    given = case.answer
    if given is None:
        return "-"
    what = state_of(case) + (f" {given.partner_id}" if given.partner_id else "")
    note = f": {given.note}" if given.note else ""
    return f"{what} by {given.actor} at {time(given.at)}{note}"


def _history_text(history: tuple[ReviewStep, ...]) -> str:
    return table([(time(step.at), step.actor, _step(step)) for step in history], header=("WHEN", "WHO", "WHAT"))


def _step(step: ReviewStep) -> str:
    words = step.action.replace("_", " ")
    if step.answer is None:
        return words
    return f"{words}: {step.answer.choice}" + (f" {step.answer.partner_id}" if step.answer.partner_id else "")


def _step_json(step: ReviewStep) -> dict[str, Any]:
    given = step.answer
    return {
        "number": step.number,
        "action": step.action,
        "actor": step.actor,
        "at": time(step.at),
        "choice": None if given is None else given.choice,
        "partner_id": None if given is None else given.partner_id,
    }
