"""`qmap review accept|reject|create|skip|unsure|undo`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

from queast_dsl.diagnostics.render.text import visible
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format, complain, data, data_json
from queast_runtime.cli.reviews.asking import Opened, case_of, is_text, no_case, now, opened, operator
from queast_runtime.cli.reviews.listing import answer_json, answered, as_json, time
from queast_runtime.cli.reviews.reverting import Put, revert
from queast_runtime.delivery.reviewing.answering import answering_in
from queast_runtime.delivery.reviewing.fitting import Answer
from queast_runtime.delivery.reviewing.outcomes import Choice, Done, Outcome, Refused, Stale, Unknown
from queast_runtime.delivery.reviewing.undoing import undoing_in
from queast_runtime.ports.matches import Review


@dataclass(frozen=True, slots=True)
class Asked:
    """`seen` is the version at which the person saw the case; None: as it is now."""

    choice: Choice
    record: str | None
    note: str
    seen: int | None


def run(review_id: str, asked: Asked, tenant: str, store_url: str | None, format: Format) -> None:
    """Answer a case. Exit 1, with how it stands, where somebody was faster or the answer does not fit."""
    for what, given in (("RECORD", asked.record), ("--note", asked.note)):
        if given is not None and not is_text(given):
            raise CommandError(Exit.USAGE, f"{what} is not text", "write it in UTF-8")
    from queast_runtime.delivery.reviewing.highlights import highlights
    from queast_runtime.store.bookmarks import StoreBookmarks

    with opened(tenant, store_url) as at:
        version = _version(at, review_id, asked.seen)
        answer = Answer(review_id, version, asked.choice, asked.record, asked.note)
        outcome = answering_in(at.store, tenant, answer, operator(), now(), highlights(StoreBookmarks()))
        tell(at, review_id, outcome, None, format)


def undo(
    review_id: str, seen: int | None, with_revert: bool, tenant: str, store_url: str | None, format: Format
) -> None:
    """Take the newest answer back; with `with_revert` also what was written through the link that goes."""
    with opened(tenant, store_url) as at:
        version = _version(at, review_id, seen)
        outcome = undoing_in(at.store, tenant, review_id, version, operator(), now())
        put = revert(at, outcome.link) if with_revert and isinstance(outcome, Done) and outcome.link else None
        tell(at, review_id, outcome, put, format)


def tell(at: Opened, review_id: str, outcome: Outcome, put: Put | None, format: Format) -> None:
    """Print what came of it. Raises CommandError or SystemExit where nothing was done."""
    match outcome:
        case Done():
            _done(at.tenant, outcome, put, format)
        case Stale(review=review):
            _stale(review, format)
        case Refused(sentence=sentence, instead=instead):
            if format is Format.JSON:
                data_json({"outcome": "refused", "sentence": sentence, "instead": instead})
            raise CommandError(Exit.FINDINGS, sentence, instead)
        case Unknown():
            raise no_case(at.tenant, review_id)
        case _:
            assert_never(outcome)


def _version(at: Opened, review_id: str, seen: int | None) -> int:
    with at.store.read() as view:
        case = case_of(view, at.tenant, review_id)
    return case.version if seen is None else seen


def _done(tenant: str, done: Done, put: Put | None, format: Format) -> None:
    case = done.review
    if format is Format.JSON:
        told: dict[str, Any] = {"outcome": "done", "effect": done.effect, "stays": done.stays}
        data_json({**told, "reverted": None if put is None else put.as_json(), "review": as_json(case)})
        return
    data(visible(f"case {case.id} of {case.queast_id}: {done.effect}") + "\n")
    if put is not None:
        data(put.as_text())
    elif done.stays is not None:
        data(visible(done.stays) + "\n")
    if case.answer is not None:
        data(f"to take it back: qmap review undo {case.id} --tenant {tenant}\n")


def _stale(case: Review, format: Format) -> None:
    """Say what somebody else answered meanwhile; exit 1."""
    given = case.answer
    if given is not None:
        record = f" {case.object} {given.partner_id}" if given.partner_id else ""
        how = f"{given.actor} answered it at {time(given.at)}: {answered(given.choice)}{record}"
        instead = "if that is wrong, take it back with `qmap review undo`, then answer"
    else:
        how, instead = f"somebody changed it; it is at version {case.version} now", "look at it again, then answer"
    if format is Format.JSON:
        data_json({"outcome": "stale", "review": as_json(case), "answer": answer_json(case)})
    complain(f"nothing was done with case {case.id}: {how}", instead)
    raise SystemExit(Exit.FINDINGS)
