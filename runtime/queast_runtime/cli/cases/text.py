"""Results for people: of each failure only what differs, and how to run it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from queast_dsl.diagnostics.render.text import visible
from queast_runtime.cli.cases.results import Covered, Result, shown, shown_path
from queast_runtime.preview.cases.coverage import KINDS
from queast_runtime.preview.cases.differences import Difference

_NAME, _VALUE = 26, 22
# What is longer stands on a line of its own.
_LONG = 48
_LISTED = 12


def render(results: Sequence[Result], root_of: dict[str, Path], covered: Sequence[Covered] | None) -> str:
    """Return the failures, then one line that counts."""
    failed = [each for each in results if each.differences]
    text = ""
    for number, each in enumerate(failed, 1):
        text += "\n".join(_failure(each, number, len(failed), root_of[each.tenant])) + "\n\n"
    passed = len(results) - len(failed)
    text += f"{passed} passed" + (f", {len(failed)} failed" if failed else "")
    if covered is None:
        return text + "\n"
    if len(covered) == 1:
        return text + f". Coverage: {_coverage(covered[0])}\n"
    return text + "\n" + "".join(f"coverage {visible(each.mapping)}: {_coverage(each)}\n" for each in covered)


def _failure(result: Result, number: int, of: int, root: Path) -> Iterator[str]:
    case = result.case
    yield f"FAIL {case.file}:{case.line}  {visible(case.name)}      ({number} of {of})"
    first = True
    for where, found in groupby(result.differences, key=lambda each: each.where):
        rows = [(visible(one.name), _value(one, one.expected), _value(one, one.actual)) for one in found]
        short = [row for row in rows if len(row[1]) <= _LONG]
        name = max(_NAME, *(len(row[0]) + 2 for row in rows))
        value = max((_VALUE, *(len(row[1]) + 1 for row in short)))
        head = f"  {where:<{name}}  "
        yield (f"{head}{'expected':<{value}} actual" if first else head).rstrip()
        first = False
        for row in rows:
            if row in short:
                yield f"    {row[0]:<{name - 2}}  {row[1]:<{value}} {row[2]}".rstrip()
            else:
                yield from (f"    {row[0]}", f"      expected  {row[1]}", f"      actual    {row[2]}")
    places = dict.fromkeys(
        f"{each.why.what}, {shown_path(root, each.why.file)}" + (f":{each.why.line}" if each.why.line else "")
        for each in result.differences
        if each.why is not None
    )
    for place in list(places)[:_LISTED]:
        yield f"  why: {visible(place)}"
    yield f"  again: qmap test -k {shlex.quote(visible(case.name))}"


def _value(one: Difference, value: object) -> str:
    return visible(shown(value, personal=one.personal))


def _coverage(covered: Covered) -> str:
    said = []
    for kind in KINDS:
        items, missed = covered.of(kind), covered.missed(kind)
        hit = sum(each.hits > 0 for each in items)
        more = f", and {len(missed) - _LISTED} more" if len(missed) > _LISTED else ""
        never = f" (never exercised: {visible(', '.join(missed[:_LISTED]))}{more})" if missed else ""
        said.append(f"{kind} {hit}/{len(items)}{never}")
    return ", ".join(said)
