"""A grant of personal data that nothing uses."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.lint.rule import Hit, Rule
from queast_compiler.lint.subject import Parsed, Subject
from queast_dsl.diagnostics.fixes import left_out
from queast_dsl.expr import ast
from queast_dsl.expr.walk import chain, children
from queast_dsl.mentions import texts_with_names

_NAME = "person.full_name"


def check(subject: Subject) -> Iterator[Hit]:
    granted = subject.program.mapping.personal_data
    if granted is None or _sends_whole(subject):
        return
    read = {path for each in subject.expressions for path in _paths(each, each.node)}
    if any(_overlaps(text, each) for text in texts_with_names() for each in read):
        # A signal's texts may name persons, and this grant is what lets them.
        read.add(_NAME)
    for grant in granted.send:
        if not any(_overlaps(grant.value, each) for each in read):
            fix = left_out(grant.span)
            yield Hit(f"no route reads `{grant.value}`", grant.span, "take it out of `pii.send`", fix=fix)


def _sends_whole(subject: Subject) -> bool:
    """Whether a route sends its event as it is, with whatever is granted."""
    return any(
        route.object is not None and route.object.action == "send" and route.body is None
        for route in subject.program.routes
    )


def _paths(parsed: Parsed, node: ast.Node) -> Iterator[str]:
    """Yield the paths that are read, each as a whole: `person.id` reads no other field of a person."""
    words = chain(node)
    if words is not None:
        yield ".".join((*parsed.env.aliases.get(words[0], (words[0],)), *words[1:]))
        return
    for part in children(node):
        yield from _paths(parsed, part)


def _overlaps(granted: str, read: str) -> bool:
    return granted == read or granted.startswith(f"{read}.") or read.startswith(f"{granted}.")


RULE = Rule(
    code="QM803",
    title="a grant that nothing needs",
    why=(
        "The `pii:` block lets a field of a person leave, and no route sends or asks for it. A grant that is not "
        "needed is the one that a later change uses by accident."
    ),
    instead="Take the path out of `pii.send`.",
    bad="""\
pii: {send: [person.full_name], purpose: sales_outreach, basis: legitimate_interest}
""",
    good="""\
name: company.name
""",
    check=check,
)
