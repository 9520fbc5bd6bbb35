"""A case as the page draws it: lines side by side, bars, and what stays hidden while a sample is blind."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from queast_runtime.delivery.reviewing.outcomes import UNLINKED_BY_HAND
from queast_runtime.web.desk import Candidate, Case, Evidence, Verdict
from queast_runtime.web.differences import Run, differences, lookalikes
from queast_runtime.web.rendering import shown

_ORDER: Final = (
    "name",
    "full_name",
    "domain",
    "website_url",
    "website",
    "country",
    "city",
    "address",
    "industry",
    "linkedin_url",
)
_LABELS: Final[Mapping[str, str]] = {
    "full_name": "Name",
    "linkedin_url": "LinkedIn",
    "name": "Name",
    "domain": "Domain",
    "website": "Website",
    "website_url": "Website",
    "country": "Country",
    "city": "City",
}
_RULES: Final[Mapping[str, str]] = {
    "link": "Stored link",
    "external_id": "Our id in their record",
    "domain": "Domain",
    "email": "E-mail",
    "linkedin": "LinkedIn address",
    "linkedin_url": "LinkedIn address",
    "name": "Name",
    "support": "Domain or city",
    "country": "Country",
    "city": "City",
    "legal_form": "Legal form",
    "numbers": "Numbers in the name",
    "letters": "One letter changed",
    "order": "Other order of words",
    "generic_name": "Common words only",
    "homograph": "Letters that look alike",
    "runner_up": "Next record",
    "person": "Parts of the name",
    "company": "Company",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One field of both sides. `said` is for people who cannot see the marks."""

    label: str
    ours: tuple[Run, ...]
    theirs: tuple[Run, ...]
    verdict: Literal["same", "differs", "only ours", "only theirs"]
    note: str | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One rule's part in the score. `size` is 0 to 1; None draws no bar: a veto, or a rule without a number."""

    label: str
    verdict: Verdict
    size: float | None
    said: str
    ours: str | None
    theirs: str | None


@dataclass(frozen=True, slots=True)
class Option:
    """A candidate in the list, with the key that chooses it (1 to 5, or None)."""

    candidate: Candidate
    key: int | None
    number: int
    chosen: bool
    title: str
    about: str


def is_blind(case: Case) -> bool:
    """Say whether what the engine decided about a case stays hidden."""
    return case.kind == "sample" and case.answer is None and case.reason != UNLINKED_BY_HAND


def blinded(case: Case) -> Case:
    """Return an open blind sample without scores, rules, evidence and reason, and its candidates in an order that
    says nothing; any other case as it is."""
    if not is_blind(case):
        return case
    bare = (replace(each, score=None, rule=None, evidence=()) for each in case.candidates)
    return replace(
        case,
        reason="a second look at a match, without knowing what was decided",
        candidates=tuple(sorted(bare, key=lambda each: _shuffled(case.id, each.partner_id))),
        engine=None,
    )


def options(case: Case, chosen: str | None) -> tuple[Option, ...]:
    """Return the candidates with the chosen one marked; the first where nothing, or nothing here, is chosen."""
    known = {each.partner_id for each in case.candidates}
    at = chosen if chosen in known else next((each.partner_id for each in case.candidates), None)
    return tuple(
        Option(
            each,
            number if number <= 5 else None,
            number,
            each.partner_id == at,
            title_of(each.fields, each.partner_id),
            " · ".join(shown(each.fields[name], 60) for name in ("domain", "country", "city") if each.fields.get(name)),
        )
        for number, each in enumerate(case.candidates, 1)
    )


def title_of(fields: Mapping[str, str], fallback: str) -> str:
    """Return the name of a record, or its id where it has none, as it may be shown."""
    return shown(fields.get("name") or fields.get("full_name") or fallback, 160)


def lines(ours: Mapping[str, str], theirs: Mapping[str, str]) -> tuple[Line, ...]:
    """Return every field that either side has, the telling ones first."""
    names = [each for each in _ORDER if each in ours or each in theirs]
    names += sorted({*ours, *theirs} - set(names))
    return tuple(_line(each, ours.get(each), theirs.get(each)) for each in names if ours.get(each) or theirs.get(each))


def bars(evidence: Iterable[Evidence]) -> tuple[Bar, ...]:
    """Return a bar for each rule, in the order in which the rules were asked."""
    return tuple(
        Bar(
            rule_label(each.rule),
            each.verdict,
            None if each.contribution is None else min(1.0, abs(each.contribution)),
            _said(each),
            None if each.ours is None else shown(each.ours, 80),
            None if each.theirs is None else shown(each.theirs, 80),
        )
        for each in evidence
    )


def rule_label(rule: str) -> str:
    return _RULES.get(rule, shown(rule.replace("_", " ").capitalize(), 40))


def _line(name: str, ours: str | None, theirs: str | None) -> Line:
    label = _LABELS.get(name, shown(name.replace("_", " ").capitalize(), 40))
    left, right = shown(ours or ""), shown(theirs or "")
    if not theirs:
        return Line(label, (Run(left, False),), (), "only ours", None)
    if not ours:
        return Line(label, (), (Run(right, False),), "only theirs", None)
    runs = differences(left, right)
    verdict: Literal["same", "differs"] = "same" if ours == theirs else "differs"
    return Line(label, *runs, verdict, lookalikes(ours, theirs))


def _said(each: Evidence) -> str:
    if each.rule == "runner_up":
        return "too near" if each.verdict == "veto" else "far enough"
    if each.verdict == "veto":
        return "forbids it"
    if each.contribution is None:
        return {"for": "agrees", "against": "differs", "neutral": "not known"}[each.verdict]
    return f"{each.contribution:+.2f}"


def _shuffled(case_id: str, partner_id: str) -> bytes:
    return hashlib.sha256(f"{case_id}\x00{partner_id}".encode()).digest()
