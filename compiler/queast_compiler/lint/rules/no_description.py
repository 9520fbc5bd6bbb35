"""A mapping that does not say what it is for."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.diagnostics.model import Severity


def check(subject: Subject) -> Iterator[Hit]:
    mapping = subject.program.mapping
    if not (mapping.description or "").strip():
        yield Hit(f"`{mapping.name}` does not say what it is for", mapping.connection.span, "add `description:`")


RULE = Rule(
    code="QM816",
    title="a mapping without a description",
    why="The description is what reviewers read first: in the list of mappings, in a change, in an audit.",
    instead=(
        "Say in one sentence what is sent where, and why: `description: Companies with strict signals, for the sales "
        "team`."
    ),
    bad="""\
# a whole mapping without `description:`
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

""",
    good="""\
version: 1
description: Names of companies, for the sales team
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

""",
    check=check,
    severity=Severity.INFO,
)
