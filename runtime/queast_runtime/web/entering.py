"""Logging in with a token, logging out, the page of keys, and the files of the pages."""

from __future__ import annotations

import re
from typing import Final

from queast_runtime.security.tokens import TokenRefused
from queast_runtime.web.asking import not_there
from queast_runtime.web.door import Answer, Ask, Asset, Html, SeeOther
from queast_runtime.web.rendering import ASSETS
from queast_runtime.web.session import cookie_header, open_session

_KINDS: Final = {
    "review.css": "text/css; charset=utf-8",
    "review.js": "text/javascript; charset=utf-8",
    "htmx.min.js": "text/javascript; charset=utf-8",
    "mark.svg": "image/svg+xml",
}
_BACK: Final = re.compile(r"/review(/[A-Za-z0-9_-]+){0,3}")


def login(_: Ask) -> Answer:
    return Html("login.html", {"why": None, "to": "/review", "crossed": False})


def enter(ask: Ask) -> Answer:
    """Open a session for a pasted token. A wrong one is told apart from an ended one only if it was signed here."""
    to = ask.form.one("to") or "/review"
    if _BACK.fullmatch(to) is None or to in ("/review/login", "/review/logout"):
        to = "/review"
    token = ask.form.one("token")
    try:
        if token is None:
            raise TokenRefused("paste the token that you were given")
        session, cookie = open_session(ask.services.key, token, session_id=ask.services.new_id(), now=ask.now)
    except TokenRefused as refused:
        return Html(
            "login.html",
            {"why": str(refused), "to": to, "crossed": False},
            401,
            {"www-authenticate": 'Bearer realm="qmap"'},
        )
    seconds = max(1, int((session.ends_at - ask.now).total_seconds()))
    return SeeOther(to, cookie=cookie_header(cookie, loopback=ask.loopback, seconds=seconds))


def leave(ask: Ask) -> Answer:
    """End the session here and now; the token itself stays good until it ends."""
    if ask.session is not None:
        ask.services.remembered.end(ask.session, ask.now)
    return SeeOther("/review/login", cookie=cookie_header("", loopback=ask.loopback, seconds=0))


def keys(_: Ask) -> Answer:
    return Html("keys.html", {"tab": "keys"})


def asset(ask: Ask) -> Answer:
    name = ask.path["name"]
    if name not in _KINDS:
        raise not_there()
    return Asset(ASSETS / name, _KINDS[name])
