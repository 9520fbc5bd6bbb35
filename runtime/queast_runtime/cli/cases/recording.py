"""`qmap test record`: an event, and what its mapping makes of it now, as a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from queast_compiler.cases.model import ReadyCase
from queast_compiler.codegen import load_mapping
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.directory import write_atomically
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics import Diagnostics
from queast_dsl.diagnostics.nearest import did_you_mean
from queast_dsl.entities import entity
from queast_dsl.loading.build_cases import build_cases
from queast_dsl.loading.nodes import MapNode
from queast_dsl.loading.source import read_source
from queast_dsl.loading.structure import check_structure
from queast_dsl.loading.tree import read_tree
from queast_runtime.cli.cases.results import written_names
from queast_runtime.cli.cases.yaml_text import block
from queast_runtime.cli.compiling import Compilation, compile_selection, fail_on_findings, find_connector
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import Format, say
from queast_runtime.cli.places import CONNECTIONS, TESTS, Selection
from queast_runtime.engine.event import Broken, Event, read_event
from queast_runtime.preview.as_test import Placeholders
from queast_runtime.preview.cases.differences import Comparison
from queast_runtime.preview.cases.redacting import redacted
from queast_runtime.preview.cases.run import Outcome, run_case
from queast_runtime.preview.cases.seen import match_of, refusal_of, sends_of, word_of, writes_of


def record(event: Path, out: Path, mapping: str | None, *, redact: bool) -> None:
    """Write the test. Raises CommandError where the event is none, or `out` is no new file of a tenant's tests."""
    selection = _place(out)
    told = _event(event)
    compilation = compile_selection(selection)
    fail_on_findings([compilation], Format.TEXT)
    plan = _mapping(compilation, told, mapping)
    given = _given(told, redact=redact)
    first = _test(plan.mapping, f"{told.entity} {told.kind}", given, {"exact": True})
    names = written_names(compilation.documents, plan)
    expect = _expected(_ran(compilation, plan, out, first).outcome, names)
    case = _test(plan.mapping, f"what {plan.mapping} makes of a {told.entity} {told.kind}", given, expect)
    if _ran(compilation, plan, out, case).differences():
        raise CommandError(Exit.BUG, "the test that would be written fails at once; nothing is written")
    try:
        write_atomically(out, case.encode())
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot write {out}: {error.strerror}") from error
    left = "" if redact else "; company names and domains stand as they are: --redact replaces them too"
    say(f"wrote {out}, persons replaced by placeholders{left}; give it a name that says what it shows")


def _place(out: Path) -> Selection:
    folder = out.absolute().parent
    if folder.name != TESTS or not (folder.parent / CONNECTIONS).is_file() or out.suffix != ".yaml":
        raise CommandError(
            Exit.USAGE,
            f"{out} is no file of a tenant's tests",
            "name one in the folder `tests` beside connections.yaml, such as mappings/acme/tests/new.yaml",
        )
    if out.exists():
        raise CommandError(Exit.USAGE, f"{out} is there already", "name another file, or remove it first")
    tenant = folder.parent
    root = out.parent.parent.parent
    return Selection(root if str(root) else Path(), tenant.name, None)


def _event(path: Path) -> Event:
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise CommandError(Exit.USAGE, f"{path} cannot be read: {reason}", "name a file with one event") from error
    found = read_event(raw.strip())
    if isinstance(found, Broken):
        raise CommandError(Exit.USAGE, f"{path} is not an event: {found.detail}", "name a file with one event as JSON")
    return found


def _mapping(compilation: Compilation, event: Event, name: str | None) -> MappingPlan:
    plans = compilation.compiled.mappings
    if name is not None:
        found = [each for each in plans if each.mapping == name]
        known = [each.mapping for each in plans]
        help = did_you_mean(name, known) or f"mappings here: {', '.join(known)}"
    else:
        found = [each for each in plans if any(route.entity == event.entity for route in each.routes)]
        taking = ", ".join(each.mapping for each in found)
        none = "a test begins with an event that some route takes"
        help = f"say which with --mapping NAME: {taking}" if found else none
    if len(found) == 1:
        return found[0]
    many = f"{len(found)} mappings take" if found else "no mapping takes"
    said = f"no mapping is called {name}" if name is not None else f"{many} events of {event.entity}"
    raise CommandError(Exit.USAGE, said, help)


def _given(event: Event, *, redact: bool) -> dict[str, Any]:
    made = Placeholders()
    # The company comes first, so that its placeholders are those of the first words.
    bodies: dict[str, Any] = {event.entity: dict(event.body)}
    if event.entity != "company" and event.company is not None:
        bodies = {"company": event.company, event.entity: {k: v for k, v in event.body.items() if k != "company"}}
    shown = {
        name: redacted(entity(name), {k: v for k, v in body.items() if v is not None}, made, companies=redact)
        for name, body in bodies.items()
    }
    return {"event": f"{event.entity}.{event.kind}", "now": event.time.isoformat(), **shown}


def _test(mapping: str, name: str, given: dict[str, Any], expect: dict[str, Any]) -> str:
    test = {"name": name, "given": given, "expect": expect}
    return f"mapping: {mapping}\ntests:\n  - {block(test, 4)}\n"


def _ran(compilation: Compilation, plan: MappingPlan, out: Path, text: str) -> Comparison:
    """Run the test of a text that is not on disk yet."""
    diagnostics = Diagnostics()
    case = _ready(compilation, out, text, diagnostics)
    if case is None:
        first = next(iter(diagnostics), None)
        why = "its mapping has no plan" if first is None else first.message
        raise CommandError(Exit.FINDINGS, f"no test can be made of this event: {why}", "see: qmap lint")
    connection = next(each for each in compilation.compiled.connections if each.connection == plan.connection)
    return Comparison(case, run_case(case, connection, load_mapping(plan)), plan, connection)


def _ready(compilation: Compilation, out: Path, text: str, diagnostics: Diagnostics) -> ReadyCase | None:
    source = read_source(out.as_posix(), text.encode(), diagnostics)
    root = None if source is None else read_tree(source, diagnostics)
    if not isinstance(root, MapNode) or not check_structure(root, "tests", diagnostics):
        return None
    documents = replace(compilation.documents, tests=(build_cases(root),))
    compiled = compile_tenant(
        documents,
        diagnostics,
        today=datetime.now(UTC).date(),
        connectors=lambda name: find_connector(name, diagnostics),
    )
    return compiled.cases[0] if compiled.cases else None


def _expected(outcome: Outcome, names: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    refused = refusal_of(outcome)
    if refused is not None:
        return {"refused": refused, "never": ["create", "update", "send"]}
    made: dict[str, Any] = {}
    seen = match_of(outcome, None)
    if seen is not None:
        by = {} if seen.by is None else {"by": seen.by}
        made["match"] = {"record": seen.record, **by, "outcome": seen.outcome}
    routes = {one.route: word_of(outcome, one.route) for one in outcome.routes if one.route}
    if routes:
        made["routes"] = routes
    writes = [
        {
            "object": one.object,
            "id": one.id,
            "fields": {names.get((one.route.route, key), key): value for key, value in one.fields.items()},
        }
        for one in writes_of(outcome)
    ]
    sends = [{"route": one.route, "body": one.body} for one in sends_of(outcome)]
    return {**made, **({"writes": writes} if writes else {}), **({"sends": sends} if sends else {})} or {"exact": True}
