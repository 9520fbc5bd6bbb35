"""Figures over questions with known answers: counts, Wilson's bound, curves, and data made worse on purpose."""

from __future__ import annotations

from queast_runtime.matching.companies import Company
from queast_runtime.matching.evaluation import (
    Answer,
    Disturbance,
    Question,
    curve,
    disturbed,
    figures,
)

NOBODY = Company(())


def question(gold: str | None, ignored: tuple[str, ...] = (), key: str = "k") -> Question:
    return Question(NOBODY, gold, frozenset(ignored), key)


ANSWERED = [
    (question("1"), Answer("1", 0.99)),
    (question("2"), Answer("1", 0.97)),
    (question(None), Answer("1", 0.96)),
    (question(None, ("1",)), Answer("1", 1.0)),
    (question("3"), Answer(None, 0.9, ("4", "3"))),
    (question("5"), Answer(None, 0.9, ("4",))),
    (question(None), Answer(None, 0.0)),
]


def test_links_are_right_wrong_or_neutral_and_reviews_hold_the_right_one_or_not() -> None:
    found = figures(ANSWERED)
    assert (found.questions, found.answerable, found.links, found.wrong, found.neutral) == (7, 4, 3, 2, 1)
    assert (found.absent_linked, found.reviews, found.reviews_with_gold) == (1, 2, 1)
    assert (found.precision, found.recall) == (1 / 3, 1 / 4)


def test_without_links_precision_and_its_bound_are_nothing() -> None:
    found = figures(ANSWERED[4:])
    assert (found.links, found.precision, found.precision_at_least) == (0, 0.0, 0.0)


def test_a_curve_has_a_point_for_each_threshold_with_links() -> None:
    points = curve(ANSWERED, [0.95, 0.98, 0.995])
    assert [(each.auto_link, each.precision, each.recall) for each in points] == [
        (0.95, 1 / 3, 0.25),
        (0.98, 1.0, 0.25),
    ]


def test_all_questions_about_one_record_are_in_the_same_half_and_halves_are_about_equal() -> None:
    halves = [question(None, key=f"record {number}").half for number in range(2000)]
    assert {question("1", key="record 7").half, question(None, key="record 7").half} == {halves[7]}
    assert 900 < sum(halves) < 1100


def test_data_made_worse_loses_and_falsifies_the_shares_asked_for_and_no_names() -> None:
    companies = [Company((f"name{n}",), (), f"c{n}", f"t{n}", f"d{n}.no") for n in range(2000)]
    worse = disturbed(companies, Disturbance(blank=0.2, noise=0.1, seed=3))
    assert [each.words for each in worse] == [each.words for each in companies]
    for field in ("country", "city", "domain"):
        before, after = [getattr(each, field) for each in companies], [getattr(each, field) for each in worse]
        assert 0.17 < after.count(None) / 2000 < 0.23
        changed = sum(new is not None and new != old for old, new in zip(before, after, strict=True))
        assert 0.08 < changed / 2000 < 0.12
    assert worse == disturbed(companies, Disturbance(blank=0.2, noise=0.1, seed=3))
    assert worse != disturbed(companies, Disturbance(blank=0.2, noise=0.1, seed=4))
    assert disturbed(companies, Disturbance()) == companies
