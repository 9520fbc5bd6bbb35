"""A mapping as read: one connection, routes from Queast's entities to the destination's objects, what is received."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from queast_dsl.source import Located, SourceFile, SourceText, Span
from queast_dsl.types import EnumType, StrType

# The destination still holds what we last wrote, or nothing: what people typed is never overwritten unspoken.
DEFAULT_WRITE: Final = "unless_edited"

JsonScalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Expression:
    """`from: company.name` or a bare string: text of the expression language."""

    text: SourceText


@dataclass(frozen=True, slots=True)
class Const:
    """`{const: v}`: sent as it is, read as the property's type. `text` is the scalar as written.

    Where no property says the type, one in quotes or in a block (`|`) is text, and `is_quoted` says so.
    """

    text: SourceText
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class InlineTemplate:
    """`{template: text}`."""

    text: SourceText


@dataclass(frozen=True, slots=True)
class Render:
    """`{render: name}`: a template of the `templates:` block."""

    name: Located[str]


FieldValue = Expression | Const | InlineTemplate | Render


def place_of(value: FieldValue) -> Span:
    """Return where the text of a field's value stands, or the name of the template that it renders."""
    match value:
        case Expression(text) | Const(text) | InlineTemplate(text):
            return text.span
        case Render(name):
            return name.span


@dataclass(frozen=True, slots=True)
class Field:
    """One property of the destination. `write` and `on_null` are None where the file is silent."""

    name: Located[str]
    value: FieldValue
    write: Located[str] | None
    on_null: Located[str] | None
    span: Span


@dataclass(frozen=True, slots=True)
class BodyObject:
    entries: tuple[tuple[Located[str], BodyNode], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class BodyEach:
    """A list in a webhook body: `each:` an expression, `as:` a name, `body:` what each item becomes."""

    each: Expression
    name: Located[str]
    body: BodyNode
    span: Span


BodyNode = BodyObject | BodyEach | Expression | Const | InlineTemplate | Render


def leaves(node: BodyNode) -> Iterator[FieldValue]:
    """Yield the values of a body, in the order in which they are written."""
    match node:
        case BodyObject(entries):
            for _, value in entries:
                yield from leaves(value)
        case BodyEach(body=body):
            yield from leaves(body)
        case _:
            yield node


@dataclass(frozen=True, slots=True)
class Header:
    """A webhook header: an expression, a constant or a reference to a secret."""

    name: Located[str]
    value: Expression | Const | SecretRef


@dataclass(frozen=True, slots=True)
class SecretRef:
    """`secret://name`."""

    name: Located[str]


@dataclass(frozen=True, slots=True)
class Route:
    name: Located[str]
    entity: Located[str]
    events: tuple[Located[str], ...]
    to: Located[str]
    when: Expression | None
    attach_to: tuple[Located[str], ...]
    fields: tuple[Field, ...]
    body: BodyNode | None
    headers: tuple[Header, ...]
    afterwards: tuple[tuple[Located[str], Located[str]], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a bookmark at Queast is: `kind` is `team` or `user`."""

    kind: Located[str]
    name: Located[str]


@dataclass(frozen=True, slots=True)
class EnsureBookmark:
    """`then: {ensure_bookmark: …}`: the company is bookmarked once, however often it is asked for."""

    owner: Owner
    note: FieldValue | None


@dataclass(frozen=True, slots=True)
class Receive:
    """One message of the connection's sender and what happens then. `when` is the message's type. `on_none` is None
    where the file is silent: a person is asked."""

    name: Located[str]
    when: Located[str]
    entity: Located[str]
    on_none: Located[str] | None
    then: EnsureBookmark
    span: Span


@dataclass(frozen=True, slots=True)
class Scope:
    """Defaults: `companies: all`, `signals: strict`, no `where`."""

    companies: Located[str] | None
    signals: Located[str] | None
    where: Expression | None


@dataclass(frozen=True, slots=True)
class PersonalData:
    """The `pii:` block. `send` holds dotted paths, e.g. `person.email`."""

    send: tuple[Located[str], ...]
    purpose: Located[str]
    basis: Located[str]
    span: Span


@dataclass(frozen=True, slots=True)
class Template:
    name: Located[str]
    text: SourceText


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a lookup table in file order; keys are unique strings. `gives` is what comes out of a lookup."""

    name: Located[str]
    rows: tuple[tuple[Located[str], Located[str]], ...]
    keys: frozenset[str] = field(init=False, repr=False, compare=False)
    gives: EnumType | StrType = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Every lookup asks for both, and a table may have thousands of rows.
        object.__setattr__(self, "keys", frozenset(key.value for key, _ in self.rows))
        values = tuple(dict.fromkeys(value.value for _, value in self.rows))
        object.__setattr__(self, "gives", EnumType(values) if values else StrType())


@dataclass(frozen=True, slots=True)
class Ignore:
    """A comment that silences one code of a warning on the lines `line` to `until` (from 1) of the file it stands in:
    one line, or a block of text that begins on it, which has no room for comments."""

    code: Located[str]
    reason: str
    line: int
    until: int
    span: Span


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping with its base already merged in: spans point into the file each value came from.

    `sources` are the mapping's own file first, then its base, whose locks are the dotted paths `locked`.
    `creates_per_day` is None for any number.
    """

    tenant: str
    name: str
    sources: tuple[SourceFile, ...]
    description: str | None
    connection: Located[str]
    extends: Located[str] | None
    mode: Located[str] | None
    scope: Scope
    routes: tuple[Route, ...]
    templates: tuple[Template, ...]
    tables: tuple[Table, ...]
    personal_data: PersonalData | None
    span: Span
    ignores: tuple[Ignore, ...] = ()
    creates_per_day: int | None = None
    receive: tuple[Receive, ...] = ()
    locked: tuple[Located[str], ...] = ()
