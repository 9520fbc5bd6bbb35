"""Which of Queast's companies a highlight is about: the outbound rules, the other way round, as a pure decision.

A company is never made of a highlight: what is not surely one of ours waits for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from queast_runtime.inbound.highlight import HighlightedCompany
from queast_runtime.matching.shared_domains import is_shared

JsonObject = dict[str, Any]
Rule = Literal["link", "domain", "name"]


@dataclass(frozen=True, slots=True)
class NameLinked:
    """The rule by name is sure. `evidence` is a list of its lines, as reviews show them."""

    company_id: str
    score: float
    evidence: tuple[JsonObject, ...]


@dataclass(frozen=True, slots=True)
class NameDoubtful:
    """The rule by name asks a person; `candidates` as reviews show them, the best first."""

    candidates: tuple[JsonObject, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class NoName:
    """No company has such a name."""


NameFound = NameLinked | NameDoubtful | NoName


@dataclass(frozen=True, slots=True)
class Known:
    """What the store knows: the company whose link holds the sender's record, and whether that link is `established`;
    companies with the same registrable domain; what the rule by name found; those that a person said it is not, and
    whether the last word about it was that it is none of ours."""

    linked: str | None = None
    is_established: bool = False
    domain: tuple[str, ...] = ()
    name: NameFound = NoName()
    rejected: frozenset[str] = frozenset()
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class Matched:
    """The highlight is about this company of ours."""

    company_id: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A person has to say which, or that it is none. `company_ids` need cards; `candidates` have theirs already."""

    company_ids: tuple[str, ...]
    candidates: tuple[JsonObject, ...]
    rule: Rule
    reason: str


@dataclass(frozen=True, slots=True)
class Nobody:
    """None of ours. `was_rejected`: a person said that it is none of those that could be meant, or none at all."""

    was_rejected: bool = False


Found = Matched | Doubtful | Nobody


def match_highlight(company: HighlightedCompany, known: Known) -> Found:
    """Stored link, registrable domain, name: the first that says something decides.

    A link that was only inferred is no evidence (D3.4), so it is a candidate at most.
    """
    found = _by_rules(company, known)
    match found:
        case Matched(company_id=company_id) if company_id in known.rejected:
            return Nobody(was_rejected=True)
        case Doubtful():
            left = tuple(each for each in found.company_ids if each not in known.rejected)
            named = tuple(each for each in found.candidates if each.get("partner_id") not in known.rejected)
            return Doubtful(left, named, found.rule, found.reason) if left or named else Nobody(was_rejected=True)
        case Nobody():
            # Nothing came up since somebody said so.
            return Nobody(was_rejected=known.is_refused)
        case _:
            return found


def _by_rules(company: HighlightedCompany, known: Known) -> Found:
    if known.linked is not None and known.is_established:
        return Matched(known.linked, "link")
    match known.domain:
        case ():
            pass
        case _ if is_shared(company.domain):
            return Doubtful(known.domain, (), "domain", "the domain is shared by unrelated companies")
        case (only,):
            return Matched(only, "domain")
        case _:
            return Doubtful(known.domain, (), "domain", "several companies have the domain")
    match known.name:
        case NameLinked(company_id=company_id):
            return Matched(company_id, "name")
        case NameDoubtful(candidates=candidates, reason=reason):
            return Doubtful((), candidates, "name", reason)
        case NoName():
            if known.linked is not None:
                return Doubtful((known.linked,), (), "link", "the link to the record was only inferred")
            return Nobody()
