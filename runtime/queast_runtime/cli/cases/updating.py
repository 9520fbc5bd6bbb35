"""`qmap test --update`: what came becomes what is expected, in the place of the old expectation and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from queast_dsl.diagnostics import Diagnostics
from queast_dsl.loading.build_cases import build_cases
from queast_dsl.loading.nodes import MapNode, at
from queast_dsl.loading.source import read_source
from queast_dsl.loading.structure import check_structure
from queast_dsl.loading.tree import read_tree
from queast_dsl.source import Span
from queast_runtime.cli.cases.results import Result
from queast_runtime.cli.cases.yaml_text import block, inline
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import say
from queast_runtime.cli.wording import counted
from queast_runtime.preview.cases.differences import Comparison
from queast_runtime.preview.cases.seen import match_of, refusal_of, sends_of, word_of, writes_of


def update(failed: Sequence[Result]) -> None:
    """Rewrite the expectations of failed tests, and say which. Raises CommandError where a file cannot be written."""
    by_file: dict[str, list[Result]] = {}
    for each in failed:
        by_file.setdefault(each.case.file, []).append(each)
    for file, results in by_file.items():
        _rewrite(Path(file), results)
        for each in results:
            say(f"updated {file}:{each.case.line}  {each.case.name}")
    say(f"{counted(len(failed), 'test')} updated; look at the change before you keep it")


def _rewrite(path: Path, results: Sequence[Result]) -> None:
    from queast_compiler.plan.directory import write_atomically

    old = path.read_bytes()
    root = _tree(path, old)
    wanted = {each.case.name: expected_of(each.comparison) for each in results}
    edits: list[tuple[Span, str]] = []
    for number, case in enumerate(build_cases(root).tests):
        if case.name.value not in wanted:
            continue
        node = at(root, ("tests", number, "expect"))
        if isinstance(node, MapNode):
            edits.append((node.span, _text(node, wanted[case.name.value])))
    text = root.span.file.text
    for span, new in sorted(edits, key=lambda each: -each[0].start):
        text = text[: span.start] + new + text[span.end :]
    data = text.encode()
    if old.startswith(b"\xef\xbb\xbf"):
        data = b"\xef\xbb\xbf" + data
    _tree(path, data)
    try:
        write_atomically(path, data)
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot write {path}: {error.strerror}") from error


def _tree(path: Path, data: bytes) -> MapNode:
    """Return the tree of a file of tests. Raises CommandError for one that is none, also for what was to be written."""
    diagnostics = Diagnostics()
    source = read_source(path.as_posix(), data, diagnostics)
    root = None if source is None else read_tree(source, diagnostics)
    if not isinstance(root, MapNode) or not check_structure(root, "tests", diagnostics):
        first = next(iter(diagnostics), None)
        why = "" if first is None else f": {first.message}"
        raise CommandError(Exit.BUG, f"what would be written to {path} is no file of tests{why}; nothing is written")
    return root


def _text(node: MapNode, value: dict[str, Any]) -> str:
    if node.is_flow:
        return inline(value)
    return block(value, node.span.column - 1)


def expected_of(comparison: Comparison) -> dict[str, Any]:
    """Return what came, as far as the test says something about it."""
    expect, outcome = comparison.case.expect, comparison.outcome
    names = comparison.case.names
    made: dict[str, Any] = {"exact": True} if expect.exact else {}
    if expect.match is not None:
        seen = match_of(outcome, expect.match.route)
        route = {} if expect.match.route is None else {"route": expect.match.route}
        asked = {"record": expect.match.record, "by": expect.match.by, "outcome": expect.match.outcome}
        found: dict[str, str | None] = {"record": None, "by": None, "outcome": None}
        if seen is not None:
            found = {"record": seen.record, "by": seen.by, "outcome": seen.outcome}
        said = {key: found[key] for key, one in asked.items() if one is not None}
        made["match"] = {**route, **{key: one for key, one in said.items() if key == "record" or one is not None}}
    if expect.writes is not None:
        made["writes"] = _writes(comparison, names)
    if expect.sends is not None:
        made["sends"] = _sends(comparison)
    refused = refusal_of(outcome)
    if expect.refused is not None and refused is not None:
        made["refused"] = refused
    routes = {name: word for name, _ in expect.routes if (word := word_of(outcome, name)) is not None}
    if routes:
        made["routes"] = routes
    if expect.bookmark is not None:
        made["bookmark"] = bookmark_of(comparison)
    never = [word for word in expect.never if not _happened(comparison, word)]
    if never:
        made["never"] = [names.get(word, word) for word in never]
    # A test that is left with nothing to say says what its routes made of it.
    return made or {"routes": {one.route: word_of(outcome, one.route) for one in outcome.routes if one.route}}


def _writes(comparison: Comparison, names: Mapping[str, str]) -> list[dict[str, Any]]:
    pairs, left = comparison.paired()
    found: list[dict[str, Any]] = []
    for wanted, seen in pairs:
        if seen is None:
            continue
        one: dict[str, Any] = {}
        if wanted.object is not None:
            one["object"] = seen.object
        if wanted.id is not None:
            one["id"] = seen.id
        if wanted.route is not None:
            one["route"] = seen.route.route
        keys = list(wanted.fields)
        if comparison.case.expect.exact:
            keys = [key for key in keys if key in seen.fields] + [key for key in seen.fields if key not in keys]
        if keys:
            one["fields"] = {names.get(key, key): seen.fields.get(key) for key in keys}
        found.append(one)
    if comparison.case.expect.exact or not found:
        found += [
            {"object": one.object, "id": one.id, "fields": {names.get(key, key): v for key, v in one.fields.items()}}
            for one in left
        ]
    return found


def _sends(comparison: Comparison) -> list[dict[str, Any]]:
    wanted = comparison.case.expect.sends or ()
    found: list[dict[str, Any]] = []
    for number, one in enumerate(sends_of(comparison.outcome)):
        said = wanted[number].body if number < len(wanted) else {}
        if comparison.case.expect.exact or number < len(wanted):
            whole = comparison.case.expect.exact or not said
            body = one.body if whole or not isinstance(one.body, dict) else {key: one.body.get(key) for key in said}
            found.append({"route": one.route, "body": body})
    return found


def bookmark_of(comparison: Comparison) -> dict[str, Any] | None:
    """Return the first bookmark that was made, None where there is none."""
    received = comparison.outcome.received
    if received is None or not received.bookmarks:
        return None
    first = received.bookmarks[0]
    return {"company": first.company_id, "owner": first.owner, **({"note": first.note} if first.note else {})}


def _happened(comparison: Comparison, word: str) -> bool:
    return any(
        one.operation is not None
        and (word == one.operation or (word == one.object and one.operation != "send") or word in one.fields)
        for one in comparison.outcome.routes
    ) or (word in {one.object for one in writes_of(comparison.outcome)})
