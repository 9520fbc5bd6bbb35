"""A table that gives the same for every key."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject

_FEWEST = 3


def check(subject: Subject) -> Iterator[Hit]:
    for table in subject.program.mapping.tables:
        results = {value.value for _, value in table.rows}
        if len(table.rows) >= _FEWEST and len(results) == 1:
            yield Hit(
                f"every row of `{table.name.value}` gives `{results.pop()}`",
                table.name.span,
                "write a condition with `in` instead",
            )


RULE = Rule(
    code="QM813",
    title="a table with one result",
    why="Every row of the table gives the same result, so looking it up tells no more than whether the key is there.",
    instead="Write the condition: `if(company.country in ['NO', 'SE'], 'Nordics', 'Other')`.",
    bad="""\
city: lookup(company.country, regions, else = 'Other')
tables:
  regions: {'NO': Nordics, 'SE': Nordics, 'DK': Nordics}
""",
    good="""\
city: lookup(company.country, regions, else = 'Other')
tables:
  regions: {'NO': Nordics, 'SE': Nordics, 'DE': Central}
""",
    check=check,
)
