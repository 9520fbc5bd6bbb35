"""`qmap review show ID --as-test`: a decided case as YAML, in the shape of mapping tests."""

from __future__ import annotations

from typing import Any

from queast_dsl.loading.quoting import in_quotes, may_be_plain
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.ports.matches import Review
from queast_runtime.preview.as_test import as_test


def test_of(case: Review) -> str:
    """Return the file's text. Raises CommandError for a case that no person decided, or of no mapping."""
    try:
        made = as_test(case)
    except ValueError as error:
        raise CommandError(Exit.FINDINGS, f"case {case.id}: {error}", "answer it first") from None
    if not made["mapping"]:
        raise CommandError(Exit.FINDINGS, f"case {case.id} is of no mapping", "choose another case")
    (test,) = made["tests"]
    given, expect = test["given"], test["expect"]
    entity = next(name for name in given if name not in ("event", "crm"))
    lines = [
        "# Made of a person's answer. Names and domains are placeholders that agree and differ as the real ones do.",
        f"mapping: {_scalar(made['mapping'], in_braces=False)}",
        "tests:",
        f"  - name: {_scalar(test['name'], in_braces=False)}",
        "    given:",
        f"      event: {_scalar(given['event'], in_braces=False)}",
        f"      {entity}: {_flow(given[entity])}",
        "      crm:" if given["crm"] else "      crm: []",
        *(f"        - {_flow(record)}" for record in given["crm"]),
        "    expect:",
        f"      match: {_flow(expect['match'])}",
    ]
    return "\n".join(lines) + "\n"


def _flow(values: dict[str, Any]) -> str:
    return "{" + ", ".join(f"{name}: {_scalar(value, in_braces=True)}" for name, value in values.items()) + "}"


def _scalar(value: str | None, *, in_braces: bool) -> str:
    if value is None:
        return "null"
    return value if may_be_plain(value, in_braces=in_braces) else in_quotes(value)
