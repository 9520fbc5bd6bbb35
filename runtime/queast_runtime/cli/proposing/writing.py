"""A proposal as the text of a mapping that sends nothing yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from queast_dsl.diagnostics.render.text import visible
from queast_dsl.loading.quoting import in_double, may_be_plain
from queast_runtime.cli.proposing.model import ObjectProposal, Proposal

_COLUMN = 60


def mapping_text(connection: str, account_file: str, objects: Sequence[ObjectProposal], schema: str) -> str:
    """Return the mapping: a line and a `# review:` for each field, comments for what is unsure or left over."""
    lines = [
        f"# yaml-language-server: $schema={schema}",
        f"# Proposed from {account_file} by name and type. Look through every line that says `review`; what is a guess or",
        "# tells of persons is a comment. Then write tests, and `mode: live` in the place of `mode: off`.",
        "version: 1",
        f"description: Proposed from the properties of {connection}; not looked through yet",
        f"connection: {connection}",
        "mode: off   # nothing is sent before somebody looked through it",
        "scope:",
        "  companies: all",
        "",
    ]
    active = [each for each in objects if _stands(each)]
    lines += ["routes:" if active else "routes: {}"]
    for number, each in enumerate(active):
        lines += ([""] if number else []) + list(_route(each))
    for each in objects:
        if not _stands(each):
            lines += ["", *(f"#{line}" if line else "#" for line in _route(each, is_comment=True))]
    lines += _tables([proposal for each in active for proposal in each.proposals])
    lines += [line for each in objects for line in _left(each)]
    return "\n".join(lines) + "\n"


def _stands(proposed: ObjectProposal) -> bool:
    """A route of an object whose required properties nobody fills is for a person to finish."""
    return any(each.is_active for each in proposed.proposals) and not proposed.required_missing


def _route(proposed: ObjectProposal, *, is_comment: bool = False) -> Iterator[str]:
    yield f"  {_route_name(proposed.object)}:"
    for missing in proposed.required_missing:
        yield f"    # REQUIRED and without a candidate: {visible(proposed.names.get(missing, missing))}"
    yield f"    entity: {proposed.entity}"
    yield "    events: [created, updated]"
    yield f"    to: {proposed.object}"
    yield "    fields:"
    for each in proposed.proposals:
        # Inside of a comment a second sign would only have to be taken away twice.
        sign = "" if each.is_active or is_comment else "# "
        line = f"      {sign}{_scalar(proposed.names[each.property.name])}: {_value(each.expression)}"
        yield f"{line:<{_COLUMN}}  # review: {visible(each.why)} ({each.score:.2f})"


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
