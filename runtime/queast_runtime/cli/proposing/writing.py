"""A proposal as the text of a mapping that sends nothing yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from queast_compiler.passes.properties import Property
from queast_dsl.diagnostics.render.text import visible
from queast_dsl.loading.quoting import in_double, may_be_plain
from queast_runtime.cli.proposing.model import ObjectProposal, Proposal

_COLUMN = 60


@dataclass(frozen=True, slots=True)
class Written:
    """The mapping's `text`, and by line, from 1, the object and property that a field on it is of."""

    text: str
    fields: Mapping[int, tuple[str, str]]


def write_mapping(connection: str, account_file: str, objects: Sequence[ObjectProposal], schema: str) -> Written:
    """Return the mapping: a line and a `# review:` for each field, comments for what is unsure or left over."""
    fields: dict[int, tuple[str, str]] = {}
    lines = [
        f"# yaml-language-server: $schema={schema}",
        f"# Proposed from {account_file} by name and type. Look through every line that says `review`;",
        "# what is a guess or tells of persons is a comment. Then write tests, and `mode: live` in the place of `off`.",
        "version: 1",
        f"description: Proposed from the properties of {connection}; not looked through yet",
        f"connection: {connection}",
        "mode: off   # nothing is sent before somebody looked through it",
        "scope:",
        "  companies: all",
        "",
    ]
    active = [each for each in objects if each.entity == "company"]
    lines += ["routes:"]
    for number, each in enumerate(active):
        lines += [""] if number else []
        for line, property in _route(each):
            lines.append(line)
            if property is not None:
                fields[len(lines)] = each.object, property
    for each in objects:
        if each.entity == "person":
            # Who may be told of persons is not for a guess, not of one field.
            lines += ["", *(f"#{line}" for line, _ in _route(each))]
    lines += _tables([proposal for each in active for proposal in each.proposals])
    lines += [line for each in objects for line in _left(each)]
    return Written("\n".join(lines) + "\n", fields)


def _route(proposed: ObjectProposal) -> Iterator[tuple[str, str | None]]:
    """Yield lines, each with the property whose field it is."""
    missing = proposed.required_missing
    yield f"  {_route_name(proposed.object)}:", None
    yield f"    entity: {proposed.entity}", None
    yield "    events: [created, updated]", None
    yield f"    to: {proposed.object}", None
    if missing:
        yield "    when: false   # nothing is written before what is REQUIRED below has a value", None
    yield "    fields:", None
    for empty in missing:
        line = f"      {_scalar(proposed.names[empty.name])}: {{const: {_placeholder(empty)}}}"
        why = "REQUIRED, and nothing of Queast's is proposed for it: a placeholder"
        yield f"{line:<{_COLUMN}}  # review: {why}", empty.name
    for each in proposed.proposals:
        # A person's whole route is a comment; in it a second sign would only have to be taken away twice.
        sign = "" if each.is_active or proposed.entity == "person" else "# "
        line = f"      {sign}{_scalar(proposed.names[each.property.name])}: {_value(each.expression)}"
        yield f"{line:<{_COLUMN}}  # review: {visible(each.why)} ({each.score:.2f})", each.property.name


def _placeholder(property: Property) -> str:
    """A value that the property takes and that nobody can mean."""
    match property.type:
        case "integer" | "number":
            return "0"
        case "boolean":
            return "false"
        case "date":
            return '"1970-01-01"'
        case "datetime":
            return '"1970-01-01T00:00:00Z"'
        case "enumeration" | "set" | "owner":
            return _quoted(next(iter(property.option_values), ""))
        case "string" | "text" | "html" | "markdown":
            return _quoted("FILL IN"[: property.max_length])
    assert_never(property.type)


def _route_name(object: str) -> str:
    return object.replace("_", "-").casefold()


def _tables(proposals: Sequence[Proposal]) -> list[str]:
    tables = {each.rows.name: each.rows for each in proposals if each.rows is not None and each.is_active}
    lines = ["", "tables:"] if tables else []
    for rows in tables.values():
        lines.append(f"  {rows.name}:   # review: our values, and options whose labels say the same")
        for ours, theirs in rows.rows.items():
            more = "   # review: the option says more" if ours in rows.wider else ""
            lines.append(f"    {_scalar(ours)}: {_quoted(theirs)}{more}")
        lines += [f"    # {ours}: no option is called like it" for ours in rows.open]
    return lines


def _left(proposed: ObjectProposal) -> list[str]:
    if not proposed.unmatched:
        return []
    lines = ["", f"# Properties of {proposed.object} that nothing is proposed for:"]
    for each in proposed.unmatched:
        called = proposed.names.get(each.property.name, each.property.name)
        required = "REQUIRED; " if each.property.required and not each.property.read_only else ""
        lines.append(
            f"#   {visible(called)} ({visible(each.property.label)}, {each.property.type}): {required}{each.why}"
        )
    return lines


def _value(expression: str) -> str:
    return expression if may_be_plain(expression, in_braces=False) else _quoted(expression)


def _scalar(text: str) -> str:
    """A key, in quotes where YAML would read it as something else than text."""
    is_word = text.replace("_", "a").replace("-", "a").isalnum() and not text[0].isdigit()
    reserved = text.casefold() in ("null", "true", "false", "yes", "no", "on", "off", "y", "n", "~")
    return text if is_word and not reserved and may_be_plain(text, in_braces=True) else _quoted(text)


def _quoted(text: str) -> str:
    return f'"{in_double(visible(text))}"'
