"""Keys of a table that differ in letter case only."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.diagnostics.model import Note
from queast_dsl.source import Located


def check(subject: Subject) -> Iterator[Hit]:
    for table in subject.program.mapping.tables:
        first: dict[str, Located[str]] = {}
        for key, _ in table.rows:
            known = first.setdefault(key.value.casefold(), key)
            if known is not key:
                notes = (Note("the other one", known.span),)
                message = f"`{key.value}` and `{known.value}` differ in letter case only"
                yield Hit(message, key.span, "keep one, and look up in one case", notes)


RULE = Rule(
    code="QM815",
    title="keys that differ in letter case only",
    why=(
        "Lookups tell letter case apart, so of two keys that differ in nothing else one is mostly a slip, and other "
        "spellings are missed."
    ),
    instead="Keep one key and look up in one case: `lookup(lower(company.city), cities, else = null)`.",
    bad="""\
city: lookup(company.city, cities, else = 'Other')
tables:
  cities: {Oslo: East, oslo: West}
""",
    good="""\
city: lookup(lower(company.city), cities, else = 'Other')
tables:
  cities: {oslo: East, bergen: West}
""",
    check=check,
)
