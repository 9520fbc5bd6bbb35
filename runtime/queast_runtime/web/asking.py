"""One request, read strictly: its size, its fields by name, and the values that pages take.

Everything that a person, or somebody's script, can get wrong here ends as `Wrong`: a status, a title and a sentence.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar
from urllib.parse import parse_qsl

from starlette.requests import Request

from queast_runtime.web.desk import Pick

T = TypeVar("T", bound=str)

MAX_BODY_BYTES: Final = 64 * 1024
BODY_DEADLINE_S: Final = 10.0
MAX_FIELDS: Final = 400
MAX_CHARACTERS: Final = 2_048
NOTE_CHARACTERS: Final = 500
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WHOLE: Final = re.compile(r"[1-9][0-9]{0,8}")
# Control characters, and what turns the direction of a line around.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_UNSEEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Wrong(Exception):
    """A request that is answered with a sentence; `status` is 4xx, or 503."""

    def __init__(self, status: int, title: str, sentence: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.title = title
        self.sentence = sentence
        self.headers = headers or {}


NOT_THERE: Final = ("There is nothing here", "This address names nothing that you can see. It may have been mistyped.")


def not_there() -> Wrong:
    """One answer for what does not exist and for what is another tenant's."""
    return Wrong(404, *NOT_THERE)


@dataclass(frozen=True, slots=True)
class Fields:
    """Names and values of a form or a query; each name is one that the page knows."""

    values: Mapping[str, tuple[str, ...]]

    def one(self, name: str) -> str | None:
        """The value of a field that comes at most once; None where it is absent or empty."""
        given = self.values.get(name, ())
        if len(given) > 1:
            raise Wrong(400, "The form does not fit", f"The field {name} came {len(given)} times; it is wanted once.")
        return given[0] if given and given[0] else None

    def needed(self, name: str) -> str:
        value = self.one(name)
        if value is None:
            raise Wrong(400, "The form does not fit", f"The field {name} is missing. Go back and send the form again.")
        return value

    def choice(self, name: str, known: tuple[T, ...]) -> T | None:
        value = self.one(name)
        if value is None:
            return None
        if value not in known:
            raise Wrong(400, "The form does not fit", f"The field {name} takes one of: {', '.join(known)}.")
        return known[known.index(value)]

    def needed_choice(self, name: str, known: tuple[T, ...]) -> T:
        self.needed(name)
        found = self.choice(name, known)
        assert found is not None
        return found

    def whole(self, name: str) -> int:
        value = self.needed(name)
        if _WHOLE.fullmatch(value) is None:
            raise Wrong(400, "The form does not fit", f"The field {name} takes a whole number from 1.")
        return int(value)

    def note(self) -> str:
        value = self.one("note") or ""
        if len(value) > NOTE_CHARACTERS:
            raise Wrong(
                400, "The note is too long", f"It has {len(value)} characters; {NOTE_CHARACTERS} are kept at most."
            )
        value = value.replace("\r\n", "\n").strip()
        if _CONTROL.search(value) is not None:
            raise Wrong(400, "The note does not fit", "It holds control characters; write it as plain text.")
        return value

    def picks(self, name: str) -> tuple[Pick, ...]:
        """Cases as `id:version`; each once, whatever came."""
        found: dict[str, Pick] = {}
        for each in self.values.get(name, ()):
            case_id, _, version = each.partition(":")
            if _ID.fullmatch(case_id) is None or _WHOLE.fullmatch(version) is None:
                raise Wrong(400, "The form does not fit", f"The field {name} takes cases as ID:VERSION.")
            found.setdefault(case_id, Pick(case_id, int(version)))
        return tuple(found.values())


def case_id_of(text: str) -> str:
    """Return an id that can be one. Raises Wrong (404): what cannot be an id is not there either."""
    if _ID.fullmatch(text) is None:
        raise not_there()
    return text


def read_query(request: Request, known: frozenset[str]) -> Fields:
    """Return the query's fields. Raises Wrong for unknown names and values that no page sends."""
    return _fields(request.url.query, known, "address")


async def read_form(request: Request, known: frozenset[str]) -> Fields:
    """Return the body's fields. Raises Wrong: not a form, too large, unknown names."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Wrong(415, "This is not a form", "The page takes forms only (application/x-www-form-urlencoded).")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Wrong(415, "This is not a form", "The page takes forms without a content encoding only.")
    declared = request.headers.get("content-length", "0")
    if not declared.isdigit() or int(declared[:20]) > MAX_BODY_BYTES:
        raise _too_large()
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_DEADLINE_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    raise _too_large()
    except TimeoutError:
        sentence = "It did not come in completely in time, and nothing was done. Send it again."
        raise Wrong(408, "The form came too slowly", sentence, {"connection": "close"}) from None
    try:
        text = body.decode("ascii")
    except UnicodeDecodeError:
        raise Wrong(400, "The form does not fit", "Its body is not an encoded form.") from None
    return _fields(text, known, "form")


def _fields(text: str, known: frozenset[str], where: str) -> Fields:
    title = f"The {where} does not fit"
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="strict")
    except ValueError:
        raise Wrong(400, title, f"Its fields cannot be read; at most {MAX_FIELDS} in UTF-8 are taken.") from None
    values: dict[str, tuple[str, ...]] = {}
    for name, given in pairs:
        # A token that is copied from a terminal brings its line break along.
        value = given.strip() if name == "token" else given
        if name not in known:
            raise Wrong(400, title, f"It has a field that this page does not know. Known are: {_named(known)}.")
        if len(value) > MAX_CHARACTERS:
            raise Wrong(400, title, f"The field {name} is longer than {MAX_CHARACTERS} characters.")
        if name != "note" and _UNSEEN.search(value) is not None:
            raise Wrong(400, title, f"The field {name} holds characters that cannot be seen.")
        values[name] = (*values.get(name, ()), value)
    return Fields(values)


def _named(known: frozenset[str]) -> str:
    return ", ".join(sorted(known - {"csrf"})) or "none"


def _too_large() -> Wrong:
    return Wrong(413, "The form is too large", f"At most {MAX_BODY_BYTES // 1024} KiB are taken; send fewer cases.")
