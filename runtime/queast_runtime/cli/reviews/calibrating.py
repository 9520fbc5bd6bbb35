"""`qmap review calibrate`: the threshold that the tenant's own answers call for, as a diff of connections.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, assert_never

from queast_compiler.plan.connection import MatchPlan, NamePlan
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format, data, data_json, say, table
from queast_runtime.cli.reviews.asking import opened
from queast_runtime.cli.reviews.figures import share_json
from queast_runtime.cli.writing import TextFile, read_text, write_text
from queast_runtime.delivery.reviewing.today import judged
from queast_runtime.matching.calibration import (
    TARGET,
    Band,
    Calibration,
    Judged,
    Kept,
    NoneHolds,
    Proposed,
    TooFew,
    bands,
    calibrate,
)
from queast_runtime.ports.matches import Review

_READ: Final = 100_000


@dataclass(frozen=True, slots=True)
class _Rule:
    """The rule by name of one entity on a connection, as the files say it. `floor` is the policy's bound."""

    connection: str
    match: MatchPlan
    name: NamePlan
    floor: float


@dataclass(frozen=True, slots=True)
class _Fit:
    rule: _Rule
    found: Calibration
    answers: int
    bands: tuple[Band, ...]


def run(tenant: str, connection: str | None, root: Path, write: bool, store_url: str | None, format: Format) -> None:
    """Print what the answers call for. Exit 0 also where they are too few to propose anything."""
    rules = list(_rules(tenant, connection, root))
    with opened(tenant, store_url) as at, at.store.read() as view:
        answered = [
            review
            for kind in ("match", "sample")
            for review in view.answered_reviews(tenant, connection=connection, kind=kind, limit=_READ)
        ]
    fits = [_fit(rule, answered) for rule in rules]
    path = root / tenant / "connections.yaml"
    file = read_text(path)
    if file is None:
        raise CommandError(Exit.USAGE, f"{path} cannot be changed: it is no regular file of UTF-8", "mend it first")
    changed = _changed(file, path, fits)
    if format is Format.JSON:
        data_json({"rules": [_json(fit) for fit in fits], "diff": _diff(path, file, changed) or None})
    else:
        for number, fit in enumerate(fits):
            data("\n" * (number > 0) + _text(fit))
        diff = _diff(path, file, changed)
        if diff:
            data("\n" + diff)
    if changed == file.text:
        return
    if write:
        write_text(file, changed)
        say(f"{path} is changed; next: qmap lint, qmap compile and qmap publish")
    elif format is Format.TEXT:
        say("nothing is written; --write does it")


def _rules(tenant: str, connection: str | None, root: Path) -> Iterator[_Rule]:
    from queast_compiler.plan.calibrated import AUTO_LINK
    from queast_runtime.cli.compiling import compile_selection, fail_on_findings
    from queast_runtime.cli.places import select

    selections = [each for each in select([root]) if each.tenant == tenant]
    if not selections:
        raise CommandError(Exit.USAGE, f"{root} has no tenant {tenant}", "name the mappings folder: --root")
    compiled = compile_selection(selections[0])
    fail_on_findings([compiled], Format.TEXT)
    known = {plan.connection: plan for plan in compiled.compiled.connections}
    if connection is not None and connection not in known:
        raise CommandError(
            Exit.USAGE, f"tenant {tenant} has no connection {connection}", f"one of: {', '.join(sorted(known))}"
        )
    policy = compiled.documents.policy
    least = None if policy is None else policy.matching.auto_link
    floor = AUTO_LINK if least is None else float(least.value)
    found = [
        _Rule(plan.connection, match, match.name, floor)
        for plan in known.values()
        if connection in (None, plan.connection)
        for match in plan.match
        if match.name is not None
    ]
    if not found:
        whose = f"connection {connection}" if connection else f"no connection of {tenant}"
        verb = "scores no names" if connection else "scores names"
        raise CommandError(
            Exit.USAGE,
            f"{whose} {verb}, so there is no threshold to fit",
            "add the rule `name` to its order and thresholds beside it, e.g. name: {review: 0.8}",
        )
    yield from found


def _fit(rule: _Rule, answered: list[Review]) -> _Fit:
    points: list[Judged] = []
    for review in answered:
        if review.connection == rule.connection and review.object == rule.match.object:
            point = judged(review, rule.name)
            if point is not None:
                points.append(point)
    return _Fit(
        rule, calibrate(points, rule.name.auto_link, max(rule.floor, rule.name.review)), len(points), bands(points)
    )


def _changed(file: TextFile, path: Path, fits: list[_Fit]) -> str:
    from queast_dsl.loading.thresholds import NotWritable, with_auto_link

    text = file.text
    for fit in fits:
        if isinstance(fit.found, Proposed):
            rule, value = fit.rule, f"{fit.found.threshold:.2f}"
            made = with_auto_link(str(path), text, rule.connection, rule.match.entity, value)
            if isinstance(made, NotWritable):
                raise CommandError(
                    Exit.FINDINGS,
                    f"{path}: auto_link {value} cannot be written: {made.reason}",
                    f"write it by hand: match.{rule.match.entity}.name.auto_link of {rule.connection}",
                )
            text = made
    return text


def _diff(path: Path, file: TextFile, changed: str) -> str:
    from queast_runtime.cli.fixing import unified_diff

    return unified_diff(str(path), file.text, changed)


def _text(fit: _Fit) -> str:
    rule = fit.rule
    head = f"{rule.connection} match.{rule.match.entity}.name  auto_link {rule.name.auto_link:g}"
    rows = [
        (
            f"{each.low:.2f} to {each.high:.2f}",
            each.precision.total,
            each.precision.right,
            f"{each.precision.lower:.3f}",
        )
        for each in fit.bands
    ]
    told = table(rows, header=("BEST SCORE", "CASES", "RIGHT", "AT LEAST (95 %)"), indent="  ")
    return f"{head}\n{told}  {_says(fit)}\n"


def _says(fit: _Fit) -> str:
    today = f"{fit.rule.name.auto_link:g}"
    match fit.found:
        case Proposed(threshold=threshold, precision=precision, is_lower=is_lower):
            right = f"{precision.right} of {precision.total} answers from there on are right"
            gate = "; a lower threshold is a change that must be accepted when it is published" if is_lower else ""
            return f"write {threshold:.2f} for {today}: {right}, at least {precision.lower:.3f}{gate}"
        case Kept(precision=precision):
            return f"{today} stays: {precision.right} of {precision.total} answers from it on are right"
        case TooFew(precision=precision, missing=missing):
            return (
                f"{precision.right} of {precision.total} answers from {today} on are right: {missing} more right"
                f" answers are needed before they show a precision of {TARGET:g}"
            )
        case NoneHolds(precision=precision):
            return (
                f"only {precision.right} of {precision.total} answers from {today} on are right, and no higher"
                " threshold is better: ask a person for every link, with auto_link: 1"
            )
        case _:
            assert_never(fit.found)


def _json(fit: _Fit) -> dict[str, Any]:
    found = fit.found
    return {
        "connection": fit.rule.connection,
        "entity": fit.rule.match.entity,
        "auto_link": fit.rule.name.auto_link,
        "bound": fit.rule.floor,
        "target": TARGET,
        "answers": fit.answers,
        "outcome": _outcome(found),
        "proposed": found.threshold if isinstance(found, Proposed) else None,
        "missing": found.missing if isinstance(found, TooFew | NoneHolds) else None,
        "precision": share_json(found.precision),
        "bands": [{"low": each.low, "high": each.high, **share_json(each.precision)} for each in fit.bands],
        "says": _says(fit),
    }


def _outcome(found: Calibration) -> str:
    match found:
        case Proposed(is_lower=is_lower):
            return "lower" if is_lower else "raise"
        case Kept():
            return "keep"
        case TooFew():
            return "too_few"
        case NoneHolds():
            return "none_holds"
        case _:
            assert_never(found)
