"""A matching rule that only infers, or only asks, before a later one that is certain."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_dsl.diagnostics.model import Note
from queast_dsl.diagnostics.nearest import listed
from queast_dsl.document.connections import Connection, MatchRules

_CERTAIN = ("external_id", "domain")
_INFER = ("linkedin", "name")


def check_connection(connection: Connection) -> Iterator[Hit]:
    """`order: [link, name, domain]`  ->  a hit at `name`. `link` is asked first wherever it stands."""
    for rules in connection.match:
        values = [each.value for each in rules.order]
        first = next((n for n, value in enumerate(values) if value in _INFER), len(values))
        late = [each for each in rules.order[first:] if each.value in _CERTAIN]
        if late:
            asking = rules.order[first]
            order = [value for value in values if value not in _INFER] + [value for value in values if value in _INFER]
            them = listed([each.value for each in late])
            yield Hit(
                f"`{asking.value}` {_does(asking.value, rules)}, and comes before {them}, which is certain",
                asking.span,
                f"write `order: [{', '.join(order)}]`",
                tuple(Note("not reached where both agree", each.span) for each in late[:1]),
            )


def _does(rule: str, rules: MatchRules) -> str:
    return "only asks a person" if rule == "name" and rules.name is None else "only infers a link"


RULE = Rule(
    code="QM843",
    title="a matching rule that infers or asks before a certain one",
    why=(
        "Rules are tried in their order, and the first hit wins. A link by `linkedin` or `name` is only inferred: it "
        "fills empty properties, overwrites nothing and proves nothing; `name` without thresholds only asks a person. "
        "A record that has the same name and the same domain, or our id, gets such a link or question, although the "
        "later rule would have made a certain one."
    ),
    instead="Put the certain rules first: `[link, external_id, domain, linkedin, name]`.",
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
