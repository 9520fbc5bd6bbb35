"""A manifest's operation and a scope -> the request as it goes out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import orjson

from queast_runtime.connectors.body import CannotFill, Scope, fill, get
from queast_runtime.ports import HttpRequest

JsonObject = dict[str, Any]
USER_AGENT = "Queast-Integrations/1"
_BRACES = re.compile(r"\{([a-z_]+(?:\.[A-Za-z0-9_-]+)?)\}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)


def url_of(base: str, spec: JsonObject, scope: Scope) -> str:
    """Return the absolute URL: values in the path and the query are escaped, so none can add a segment or a parameter.

    Raises CannotFill.
    """

    def escaped(found: re.Match[str]) -> str:
        text = str(get(found[1], scope))
        if text in ("", ".", ".."):
            raise CannotFill(f"has no usable `{found[1]}` for the path")
        return quote(text, safe="")

    pairs = [(name, fill(value, scope)) for name, value in spec.get("query", {}).items()]
    query = "&".join(
        f"{quote(name, safe='')}={quote(each, safe='')}" for name, value in pairs for each in _texts(value)
    )
    path = _BRACES.sub(escaped, spec["path"])
    return f"{base}{path}?{query}" if query else base + path


def _texts(value: Any) -> list[str]:
    match value:
        case None:
            return []
        case bool():
            return ["true" if value else "false"]
        case list():
            return [text for each in value for text in _texts(each)]
        case _:
            return [str(value)]


def body_of(spec: JsonObject, scope: Scope) -> bytes:
    """Return the JSON body, empty where the operation has none. Raises CannotFill for what JSON cannot hold."""
    if "body" not in spec:
        return b""
    try:
        return orjson.dumps(fill(spec["body"], scope))
    except orjson.JSONEncodeError as error:
        raise CannotFill(f"cannot be written as JSON: {error}") from None


def request_of(
    spec: JsonObject, url: str, body: bytes, headers: Iterable[tuple[str, str]], auth: Iterable[tuple[str, str]]
) -> HttpRequest:
    """Return the request. A later header replaces an earlier one of its name; `auth` cannot be replaced."""
    merged = {"user-agent": USER_AGENT}
    if body:
        merged["content-type"] = "application/json"
    merged.update((name.lower(), value) for name, value in headers)
    merged.update((name.lower(), value) for name, value in auth)
    return HttpRequest(spec["method"], url, tuple(merged.items()), body)


def check_header(name: str, value: str) -> None:
    """Raises CannotFill for a header that could not be sent as it is."""
    if _HEADER_NAME.fullmatch(name) is None:
        raise CannotFill(f"has a header whose name cannot be sent: {name[:100]!r}")
    if not value.isascii() or not (value.isprintable() or not value):
        raise CannotFill(f"has characters in header `{name}` that cannot be sent")
