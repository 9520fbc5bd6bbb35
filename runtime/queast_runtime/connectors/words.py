"""What is kept of a refusal in plain text: status and code, never a sentence that may repeat what was sent."""

from __future__ import annotations

import re
from typing import Any, Final

from queast_runtime.connectors.places import text_of, value_at

_CODES: Final = ("category", "errors[].code", "error_code", "code")
# A code is a word of a program. Digits may be a telephone number, mixed cases or spaces a name.
_CODE: Final = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*|[a-z]+(?:_[a-z]+)+", re.ASCII)
_LONGEST: Final = 64


def refusal_in_words(document: Any, status: int | None, sent: bytes) -> str:
    """`answered 400 VALIDATION_ERROR`. A code that occurs in the request's body (`sent`) is left out."""
    request = sent.decode("utf-8", "replace").casefold()
    for path in _CODES:
        code = text_of(value_at(document, path))
        if code is not None and len(code) <= _LONGEST and _CODE.fullmatch(code) and code.casefold() not in request:
            return f"answered {status} {code}"
    return f"answered {status}"
