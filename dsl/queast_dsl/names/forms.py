"""Whether a text can be a value of a form that the schemas name, and which value it stands for."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

_SHAPES: Final = {
    "hostname": re.compile(r"[^\W_][\w.-]*"),
    "phone": re.compile(r"\+[1-9][0-9]{1,14}"),
    "email": re.compile(r"[^@\s]+@[^@\s]+"),
    "uri": re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+"),
}
FORMS_ARE: Final = {
    "hostname": "it is a host name alone, such as 'acme.no'",
    "phone": "phone numbers are written in E.164, such as '+4722334455'",
    "email": "it is an e-mail address, such as 'post@acme.no'",
    "uri": "it is a whole address, such as 'https://acme.no'",
}


def can_be(text: str, form: str | None) -> bool:
    """Say whether a text can be a value of a form; of one that is not known here it can. No text at all is no value of
    any, but people ask for it, so it counts as one."""
    shape = _SHAPES.get(form or "")
    return shape is None or not text or shape.fullmatch(text) is not None


def meant_as(text: str, form: str) -> str | None:
    """Return the value of a form that a text stands for, None where that is not clear.

    `https://acme.no/about` as a host name  ->  `acme.no`;  `+47 22 33 44 55` as a phone number  ->  `+4722334455`
    """
    match form:
        case "hostname":
            try:
                found = urlsplit(text).hostname
            except ValueError:
                return None
        case "phone":
            found = re.sub(r"[\s().-]", "", text)
            found = f"+{found[2:]}" if found.startswith("00") else found
        case _:
            return None
    return found if found and can_be(found, form) else None
