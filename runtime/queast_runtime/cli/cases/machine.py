"""Results for machines: JSON, JUnit XML and LCOV."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from queast_runtime.cli.cases.results import Covered, Result, percent, shown, shown_path
from queast_runtime.preview.cases.coverage import KINDS, Item

# Characters that no XML may hold, however they are escaped.
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_json(
    results: Sequence[Result], root_of: Mapping[str, Path], covered: Sequence[Covered] | None
) -> dict[str, Any]:
    """Return results as one object; values of persons are not in it."""
    found: dict[str, Any] = {
        "passed": sum(not each.differences for each in results),
        "failed": sum(bool(each.differences) for each in results),
        "tests": [_test(each, root_of[each.tenant]) for each in results],
    }
    if covered is not None:
        found["coverage"] = {
            "percent": round(percent(covered), 1),
            "mappings": {f"{each.tenant}/{each.mapping}": _shares(each) for each in covered},
        }
    return found


def _test(result: Result, root: Path) -> dict[str, Any]:
    case = result.case
    return {
        "tenant": result.tenant,
        "mapping": case.mapping,
        "name": case.name,
        "file": case.file,
        "line": case.line,
        "passed": not result.differences,
        "differences": [
            {
                "where": each.where,
                "name": each.name,
                "expected": shown(each.expected, personal=True) if each.personal else each.expected,
                "actual": shown(each.actual, personal=True) if each.personal else each.actual,
                "why": None
                if each.why is None
                else {"what": each.why.what, "file": shown_path(root, each.why.file), "line": each.why.line},
            }
            for each in result.differences
        ],
    }


def _shares(covered: Covered) -> dict[str, Any]:
    return {
        kind: {
            "exercised": sum(each.hits > 0 for each in covered.of(kind)),
            "of": len(covered.of(kind)),
            "never": list(covered.missed(kind)),
        }
        for kind in KINDS
    }


def as_junit(results: Sequence[Result]) -> str:
    """Return results as JUnit XML, a suite for each file of tests."""
    by_file: dict[str, list[Result]] = {}
    for each in results:
        by_file.setdefault(each.case.file, []).append(each)
    failed = sum(bool(each.differences) for each in results)
    total_s = sum(each.seconds for each in results)
    text = '<?xml version="1.0" encoding="UTF-8"?>\n'
    text += f'<testsuites tests="{len(results)}" failures="{failed}" errors="0" time="{total_s:.3f}">\n'
    for file, found in by_file.items():
        bad = sum(bool(each.differences) for each in found)
        took_s = sum(each.seconds for each in found)
        counts = f'tests="{len(found)}" failures="{bad}" errors="0" skipped="0" time="{took_s:.3f}"'
        text += f"  <testsuite name={_attribute(file)} {counts}>\n"
        text += "".join(_testcase(each) for each in found)
        text += "  </testsuite>\n"
    return text + "</testsuites>\n"


def _testcase(result: Result) -> str:
    case = result.case
    place = f"{result.tenant}.{case.mapping}"
    head = f"    <testcase classname={_attribute(place)} name={_attribute(case.name)}"
    head += f' file={_attribute(case.file)} line="{case.line}" time="{result.seconds:.3f}"'
    if not result.differences:
        return f"{head}/>\n"
    lines = [
        f"{each.where} {each.name}: expected {shown(each.expected, personal=each.personal)},"
        f" actual {shown(each.actual, personal=each.personal)}"
        for each in result.differences
    ]
    body = escape(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", "\n".join(lines)))
    return (
        f'{head}>\n      <failure message={_attribute(lines[0])} type="difference">{body}</failure>\n    </testcase>\n'
    )


def _attribute(text: str) -> str:
    return quoteattr(_NO_XML.sub("\N{REPLACEMENT CHARACTER}", text), {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def as_lcov(covered: Sequence[Covered], root_of: Mapping[str, Path]) -> str:
    """Return line and branch hits of the files that tenants keep; a base that ships is not among them."""
    by_file: dict[str, list[Item]] = {}
    for each in covered:
        root = root_of[each.tenant]
        for item in each.items:
            if (root / item.file).is_file() and item.line:
                by_file.setdefault((root / item.file).as_posix(), []).append(item)
    return "".join(_file(path, items) for path, items in sorted(by_file.items()))


def _file(path: str, items: Sequence[Item]) -> str:
    lines: dict[int, int] = {}
    for item in items:
        lines[item.line] = max(lines.get(item.line, 0), item.hits)
    ways = [item for item in items if item.kind == "branches"]
    text = f"TN:\nSF:{path}\n"
    number: dict[int, int] = {}
    reached = {line for line, hits in lines.items() if hits}
    for item in ways:
        at = number.get(item.line, 0)
        number[item.line] = at + 1
        text += f"BRDA:{item.line},0,{at},{item.hits if item.line in reached else '-'}\n"
    text += f"BRF:{len(ways)}\nBRH:{sum(item.hits > 0 for item in ways)}\n"
    text += "".join(f"DA:{line},{hits}\n" for line, hits in sorted(lines.items()))
    return text + f"LF:{len(lines)}\nLH:{len(reached)}\nend_of_record\n"
