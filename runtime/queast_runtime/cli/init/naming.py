"""A tenant's name out of what a folder is called."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

LONGEST: Final = 63
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


def is_name(text: str) -> bool:
    """Say whether a text can name a tenant, a mapping or a connection."""
    return len(text) <= LONGEST and _NAME.fullmatch(text) is not None


def tenant_name(folder: str) -> str | None:
    """`Nordic Data_AS  ->  nordic-data-as`; a digit in front is left out, None where no letter is there at all."""
    plain = unicodedata.normalize("NFKD", folder.casefold()).encode("ascii", "ignore").decode("ascii")
    name = re.sub(r"[^a-z0-9]+", "-", plain).lstrip("-0123456789").strip("-")
    return name[:LONGEST].rstrip("-") or None
