"""Why a pair of companies or persons is linked, or is not: one line a rule, as a review page draws one bar a rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["agrees", "differs", "unknown", "vetoes"]
EvidenceRule = Literal[
    "name",  # rarity-weighted words
    "support",  # what domain or city make of words that only one side has
    "legal_form",
    "country",
    "city",
    "domain",
    "generic_name",  # nothing but words that many have
    "numbers",
    "letters",  # a rare word with one letter changed
    "order",  # the same words in another order
    "homograph",
    "runner_up",
    "person",  # parts of a person's name
    "company",  # the person's company
]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one rule saw: the value on either side (empty where there is none) and its `verdict`.

    `contribution` is the rule's share of the score, from -1 to 1: the name gives its score, support adds to it, a veto
    takes all of it away; what only has to agree gives nothing. The sum, no less than 0, is what a link is decided by.
    """

    rule: EvidenceRule
    ours: str
    theirs: str
    contribution: float
    verdict: Verdict

    def as_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "ours": self.ours,
            "theirs": self.theirs,
            "contribution": round(self.contribution, 4),
            "verdict": self.verdict,
        }


def vetoed(evidence: tuple[Evidence, ...]) -> bool:
    """Say whether any rule forbids the link, whatever the score."""
    return any(each.verdict == "vetoes" for each in evidence)


def decided_by(evidence: tuple[Evidence, ...]) -> float:
    """Return what is left of the score after all contributions, from 0 to 1."""
    return min(1.0, max(0.0, sum(each.contribution for each in evidence)))
