"""A matching rule that asks a person before a later one could have decided."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_dsl.diagnostics.model import Note
from queast_dsl.diagnostics.nearest import listed
from queast_dsl.document.connections import Connection, MatchRules

_DECIDES = ("external_id", "domain")


def check_connection(connection: Connection) -> Iterator[Hit]:
    """`order: [link, name, domain]`  ->  a hit at `name`. `link` is asked first wherever it stands."""
    for rules in connection.match:
        values = [each.value for each in rules.order]
        first = next((n for n, value in enumerate(values) if _only_asks(value, rules)), len(values))
        late = [each for each in rules.order[first:] if each.value in _DECIDES]
        if late:
            asking = rules.order[first]
            questions = [value for value in values if _only_asks(value, rules)]
            order = [value for value in values if value not in questions] + questions
            them = listed([each.value for each in late])
            yield Hit(
                f"`{asking.value}` only asks a person, and comes before {them}, which would decide",
                asking.span,
                f"write `order: [{', '.join(order)}]`",
                tuple(Note("not reached where both agree", each.span) for each in late[:1]),
            )


def _only_asks(rule: str, rules: MatchRules) -> bool:
    """Say whether a hit of a rule never makes a link: a name does where it is scored."""
    return rule == "linkedin" or (rule == "name" and rules.name is None)


RULE = Rule(
    code="QM843",
    title="a matching rule that asks before another would decide",
    why=(
        "Rules are tried in their order, and the first hit wins. `linkedin`, and `name` without thresholds, only ever "
        "ask a person. A record that has the same name and the same domain, or our id, is then a question each time, "
        "although the later rule would have found it."
    ),
    instead="Put the rules that decide first: `[link, external_id, domain, linkedin, name]`.",
    bad="""\
-- acme/connections.yaml --
connections:
  hubspot-main:
    match:
      company:
        order: [link, name, external_id, domain]
""",
    good="""\
-- acme/connections.yaml --
connections:
  hubspot-main:
    match:
      company:
        order: [link, external_id, domain, name]
""",
    check_connection=check_connection,
)
