"""What a message quotes from a file, cut where it is long: a value may have as many characters as its file."""

from __future__ import annotations

import re

LONGEST = 120

_QUOTED = re.compile(r'`[^`\n]*`|"[^"\n]*"')
# What holds the marks themselves is not seen as quoted; without a blank it is still one value.
_UNBROKEN = re.compile(rf"\S{{{LONGEST + 5},}}")


def with_values_cut(text: str) -> str:
    """Return `text` with quoted values and unbroken runs cut after 120 characters.

    'write "aaaa…aaaa"' of 200,000 characters  ->  'write "aaaa…"' with 120 of them
    """
    if len(text) <= LONGEST:
        return text
    return _UNBROKEN.sub(lambda found: found[0][:LONGEST] + "…", _QUOTED.sub(_cut, text))


def _cut(found: re.Match[str]) -> str:
    whole = found[0]
    return whole if len(whole) <= LONGEST + 2 else f"{whole[: LONGEST + 1]}…{whole[-1]}"
