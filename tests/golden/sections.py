"""Sections of the pages that are written from the code: between two marks, replaced as a whole."""

from __future__ import annotations

import ast
import json
import re
import tempfile
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import queast_schemas
from compiler.tenant_folder import compile_folder, write_tenant
from queast_compiler.codegen import assemble, load_mapping
from queast_compiler.codegen.generate import Generator
from queast_compiler.codegen.load import record_names
from queast_compiler.codegen.names import runtime_names
from queast_compiler.lint import RULES
from queast_compiler.plan.codec import encode
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics.model import Code, Diagnostics, Severity
from queast_dsl.diagnostics.registry import TOPICS
from queast_dsl.functions import FORMS, REGISTRY, Example

_EXAMPLE = """\
version: 1
connection: hubspot-main
mode: live
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    write: always
    fields:
      name: company.name
      domain: company.domain ?? (company.website_url | domain)
"""
_NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def marks(name: str) -> tuple[str, str]:
    return f"<!-- begin {name}: written by `make golden` -->", f"<!-- end {name} -->"


def section(page: str, name: str) -> str:
    """Return what stands between the marks of a section. ValueError where they are not there once each."""
    begin, end = marks(name)
    if page.count(begin) != 1 or page.count(end) != 1:
        raise ValueError(f"the page needs the marks of section {name} once each")
    return page.partition(begin)[2].partition(end)[0].strip("\n")


def with_section(page: str, name: str, text: str) -> str:
    """Return the page with a section's text replaced."""
    begin, end = marks(name)
    section(page, name)
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}"


def functions() -> str:
    """A list a topic: signature, what it gives, the first example."""
    topics: dict[str, list[str]] = {}
    for form in FORMS.values():
        topics.setdefault(form.topic, []).append(_entry(form.signature, form.doc, form.examples))
    for function in REGISTRY.values():
        topics.setdefault(function.topic, []).append(_entry(function.signature, function.doc, function.examples))
    return "\n\n".join(f"**{topic}**\n" + "\n".join(entries) for topic, entries in topics.items())


def _entry(signature: str, doc: str, examples: Iterable[Example]) -> str:
    shown = "".join(f" `{each.expression}` → `{_written(each.result)}`" for each in list(examples)[:1])
    return f"- `{signature}` {doc}{shown}"


def _written(value: Any) -> str:
    """A value as the language writes it; dates and moments as ISO."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return repr(value)
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case list():
            return f"[{', '.join(_written(item) for item in value)}]"
        case _:
            return str(value)


def rules() -> str:
    """A line a rule of lint."""
    return "\n".join(f"- `{rule.code}` ({rule.severity.value}) {rule.title}" for rule in RULES)


def codes() -> str:
    """A heading a topic, a line a code; errors are not called so, most being errors."""
    groups = [*TOPICS, ("what is allowed and mostly not meant", tuple(rule.entry for rule in RULES))]
    parts = []
    for topic, listed in sorted(groups, key=lambda group: group[1][0].code):
        lines = (f"- `{each.code}`{_severity(each)} {_lower(each.title)}" for each in listed)
        parts.append(f"## {topic[0].upper()}{topic[1:]}\n" + "\n".join(lines))
    return "\n\n".join(parts)


def _lower(title: str) -> str:
    return title if title[:2].isupper() else title[0].lower() + title[1:]


def _severity(code: Code) -> str:
    return "" if code.severity is Severity.ERROR else f" ({code.severity.value})"


def schemas() -> str:
    """A line a schema: its name and the first sentence of its description."""
    lines = []
    for name in queast_schemas.names():
        description = re.split(r"(?<=\.)\s", str(queast_schemas.load(name)["description"]))[0]
        lines.append(f"- `{name}`: {description}")
    return "\n".join(lines)


def field() -> str:
    """One field from YAML to what it gives, through the plan and the generated code."""
    plan = _compiled()
    route = plan.routes[0]
    chosen = encode(plan)["routes"][0]["fields"][1]
    make = Generator({}, {**runtime_names(), **record_names()}, [])
    code = assemble.evaluate_function("evaluate", "unshared", route, make, {}, share=True)
    evaluate = load_mapping(plan).routes[0].evaluate
    events = ({"name": "Acme AS", "website_url": "https://www.acme.no/om"}, {"name": "Acme AS", "domain": 7})
    yaml = "\n".join(line[4:] for line in _EXAMPLE.splitlines()[-3:])
    parts = [
        _block("yaml", yaml),
        "lowered into the plan (the second field, `line` left out):",
        _block("json", json.dumps(_without_lines(chosen), separators=(", ", ": "))),
        "generated when the plan is loaded (shown as text here; it never is text):",
        _block("python", "\n".join(_cut(line) for line in ast.unparse(ast.fix_missing_locations(code)).splitlines())),
        "and run:",
        _block("text", "\n".join(_outcome(company, evaluate({"company": company}, _NOW)) for company in events)),
    ]
    return "\n\n".join(parts)


def _compiled() -> MappingPlan:
    with tempfile.TemporaryDirectory() as folder:
        write_tenant(Path(folder), {"companies": _EXAMPLE})
        diagnostics = Diagnostics()
        compiled = compile_folder(Path(folder), diagnostics)
    assert len(diagnostics) == 0
    (plan,) = compiled.mappings
    return plan


def _without_lines(value: Any) -> Any:
    match value:
        case dict():
            return {key: _without_lines(each) for key, each in value.items() if key != "line"}
        case list():
            return [_without_lines(each) for each in value]
        case _:
            return value


def _cut(line: str) -> str:
    """Break a long line of generated code where a reader would."""
    if len(line) <= 118:
        return line
    indent = " " * (len(line) - len(line.lstrip()) + 8)
    return line.replace(" else (", f"\n{indent}else (").replace(") if t2 is None", f")\n{indent}if t2 is None")


def _outcome(company: dict[str, Any], record: Any) -> str:
    failed = "".join(
        f"\n    left out: {each.property}, {each.reason} ({each.file}:{each.line})" for each in record.failures
    )
    return f"{json.dumps(company)}\n    sends: {json.dumps(record.values)}{failed}"


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```"
