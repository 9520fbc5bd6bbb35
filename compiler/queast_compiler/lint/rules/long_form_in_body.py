"""The long form of a field, written in a body, where it is an object."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject
from queast_dsl.document.mapping import BodyEach, BodyNode, BodyObject


def check(subject: Subject) -> Iterator[Hit]:
    for route in subject.program.mapping.routes:
        if route.body is not None:
            yield from _in(route.body, "body")


def _in(node: BodyNode, name: str) -> Iterator[Hit]:
    match node:
        case BodyObject(entries):
            if [key.value for key, _ in entries] == ["from"]:
                yield Hit(
                    f"a body has no long form: `{name}` is sent as an object with the key `from`",
                    entries[0][0].span,
                    f"to send the value: `{name}: EXPRESSION`; to send the object, silence this with a reason",
                )
                return
            for key, value in entries:
                yield from _in(value, key.value)
        case BodyEach(body=body):
            yield from _in(body, "body")
        case _:
            pass


RULE = Rule(
    code="QM845",
    title="long form of a field in a body",
    why=(
        "In a body every mapping is an object of the JSON, but `{const: …}`, `{template: …}` and `{render: …}` alone "
        "and a list of `each`, `as` and `body`. `{from: …}` is sent as an object with the key `from`."
    ),
    instead="Write the expression itself: `name: company.name`. `write` and `on_null` have no meaning in an event.",
    bad="body:\n  id: company.id\n  name: {from: company.name}\n",
    good="body:\n  id: company.id\n  name: company.name\n",
    check=check,
)
