"""A tenant's name out of what a folder is called."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 63
# Letters that Unicode does not take apart, and those that the North writes with two where it has to.
_LETTERS: Final = str.maketrans(
    {
        "æ": "ae",
        "ø": "oe",
        "å": "aa",
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
        "ł": "l",
        "đ": "d",
    }
)
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def is_name(text: str) -> bool:
    """Say whether a text can name a tenant, a mapping or a connection."""
    return len(text) <= LONGEST and _NAME.fullmatch(text) is not None


def tenant_name(folder: str) -> str | None:
    """`Ærø Data_AS (2)  ->  aeroe-data-as-2`; a digit in front is left out, None where no letter is there at all."""
    written = unicodedata.normalize("NFC", folder.casefold()).translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", written).encode("ascii", "ignore").decode("ascii")
    name = re.sub(r"[^a-z0-9]+", "-", plain).lstrip("-0123456789").strip("-")
    return name[:LONGEST].rstrip("-") or None
