"""`qmap test`: find the tests, run each against its compiled mapping, and say what differs."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from queast_compiler.cases.model import ReadyCase
from queast_compiler.codegen import LoadedMapping, load_mapping
from queast_compiler.plan.connection import ConnectionPlan
from queast_dsl.diagnostics import Diagnostics, Severity
from queast_runtime.cli.cases.choosing import means
from queast_runtime.cli.cases.results import Covered, Result, percent, written_names
from queast_runtime.cli.compiling import Compilation, compile_selection, distinct, fail_on_findings
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format, data, data_json, say
from queast_runtime.cli.places import Selection, is_tests, select
from queast_runtime.cli.targets import LCOV, check_target
from queast_runtime.cli.wording import counted
from queast_runtime.preview.cases.coverage import Watched, watched
from queast_runtime.preview.cases.differences import Comparison
from queast_runtime.preview.cases.run import run_case


class Shown(StrEnum):
    TEXT = "text"
    JSON = "json"
    JUNIT = "junit"


@dataclass(frozen=True, slots=True)
class Asked:
    """What `qmap test` was called with. `least` is the percentage below which coverage fails."""

    expr: str | None = None
    coverage: bool = False
    lcov: Path | None = None
    least: float | None = None
    update: bool = False
    format: Shown = Shown.TEXT


@dataclass(slots=True)
class _Bench:
    """A tenant's plans, loaded when a test first needs them."""

    compilation: Compilation
    counting: bool
    loaded: dict[str, tuple[ConnectionPlan, LoadedMapping]]
    watched: dict[str, Watched]

    def of(self, name: str) -> tuple[ConnectionPlan, LoadedMapping] | None:
        if name not in self.loaded:
            plan = next((each for each in self.compilation.compiled.mappings if each.mapping == name), None)
            if plan is None:
                return None
            connection = next(
                each for each in self.compilation.compiled.connections if each.connection == plan.connection
            )
            mapping = load_mapping(plan)
            if self.counting:
                watch = self.watched[name] = watched(mapping, connection)
                mapping = watch.loaded
            self.loaded[name] = (connection, mapping)
        return self.loaded[name]

    def watch_all(self) -> None:
        """Watch every mapping that was asked for, those too that no test is of: they are covered by nothing."""
        selection = self.compilation.selection
        for plan in self.compilation.compiled.mappings:
            if selection.files is None or f"{selection.tenant}/{plan.mapping}.yaml" in selection.files:
                self.of(plan.mapping)


def run(paths: Sequence[Path], asked: Asked) -> None:
    """Run the tests. Raises SystemExit(1) where one fails, or where less is covered than asked."""
    counting = asked.coverage or asked.lcov is not None or asked.least is not None
    strays = Diagnostics()
    selections = select(paths, strays)
    if asked.lcov is not None:
        check_target(asked.lcov, LCOV, "--lcov", {each.root for each in selections})
    compilations = [compile_selection(each, tests=True) for each in selections]
    missed = [each for each in strays if each.severity is Severity.ERROR]
    if missed or any(each.has_errors for each in compilations):
        # What is only a warning is for lint to say.
        if asked.format is Shown.JUNIT:
            from queast_runtime.cli.diff.refused import junit

            found = (*missed, *(each for made in compilations for each in made.findings))
            errors = distinct(each for each in found if each.severity is Severity.ERROR)
            data(junit("qmap test", errors))
            raise SystemExit(Exit.FINDINGS)
        fail_on_findings(compilations, Format.JSON if asked.format is Shown.JSON else Format.TEXT, missed)
    benches = [_Bench(each, counting, {}, {}) for each in compilations]
    chosen = [(bench, case) for bench in benches for case in _cases(bench.compilation, asked.expr)]
    if not chosen:
        raise _none(compilations, asked.expr)
    results = [_run(bench, case) for bench, case in chosen]
    for bench in benches if counting else ():
        bench.watch_all()
    covered = [_covered(bench, watch) for bench in benches for watch in bench.watched.values()] if counting else None
    root_of = {each.tenant: each.root for each in selections}
    _show(results, root_of, covered, asked)
    if asked.lcov is not None:
        _write_lcov(asked.lcov, covered or [], root_of)
    failed = [each for each in results if each.differences]
    if asked.update and failed:
        from queast_runtime.cli.cases.updating import update

        update(failed)
        return
    below = asked.least is not None and percent(covered or ()) < asked.least
    if below:
        say(f"coverage is {percent(covered or ()):.1f} %, less than the {asked.least:g} % that --fail-under asks for")
    if failed or below:
        raise SystemExit(Exit.FINDINGS)


def _cases(compilation: Compilation, expr: str | None) -> list[ReadyCase]:
    cases = [each for each in compilation.compiled.cases if _is_asked(compilation.selection, each)]
    return [each for each in cases if expr is None or means(expr, each.mapping, each.name)]


def _is_asked(selection: Selection, case: ReadyCase) -> bool:
    """A file of tests asks for its own, a mapping for all that are of it."""
    if selection.files is None:
        return True
    own = {selection.shown(file) for file in selection.files if is_tests(file)}
    return case.file in own or f"{selection.tenant}/{case.mapping}.yaml" in selection.files


def _none(compilations: Sequence[Compilation], expr: str | None) -> CommandError:
    every = [case for each in compilations for case in each.compiled.cases]
    if expr is not None and every:
        names = "; ".join(case.name for case in every[:5])
        return CommandError(
            Exit.USAGE,
            f"no test is called anything like `{expr}`",
            f"{counted(len(every), 'test')} here, such as: {names}",
        )
    return CommandError(
        Exit.USAGE,
        "no tests found",
        "write some as YAML into the folder `tests` beside connections.yaml, or take an event that you have: "
        "qmap test record --event FILE -o mappings/TENANT/tests/NAME.yaml",
    )


def _run(bench: _Bench, case: ReadyCase) -> Result:
    found = bench.of(case.mapping)
    if found is None:
        raise CommandError(Exit.FINDINGS, f"mapping {case.mapping} has no plan", "see: qmap lint")
    connection, mapping = found
    start = time.perf_counter()
    try:
        outcome = run_case(case, connection, mapping)
    except LookupError as error:
        raise CommandError(Exit.FINDINGS, f"{case.file}:{case.line}: {error.args[0]}", "see: qmap lint") from error
    comparison = Comparison(case, outcome, mapping.plan, connection)
    if case.mapping in bench.watched:
        bench.watched[case.mapping].saw(outcome)
    tenant = bench.compilation.selection.tenant
    return Result(tenant, comparison, comparison.differences(), time.perf_counter() - start)


def _covered(bench: _Bench, watch: Watched) -> Covered:
    names = written_names(bench.compilation.documents, watch.plan)
    return Covered(bench.compilation.selection.tenant, watch.plan.mapping, tuple(watch.items(names)))


def _show(results: Sequence[Result], root_of: dict[str, Path], covered: Sequence[Covered] | None, asked: Asked) -> None:
    match asked.format:
        case Shown.TEXT:
            from queast_runtime.cli.cases.text import render

            data(render(results, root_of, covered))
        case Shown.JSON:
            from queast_runtime.cli.cases.machine import as_json

            data_json(as_json(results, root_of, covered))
        case Shown.JUNIT:
            from queast_runtime.cli.cases.machine import as_junit

            data(as_junit(results))


def _write_lcov(path: Path, covered: Sequence[Covered], root_of: dict[str, Path]) -> None:
    from queast_compiler.plan.directory import write_atomically
    from queast_runtime.cli.cases.machine import as_lcov

    try:
        write_atomically(path, as_lcov(covered, root_of).encode())
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot write {path}: {error.strerror}") from error
    say(f"line and branch hits are in {path}")
