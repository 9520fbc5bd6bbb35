"""JSON values as the YAML of a file of tests: a line in braces where it fits, lines below each other where not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from queast_dsl.loading.quoting import in_quotes, is_on_a_line, may_be_plain
from queast_dsl.loading.written import double_quoted

WIDTH: Final = 118
# What would be read as something else than text, here or by an older reader of YAML.
_WORDS: Final = frozenset({"", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n"})


def block(value: Mapping[str, Any], indent: int) -> str:
    """Return a mapping as lines, each `indent` spaces in, without the first one's spaces."""
    pad = " " * indent
    return f"\n{pad}".join(_entry(name, each, indent) for name, each in value.items())


def _entry(name: str, value: Any, indent: int) -> str:
    flow = f"{_scalar(name)}: {inline(value)}"
    if indent + len(flow) <= WIDTH and not (isinstance(value, list) and any(isinstance(one, dict) for one in value)):
        return flow
    pad = " " * (indent + 2)
    match value:
        case dict() if value:
            return f"{_scalar(name)}:\n{pad}{block(value, indent + 2)}"
        case list() if value:
            return f"{_scalar(name)}:" + "".join(f"\n{pad}- {_item(each, indent + 4)}" for each in value)
        case _:
            return flow


def _item(value: Any, indent: int) -> str:
    flow = inline(value)
    if isinstance(value, dict) and value and indent + len(flow) > WIDTH:
        return block(value, indent)
    return flow


def inline(value: Any) -> str:
    """Return a value on one line: `{record: h1, by: domain}`."""
    match value:
        case dict():
            return "{" + ", ".join(f"{_scalar(str(name))}: {inline(each)}" for name, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(inline(each) for each in value) + "]"
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case _:
            return _scalar(str(value))


def _scalar(text: str) -> str:
    if not is_on_a_line(text):
        return double_quoted(text)
    if text.casefold() in _WORDS or _looks_like_a_number(text):
        return f'"{text}"'
    return text if may_be_plain(text, in_braces=True) else in_quotes(text)


def _looks_like_a_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdigit()
