"""Texts that cannot stand in a file as they are, written so that they can: long ones, single bytes, hidden characters.

a<U+202E>b            the character between a and b
caf<E9>               one byte, which is no UTF-8
[a, … 50001 times]    the item so many times
case(x, 'k1' = 1, …, 'k99' = 1)    the items between, which count up
row1: a               a line of its own: the lines between, which count up
…
row4000: a
"""

from __future__ import annotations

import re

_CHARACTER = re.compile(r"<U\+([0-9A-F]{4,6})>")
_BYTE = re.compile(rb"<([0-9A-F]{2})>")
_TIMES = re.compile(r"(\w+), … ([0-9]+) times")
_COUNTED = re.compile(r"([^,(\[\n]*?)([0-9]+)([^,0-9\n]*), …, \1([0-9]+)\3")
_LINES = re.compile(r"^(.*?)([0-9]+)(.*)\n[ ]*…\n\1([0-9]+)\3$", re.MULTILINE)


def written_out(text: str) -> bytes:
    """Return the bytes that a text stands for."""
    text = _LINES.sub(lambda found: _between(found, "\n"), text)
    text = _COUNTED.sub(lambda found: _between(found, ","), text)
    text = _TIMES.sub(lambda found: ",".join([found[1]] * int(found[2])), text)
    text = _CHARACTER.sub(lambda found: chr(int(found[1], 16)), text)
    return _BYTE.sub(lambda found: bytes([int(found[1], 16)]), text.encode())


def _between(found: re.Match[str], separator: str) -> str:
    before, first, after, last = found.groups()
    return separator.join(f"{before}{number}{after}" for number in range(int(first), int(last) + 1))
