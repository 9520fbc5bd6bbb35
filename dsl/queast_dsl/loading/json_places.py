"""Where a value stands in JSON text, by its path of keys and indexes."""

from __future__ import annotations

import json
import re

from queast_dsl.loading.nodes import Step

_BLANK = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_OTHER = re.compile(r"[^,\]}\s]+")


def place_of(text: str, path: tuple[Step, ...]) -> tuple[int, int]:
    """Return (start, end) of the value at `path`; of a mapping or list only its bracket. `text` is sound JSON."""
    position = _skip(text, 0)
    for step in path:
        position = _value(text, position, step)
    if text[position] in "{[":
        return position, position + 1
    return position, _after(text, position)


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return position if match is None else match.end()


def _value(text: str, position: int, step: Step) -> int:
    """Return where the value of a key or index begins, in the mapping or list that begins at `position`."""
    is_map = text[position] == "{"
    position = _skip(text, position + 1)
    index = 0
    while text[position] not in "}]":
        key: Step = index
        if is_map:
            end = _after(text, position)
            key = json.loads(text[position:end])
            position = _skip(text, _skip(text, end) + 1)
        if key == step:
            return position
        position = _skip(text, _after(text, position))
        if text[position] == ",":
            position = _skip(text, position + 1)
        index += 1
    raise KeyError(step)


def _after(text: str, position: int) -> int:
    """Return the offset after the value that begins at `position`."""
    if text[position] not in "{[":
        pattern = _STRING if text[position] == '"' else _OTHER
        match = pattern.match(text, position)
        return position + 1 if match is None else match.end()
    depth = 0
    while True:
        char = text[position]
        if char == '"':
            position = _after(text, position)
            continue
        if char in "{[":
            depth += 1
        elif char in "}]":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
