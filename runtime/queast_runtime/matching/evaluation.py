"""Figures of the rule by name over questions with known answers: precision, recall, and what noise does to them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from queast_runtime.matching.companies import Company
from queast_runtime.matching.confidence import share
from queast_runtime.matching.fuzzy import Fuzzy, FuzzyLinked, FuzzyReview

# Two-sided 95 %.


@dataclass(frozen=True, slots=True)
class Question:
    """A company to look up. `gold` is the record that stands for it, None where none does; a link to one of `ignored`
    counts neither for nor against. `key` says in which half the question is: all about one company are in the same."""

    company: Company
    gold: str | None
    ignored: frozenset[str]
    key: str

    @property
    def half(self) -> int:
        """0 or 1, by a hash of `key`."""
        return hashlib.sha256(self.key.encode()).digest()[0] & 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What was made of a question: the record `linked`, its score, and how many a person was shown."""

    linked: str | None
    score: float
    shown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """`links` are right or wrong; `neutral` ones are to an ignored record and counted nowhere else.

    `absent_linked` of the wrong are of questions that no record answers. `reviews` are questions that a person is
    asked; among the candidates of `reviews_with_gold` is the right one.
    """

    questions: int
    answerable: int
    links: int
    wrong: int
    neutral: int
    absent_linked: int
    reviews: int
    reviews_with_gold: int

    @property
    def precision(self) -> float:
        return (self.links - self.wrong) / self.links if self.links else 0.0

    @property
    def precision_at_least(self) -> float:
        """Wilson's lower bound of the precision, 95 %."""
        return share(self.links - self.wrong, self.links).lower if self.links else 0.0

    @property
    def recall(self) -> float:
        return (self.links - self.wrong) / self.answerable if self.answerable else 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "questions": self.questions,
            "answerable": self.answerable,
            "links": self.links,
            "wrong": self.wrong,
            "neutral": self.neutral,
            "absent_linked": self.absent_linked,
            "precision": round(self.precision, 5),
            "precision_at_least": round(self.precision_at_least, 5),
            "recall": round(self.recall, 5),
            "reviews": self.reviews,
            "reviews_with_gold": self.reviews_with_gold,
        }


def answer_of(decision: Fuzzy) -> Answer:
    match decision:
        case FuzzyLinked(judged):
            return Answer(judged.record, judged.score)
        case FuzzyReview(candidates):
            return Answer(None, candidates[0].score, tuple(each.record for each in candidates))
        case _:
            return Answer(None, 0.0)


def figures(answered: Iterable[tuple[Question, Answer]], auto_link: float = 0.0) -> Figures:
    """Count; links of a score below `auto_link` as if they had not been made."""
    questions = answerable = right = wrong = neutral = absent = reviews = with_gold = 0
    for question, answer in answered:
        questions += 1
        answerable += question.gold is not None
        if answer.linked is None:
            reviews += bool(answer.shown)
            with_gold += question.gold is not None and question.gold in answer.shown
        elif answer.score < auto_link:
            continue
        elif answer.linked == question.gold:
            right += 1
        elif answer.linked in question.ignored:
            neutral += 1
        else:
            wrong += 1
            absent += question.gold is None
    return Figures(questions, answerable, right + wrong, wrong, neutral, absent, reviews, with_gold)


@dataclass(frozen=True, slots=True)
class Disturbance:
    """How much of what corroborates is taken away or falsified: shares from 0 to 1 of each field that is there."""

    blank: float = 0.0
    noise: float = 0.0
    seed: int = 1


def disturbed(companies: Sequence[Company], disturbance: Disturbance) -> list[Company]:
    """Return the companies with some countries, cities and domains left out, and some taken from another of them.

    The same seed always disturbs alike. Names stay as they are.
    """
    if not disturbance.blank and not disturbance.noise:
        return list(companies)
    chance = Random(disturbance.seed)  # noqa: S311 - a sample, no secret

    def field(value: str | None, other: str | None) -> str | None:
        drawn = chance.random()
        if value is None or drawn < disturbance.blank:
            return None
        return other if drawn < disturbance.blank + disturbance.noise and other is not None else value

    out: list[Company] = []
    for each in companies:
        other = chance.choice(companies)
        out.append(
            replace(
                each,
                country=field(each.country, other.country),
                city=field(each.city, other.city),
                domain=field(each.domain, other.domain),
            )
        )
    return out


@dataclass(frozen=True, slots=True)
class Point:
    """Precision and recall where links are made from a score of `auto_link` on."""

    auto_link: float
    precision: float
    recall: float


def curve(answered: Sequence[tuple[Question, Answer]], steps: Sequence[float]) -> list[Point]:
    """Return a point for each threshold of `steps` at which there is any link. The answers must have been given with a
    threshold no higher than the lowest."""
    found = [(step, figures(answered, step)) for step in steps]
    return [Point(step, each.precision, each.recall) for step, each in found if each.links]
