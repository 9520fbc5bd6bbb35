"""What came of an answer, of taking one back, of taking a link down: one closed union for page and command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from queast_runtime.ports.driver import JsonObject
from queast_runtime.ports.matches import Review
from queast_runtime.ports.rows import Link
from queast_runtime.ports.store import Transaction

Choice = Literal["link", "create", "reject", "skip", "unsure"]

# Marks of ours on a candidate, beside what matching wrote of it. `LINKED`: the engine linked it, which a blind sample
# asks about without saying so. `REJECTED`: the version of the case at which a person struck it off.
LINKED: Final = "linked"
REJECTED: Final = "rejected"

# Why a case was opened, where that changes what the answer counts for.
BLIND_SAMPLE: Final = "a link that the engine made, drawn to be judged blindly"
UNLINKED_BY_HAND: Final = "a person took the link down"


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who answers: `actor` as histories show it (`cli:anna`, `anna@acme.example`), and the role they acted in."""

    actor: str
    role: str


# Called where a case of kind `inbound` ends: with the tenant, and the id of our company, or None where it is none of
# ours. Returns the sender's record that was linked with the company, None where none was.
OnInbound = Callable[[Transaction, str, Review, str | None], str | None]


@dataclass(frozen=True, slots=True)
class Done:
    """It is kept. `effect` says what follows. `stays` says what is in the CRM and is not taken back by this, `link` is
    the link that went, whose untouched writes can still be reverted; both are None where there is nothing."""

    review: Review
    effect: str
    stays: str | None = None
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Stale:
    """Somebody changed the case since it was read. `review` is how it stands now. Nothing was done."""

    review: Review


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer does not fit. `sentence` says why, `instead` what to do. Nothing was done."""

    sentence: str
    instead: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The tenant has no such case, or no such link."""


Outcome = Done | Stale | Refused | Unknown


def mark(review_id: str, version: int) -> str:
    """Return the reason that links and rejections carry which an answer, given at this version, made."""
    return f"review {review_id} at version {version}"


def is_left(candidate: JsonObject) -> bool:
    """Whether nobody struck the candidate off."""
    return REJECTED not in candidate


def left(review: Review) -> tuple[JsonObject, ...]:
    """Return the candidates that may still be chosen."""
    return tuple(each for each in review.candidates if is_left(each))


def linked_by_engine(review: Review) -> str | None:
    """Return the id of the record that the engine linked, or would have."""
    return next((each["partner_id"] for each in review.candidates if each.get(LINKED)), None)


def is_blind(review: Review) -> bool:
    """Whether what the engine thought must not show: an open sample."""
    # Whoever took the link down saw it.
    return review.kind == "sample" and review.answer is None and review.reason != UNLINKED_BY_HAND
