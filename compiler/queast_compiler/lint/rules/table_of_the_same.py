"""A table that gives each key itself."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject


def check(subject: Subject) -> Iterator[Hit]:
    for table in subject.program.mapping.tables:
        if len(table.rows) > 1 and all(key.value == value.value for key, value in table.rows):
            yield Hit(f"every row of `{table.name.value}` gives its own key", table.name.span, "write the value itself")


RULE = Rule(
    code="QM814",
    title="a table that changes nothing",
    why="Every row gives its own key, so the lookup changes nothing for the keys it knows and drops all others.",
    instead="Write the value itself, with a condition where some values must not pass.",
    bad="""\
city: lookup(company.country, countries, else = 'Other')
tables:
  countries: {'NO': 'NO', 'SE': 'SE'}
""",
    good="""\
city: lookup(company.country, countries, else = 'Other')
tables:
  countries: {'NO': Norway, 'SE': Sweden}
""",
    check=check,
)
