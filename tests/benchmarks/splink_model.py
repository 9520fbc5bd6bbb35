"""`python -m tests.benchmarks.splink_model CRM QUERIES`: a Fellegi-Sunter model fitted by Splink to the same fields.

Names are normalised as for the rule by name, with adjustment for how frequent they are; country, city and domain are
compared as they are, and unknown ones count for nothing. Weights are fitted by expectation maximisation, without
answers. Of each query's candidates the best is linked, from a probability on. Prints a JSON object: for probabilities,
and for the one that finds most on the first half of the queries while no more than one link in 666 is wrong there
(`chosen`), links, wrong, precision and recall on all queries, and on the second half.
"""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from queast_runtime.cli.match_rows import read_questions, read_records
from queast_runtime.matching.companies import Company
from queast_runtime.matching.evaluation import Answer, Question, figures

_PROBABILITIES = (0.9, 0.99, 0.999, 0.9999, 0.99999)
# As precise as the default of the rule by name is: 4 wrong of 2,743.
_WRONG_AT_MOST = 1 / 666
_TOO_LITTLE_SHARED = 200


def main() -> None:
    crm, queries = map(Path, sys.argv[1:3])
    records = read_records(crm)
    asked = read_questions(queries, frozenset(each.id for each in records), ("acronym", "xscript"))
    questions = [each.question() for each in asked]
    companies = {each.id: each.company() for each in records}
    frequency = Counter(word for company in companies.values() for word in set(company.words))
    left = [_row(id, company, frequency) for id, company in companies.items()]
    right = [_row(f"q{n}", each.company, frequency) for n, each in enumerate(questions)]
    best = _best(_predicted(left, right))
    answered = [(each, Answer(*best.get(f"q{n}", (None, 0.0)))) for n, each in enumerate(questions)]
    report: dict[str, Any] = {f"from {each}": _told(answered, each) for each in _PROBABILITIES}
    first = [each for each in answered if each[0].half == 0]
    second = [each for each in answered if each[0].half == 1]
    chosen = _lowest_precise(first)
    report["chosen"] = {"from": chosen, "all": _told(answered, chosen), "second half": _told(second, chosen)}
    print(json.dumps(report))


def _row(id: str, company: Company, frequency: Counter[str]) -> dict[str, str | None]:
    rarest = min(company.words, key=lambda word: (frequency[word] or 1, word), default=None)
    return {
        "unique_id": id,
        "name": company.name or None,
        # Blocks of words that hundreds have would only hold pairs that cannot be told apart.
        "rarest": rarest if rarest and frequency[rarest] <= _TOO_LITTLE_SHARED else None,
        "country": company.country,
        "city": company.city,
        "domain": company.domain,
    }


def _predicted(left: list[dict[str, str | None]], right: list[dict[str, str | None]]) -> Iterable[dict[str, Any]]:
    splink, library = import_module("splink"), import_module("splink.comparison_library")
    arrow = import_module("pyarrow")
    database = splink.DuckDBAPI()
    tables = [
        database.register(arrow.Table.from_pylist(rows), dataset_display_name=name)
        for rows, name in ((left, "crm"), (right, "queries"))
    ]
    settings = splink.SettingsCreator(
        link_type="link_only",
        comparisons=[
            library.JaroWinklerAtThresholds("name", [0.95, 0.88]).configure(term_frequency_adjustments=True),
            library.ExactMatch("country").configure(term_frequency_adjustments=True),
            library.ExactMatch("city").configure(term_frequency_adjustments=True),
            library.ExactMatch("domain").configure(term_frequency_adjustments=True),
        ],
        blocking_rules_to_generate_predictions=[
            splink.block_on("name"),
            splink.block_on("rarest"),
            splink.block_on("domain"),
        ],
    )
    linker = splink.Linker(tables, settings, log_level=logging.ERROR)
    training = linker.training
    training.estimate_probability_two_random_records_match([splink.block_on("name", "country")], recall=0.4)
    training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    training.estimate_parameters_using_expectation_maximisation(splink.block_on("rarest"))
    training.estimate_parameters_using_expectation_maximisation(splink.block_on("domain"))
    found: list[dict[str, Any]] = linker.inference.predict(threshold_match_probability=0.5).as_record_list()
    return found


def _best(pairs: Iterable[dict[str, Any]]) -> dict[str, tuple[str, float]]:
    """Return each query's most probable record; of two as probable neither."""
    best: dict[str, tuple[str, float]] = {}
    tied: dict[str, float] = {}
    for pair in pairs:
        one, other = pair["unique_id_l"], pair["unique_id_r"]
        query, record = (other, one) if pair["source_dataset_l"] == "crm" else (one, other)
        probability = pair["match_probability"]
        known = best.get(query)
        if known is None or probability > known[1]:
            best[query] = record, probability
        elif probability == known[1]:
            tied[query] = probability
    return {query: found for query, found in best.items() if tied.get(query) != found[1]}


def _told(answered: list[tuple[Question, Answer]], auto_link: float) -> dict[str, Any]:
    counted = figures(answered, auto_link).as_json()
    return {key: counted[key] for key in ("links", "wrong", "precision", "recall")}


def _lowest_precise(answered: list[tuple[Question, Answer]]) -> float:
    """Return the lowest probability from which on links are precise enough, 1 where none is."""
    lowest, links, wrong = 1.0, 0, 0
    for question, answer in sorted(answered, key=lambda each: -each[1].score):
        if answer.linked is None or answer.linked in question.ignored:
            continue
        links += 1
        wrong += answer.linked != question.gold
        if wrong <= links * _WRONG_AT_MOST:
            lowest = answer.score
    return lowest


if __name__ == "__main__":
    main()
