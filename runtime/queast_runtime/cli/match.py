"""`qmap match evaluate`: the rule by name over questions with known answers, beside what rapidfuzz makes of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.match_baselines import Compared, compare
from queast_runtime.cli.match_rows import Asked, Given, read_questions, read_records
from queast_runtime.cli.output import Format, data, data_json, say, table
from queast_runtime.matching.evaluation import (
    Answer,
    Disturbance,
    Figures,
    Point,
    Question,
    answer_of,
    curve,
    disturbed,
    figures,
)
from queast_runtime.matching.fuzzy import SCORINGS, Thresholds, decide_fuzzy, thresholds_of
from queast_runtime.matching.index import CompanyIndex

_MIB: Final = 2**20
# Thresholds along the curve; below it names have little in common.
_STEPS: Final = tuple(round(0.7 + 0.01 * step, 2) for step in range(31))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command was asked for. `rule` is one of SCORINGS or `both`."""

    crm: Path
    queries: Path
    connection: str | None
    tenant: str | None
    root: Path
    rule: str
    without: tuple[str, ...]
    disturbance: Disturbance
    baselines: bool
    plot: Path | None


@dataclass(frozen=True, slots=True)
class Measured:
    """One rule's figures, for all questions and for either half, and its speed: questions a second of CPU, and
    milliseconds of the 99th of a hundred."""

    thresholds: Thresholds
    all: Figures
    halves: tuple[Figures, Figures]
    per_s: float
    p99_ms: float


def evaluate(wanted: Wanted, format: Format) -> None:
    """Read, decide, count, print; `--plot` is written last and whole."""
    if wanted.plot is not None:
        from queast_runtime.cli.match_plot import check

        check(wanted.plot, wanted.root)
    rules = _thresholds(wanted, format)
    records = read_records(wanted.crm)
    asked = read_questions(wanted.queries, frozenset(each.id for each in records), wanted.without)
    questions = _questions(asked, wanted.disturbance)
    index, build_s, memory = _built(records)
    measured = [_measure(index, questions, each) for each in rules]
    compared: Compared | str = "left out by --no-baselines"
    if wanted.baselines:
        rows = [index.row(each.id) for each in records]
        compared = compare(rows, questions)
    report = {
        "records": len(records),
        "questions": len(questions),
        "build_s": round(build_s, 3),
        "build_mib": None if memory is None else round(memory / _MIB, 1),
        "rules": [_as_json(each) for each in measured],
        **_compared_as_json(compared, measured[-1]),
    }
    if wanted.plot is not None:
        _plot(index, questions, rules, compared, wanted.plot)
    if format is Format.JSON:
        data_json(report)
    else:
        _print(report, measured, compared)
    if wanted.plot is not None:
        say(f"precision against recall is in {wanted.plot}")


def _thresholds(wanted: Wanted, format: Format) -> list[Thresholds]:
    base = Thresholds()
    if wanted.connection is not None:
        base = _of_connection(wanted.connection, wanted.tenant, wanted.root, format)
    if wanted.rule == "default":
        return [base]
    return [replace(base, scoring=each) for each in SCORINGS if wanted.rule in (each, "both")]


def _of_connection(name: str, tenant: str | None, root: Path, format: Format) -> Thresholds:
    """Return the thresholds that a tenant's connection is compiled to. Raises CommandError where it has none."""
    from queast_runtime.cli.compiling import compile_all, fail_on_findings

    compilations = compile_all([root if tenant is None else root / tenant])
    found = [(each, plan) for each in compilations for plan in each.compiled.connections if plan.connection == name]
    if not found:
        fail_on_findings(compilations, format)
        where = f"tenant {tenant}" if tenant else f"any tenant under {root}"
        raise CommandError(Exit.USAGE, f"--connection: {where} has no connection {name}", "see its connections.yaml")
    if len(found) > 1:
        tenants = ", ".join(plan.tenant for _, plan in found)
        raise CommandError(Exit.USAGE, f"--connection: {name} is one of {tenants}", "name the tenant: --tenant")
    ((compilation, plan),) = found
    fail_on_findings([compilation], format)
    for match in plan.match:
        if match.entity == "company" and match.name is not None:
            return thresholds_of(match.name)
    raise CommandError(
        Exit.USAGE,
        f"--connection: {name} scores no names: its match of companies has no `name`",
        "write `name: {review: 0.8}` below `match: company:`, or leave --connection out for the default",
    )


def _questions(asked: Sequence[Asked], disturbance: Disturbance) -> list[Question]:
    read = [each.question() for each in asked]
    companies = disturbed([each.company for each in read], disturbance)
    return [replace(each, company=company) for each, company in zip(read, companies, strict=True)]


def _built(records: Sequence[Given]) -> tuple[CompanyIndex, float, int | None]:
    """Return the index, the seconds of CPU it took, and the bytes that the process grew by (None where unknown)."""
    if records:
        records[0].company()  # tables are read once a process
    gc.collect()
    before = _resident()
    began = time.process_time()
    index = CompanyIndex(each.row() for each in records)
    taken = time.process_time() - began
    gc.collect()
    after = _resident()
    return index, taken, None if before is None or after is None else max(0, after - before)


def _resident() -> int | None:
    """Bytes of memory that the process holds; None on systems that do not say."""
    import os

    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")


def _decide(index: CompanyIndex, question: Question, thresholds: Thresholds) -> Answer:
    company = question.company
    return answer_of(decide_fuzzy(company, index.candidates(company, thresholds), index, thresholds))


def _measure(index: CompanyIndex, questions: Sequence[Question], thresholds: Thresholds) -> Measured:
    answered: list[tuple[Question, Answer]] = []
    taken: list[float] = []
    for question in questions:
        began = time.thread_time()
        answer = _decide(index, question, thresholds)
        taken.append(time.thread_time() - began)
        answered.append((question, answer))
    halves = [figures(each for each in answered if each[0].half == half) for half in (0, 1)]
    taken.sort()
    return Measured(
        thresholds,
        figures(answered),
        (halves[0], halves[1]),
        len(taken) / max(sum(taken), 1e-9),
        taken[int(len(taken) * 0.99)] * 1000,
    )


def _as_json(measured: Measured) -> dict[str, Any]:
    thresholds = measured.thresholds
    return {
        "rule": thresholds.scoring,
        "auto_link": thresholds.auto_link,
        "margin": thresholds.margin,
        "review": thresholds.review,
        "corroborate": sorted(thresholds.corroborate),
        "veto_if_different": sorted(thresholds.veto_if_different),
        **measured.all.as_json(),
        "halves": [each.as_json() for each in measured.halves],
        "questions_per_s": round(measured.per_s),
        "p99_ms": round(measured.p99_ms, 3),
    }


def _compared_as_json(compared: Compared | str, measured: Measured) -> dict[str, Any]:
    if isinstance(compared, str):
        return {"baselines": None, "no_baselines_because": compared}
    return {
        "baselines": [{"rule": name, **each.as_json()} for name, each in compared.figures],
        "cdist_per_s": round(compared.cdist_per_s, 1),
        "extract_per_s": round(compared.extract_per_s, 1),
        "times_cdist": round(measured.per_s / compared.cdist_per_s, 1),
        "times_extract": round(measured.per_s / compared.extract_per_s, 1),
    }


def _print(report: dict[str, Any], measured: Sequence[Measured], compared: Compared | str) -> None:
    memory = "" if report["build_mib"] is None else f", {report['build_mib']} MiB"
    data(
        f"{report['records']:,} records, {report['questions']:,} questions; "
        f"index built in {report['build_s']} s of CPU{memory}\n\n"
    )
    lines: list[tuple[str, ...]] = []
    for each in measured:
        name = each.thresholds.scoring
        lines.append(_line(f"{name}, from {each.thresholds.auto_link:g}, margin {each.thresholds.margin:g}", each.all))
        lines += [_line(f"  half {number}", half) for number, half in enumerate(each.halves, 1)]
    if isinstance(compared, Compared):
        lines += [_line(name, each) for name, each in compared.figures]
    header = ("rule", "links", "wrong", "precision", "at least", "recall", "of absent", "reviews", "with the right one")
    data(table(lines, header=header) + "\n")
    for each in measured:
        data(f"{each.thresholds.scoring}: {each.per_s:,.0f} questions a second, p99 {each.p99_ms:.2f} ms (CPU)\n")
    if isinstance(compared, str):
        data(f"no baselines: {compared}\n")
        return
    data(
        f"rapidfuzz: cdist {compared.cdist_per_s:,.0f} and extract {compared.extract_per_s:,.0f} questions a second; "
        f"here {report['times_cdist']:g} and {report['times_extract']:g} times as many\n"
    )


def _line(name: str, each: Figures) -> tuple[str, ...]:
    return (
        name,
        f"{each.links:,}",
        f"{each.wrong:,}",
        f"{each.precision:.4f}",
        f"{each.precision_at_least:.4f}",
        f"{each.recall:.4f}",
        f"{each.absent_linked:,}",
        f"{each.reviews:,}",
        f"{each.reviews_with_gold:,}",
    )


def _plot(
    index: CompanyIndex,
    questions: Sequence[Question],
    rules: Sequence[Thresholds],
    compared: Compared | str,
    file: Path,
) -> None:
    from queast_runtime.cli.match_plot import draw

    curves: list[tuple[str, Sequence[Point]]] = []
    lowest = _STEPS[0]
    for rule in rules:
        for name, each in (
            (rule.scoring, rule),
            (f"{rule.scoring}, name alone", replace(rule, corroborate=frozenset())),
        ):
            low = replace(each, auto_link=lowest, review=lowest)
            answered = [(question, _decide(index, question, low)) for question in questions]
            curves.append((name, curve(answered, _STEPS)))
    marks = [] if isinstance(compared, str) else [(n, each.precision, each.recall) for n, each in compared.figures]
    draw(curves, marks, file)
