"""A constant that is spelled as a field: the text is sent, not what the field holds."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Subject, names_a_field
from queast_compiler.passes.expressions import Environment
from queast_dsl.document.mapping import BodyEach, BodyNode, BodyObject, Const


def check(subject: Subject) -> Iterator[Hit]:
    program = subject.program
    for route in program.routes:
        env = route.environment
        if env is None:
            continue
        for each in route.route.fields:
            yield from _constant(each.name.value, each.value, env)
        for header in route.route.headers:
            yield from _constant(header.name.value, header.value, env)
        if route.route.body is not None:
            yield from _in(route.route.body, "body", env)
    for received in program.receive:
        if received.environment is not None and received.receive.then.note is not None:
            yield from _constant("note", received.receive.then.note, received.environment)


def _in(node: BodyNode, name: str, env: Environment) -> Iterator[Hit]:
    match node:
        case BodyObject(entries):
            for key, value in entries:
                yield from _in(value, key.value, env)
        case BodyEach(body=body):
            yield from _in(body, name, env)
        case _:
            yield from _constant(name, node, env)


def _constant(name: str, value: object, env: Environment) -> Iterator[Hit]:
    if isinstance(value, Const) and names_a_field(value.text, env):
        text = value.text.text
        yield Hit(f"this sends the text `{text}`", value.text.span, f"to send the field: `{name}: {text}`")


RULE = Rule(
    code="QM846",
    title="constant that is spelled as a field",
    why="`const:` sends its text as it stands, so every record would hold the name of the field.",
    instead="Write the expression itself: `name: company.name`.",
    bad="name: {const: company.name}\n",
    good="name: company.name\n",
    check=check,
)
