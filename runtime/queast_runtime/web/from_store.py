"""Rows of the store as the pages see them: plain conversions, without a database."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final, assert_never

from queast_runtime.delivery.bookmarking import ASIDE, record_of_sender
from queast_runtime.delivery.reviewing import outcomes as o
from queast_runtime.delivery.reviewing.looking import Empty as WhyEmpty
from queast_runtime.delivery.reviewing.looking import LookupFailed, NoCandidate, NotLookedUp, shown
from queast_runtime.ports.driver import JsonObject
from queast_runtime.ports.matches import Review, ReviewStep
from queast_runtime.ports.rows import Link, LinkChange, MirrorCard
from queast_runtime.web.desk import Candidate, Case, Empty, Engine, Evidence, Given, Match, Refused, Step, Verdict

_BESIDE: Final = frozenset(("partner_id", "score", "rule", "evidence", "url", o.LINKED, o.REJECTED))
# What a link keeps beside its evidence.
_BESIDE_EVIDENCE: Final = frozenset(("rule", "event", "review", "found_by"))
# What a case of a call from outside carries for whoever settles it.
_OF_CALLS: Final = frozenset((ASIDE,))
# What matching says of a line of evidence, in the words of the page.
_VERDICTS: Final[Mapping[str, Verdict]] = {
    "agrees": "for",
    "differs": "against",
    "unknown": "neutral",
    "vetoes": "veto",
}
_CURSOR: Final = re.compile(r"(\d{1,18}|-)\.(\d{1,18}|-)")


def case_from(review: Review, why_empty: WhyEmpty | None, waiting: int) -> Case:
    """Return a case as a person may see it; of an open blind sample nothing of what the engine thought."""
    bare = shown(review)
    is_open = bare.answer is None
    candidates = o.left(bare) if is_open else bare.candidates
    empty, said = _empty(why_empty)
    return Case(
        id=bare.id,
        version=bare.version,
        kind=bare.kind,
        connection=bare.connection,
        account=bare.account,
        object=bare.object,
        queast_id=bare.queast_id,
        reason=bare.reason,
        subject=_texts({name: value for name, value in bare.subject.items() if name not in _OF_CALLS}),
        candidates=tuple(_candidate(each) for each in candidates),
        empty=None if candidates else empty or "no_candidate",
        mapping=bare.mapping,
        plan_digest=bare.plan_digest,
        created_at=bare.created_at,
        put_off_at=bare.put_off_at,
        unsure_by=bare.unsure_by,
        answer=None
        if bare.answer is None
        else Given(
            bare.answer.choice,
            bare.answer.partner_id,
            bare.answer.actor,
            bare.answer.role,
            bare.answer.at,
            bare.answer.note,
        ),
        engine=None if is_open else _engine(review),
        waiting=waiting,
        empty_said=said,
        sender_record=record_of_sender(bare),
        undoable=not is_open or bare.put_off_at is not None or len(candidates) < len(bare.candidates),
    )


def match_from(link: Link, name: str | None, card: MirrorCard | None) -> Match:
    return Match(
        link.connection,
        link.account,
        link.object,
        link.queast_id,
        link.partner_id,
        name,
        None if card is None else card.name,
        link.rule,
        link.score,
        link.standing,
        link.actor,
        link.created_at,
        None,
    )


def match_unseen(match: Match, case_id: str) -> Match:
    """Return a match without what the engine decided: a blind sample about it is open."""
    return replace(match, partner_id="", partner_name=None, rule="", score=None, url=None, blind_case=case_id)


def evidence_of(link: Link) -> tuple[Evidence, ...]:
    """Return what a link was made on: the lines of its rules, or the key that both sides had."""
    lines = link.evidence.get("lines")
    if isinstance(lines, list):
        return tuple(_evidence(each) for each in lines if isinstance(each, dict))
    return tuple(
        Evidence(name, str(value), None, None, "for")
        for name, value in link.evidence.items()
        if isinstance(value, str | int | float) and name not in _BESIDE_EVIDENCE
    )


def step_of_review(step: ReviewStep, review: Review | None) -> Step:
    given = step.answer
    detail = ""
    if given is not None:
        detail = given.choice if given.partner_id is None else f"{given.choice} {given.partner_id}"
    return Step(
        step.at,
        step.actor,
        step.action,
        step.review_id,
        "" if review is None else review.object,
        "" if review is None else review.queast_id,
        None if given is None else given.partner_id,
        detail,
    )


def step_of_link(change: LinkChange) -> Step:
    link = change.link
    detail = f"to {link.object} {link.partner_id} by {link.rule}"
    return Step(
        change.at,
        change.actor,
        change.action,
        None,
        link.object,
        link.queast_id,
        link.partner_id,
        f"{detail}: {change.reason}" if change.reason else detail,
    )


def step_unseen(step: Step) -> Step:
    """Return a change of a link without which record it is about: a blind sample about it is open."""
    return replace(step, partner_id=None, detail="under blind review")


def newest(steps: Iterable[Step], limit: int) -> tuple[Step, ...]:
    return tuple(sorted(steps, key=lambda each: each.at, reverse=True)[:limit])


def refused(given: o.Refused) -> Refused:
    return Refused(f"{given.sentence}; {given.instead}")


def link_cursor(link: Link) -> str:
    """Name the last link of a page; ids of any characters fit."""
    parts = (part.encode() for part in (link.account, link.object, link.queast_id))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def read_link_cursor(text: str | None) -> tuple[str, str, str] | None:
    """Return where to go on; the first page for a cursor that is none."""
    parts = (text or "").split(".")
    if len(parts) != 3:
        return None
    try:
        account, object_, queast_id = (
            base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode() for part in parts
        )
    except (binascii.Error, ValueError):
        return None
    return account, object_, queast_id


def history_cursor(review: int | None, link: int | None) -> str:
    return f"{'-' if review is None else review}.{'-' if link is None else link}"


def read_history_cursor(text: str | None) -> tuple[int | None, int | None]:
    """Return below which numbers of either history to go on; the newest for a cursor that is none."""
    found = _CURSOR.fullmatch(text or "")
    if found is None:
        return None, None
    review, link = (None if part == "-" else int(part) for part in found.groups())
    return review, link


def _candidate(given: JsonObject) -> Candidate:
    score, rule, url = given.get("score"), given.get("rule"), given.get("url")
    return Candidate(
        str(given["partner_id"]),
        _texts({name: value for name, value in given.items() if name not in _BESIDE}),
        float(score) if isinstance(score, int | float) else None,
        None if rule is None else str(rule),
        tuple(_evidence(each) for each in given.get("evidence") or ()),
        url if isinstance(url, str) else None,
    )


def _evidence(line: JsonObject) -> Evidence:
    weight, rule = line.get("contribution"), str(line.get("rule", ""))
    verdict = _VERDICTS.get(str(line.get("verdict")), "neutral")
    return Evidence(
        rule,
        _text(line.get("ours")) or None,
        _text(line.get("theirs")) or None,
        # What only has to agree gives nothing to a score, and draws no bar.
        float(weight) if isinstance(weight, int | float) and weight else None,
        # The next record is to differ.
        "for" if rule == "runner_up" and verdict == "against" else verdict,
    )


def _texts(values: Mapping[str, object]) -> dict[str, str]:
    return {name: text for name, value in values.items() if (text := _text(value))}


def _text(value: object) -> str | None:
    """What is shown of a value from JSON: texts and numbers, and lists of them."""
    match value:
        case None | dict():
            return None
        case list():
            return ", ".join(text for each in value if (text := _text(each)) is not None)
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def _empty(why: WhyEmpty | None) -> tuple[Empty | None, str | None]:
    match why:
        case None:
            return None, None
        case NoCandidate():
            return "no_candidate", None
        case LookupFailed(reason):
            return "look_up_failed", reason
        case NotLookedUp(object_, records):
            return "not_looked_up", f"{records:,} records of {object_} are read so far"
        case _:
            assert_never(why)


def _engine(review: Review) -> Engine | None:
    partner_id = o.linked_by_engine(review)
    if partner_id is None:
        return None
    linked = next(each for each in review.candidates if each.get(o.LINKED))
    score = linked.get("score")
    return Engine(
        partner_id,
        str(linked.get("rule") or review.rule or ""),
        float(score) if isinstance(score, int | float) else review.score,
    )
