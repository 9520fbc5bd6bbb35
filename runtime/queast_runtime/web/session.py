"""Who is at the page: a session in a cookie, the token of its forms, and what it was told last.

A session is a signed claim of its own, never the token that was pasted, so the cookie opens nothing but the page. It
ends with the token. Logging out is remembered in this process until the session would have ended anyway.
"""

from __future__ import annotations

import hmac
import ipaddress
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from starlette.datastructures import Headers

from queast_runtime.security.roles import Caller
from queast_runtime.security.tokens import Passed, derived, mint, verify
from queast_runtime.web.desk import Pick

_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Session:
    """`csrf` is the token that every form of this session carries."""

    caller: Caller
    id: str
    csrf: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What the next page says first. `undo` offers to take it back."""

    sentence: str
    stays: str | None = None
    undo: Pick | None = None


@dataclass(slots=True)
class Remembered:
    """What this process remembers of sessions: which ended before their time, and what to tell each next.

    Bounded, oldest first out: a notice lost costs a sentence, and a logged-out cookie exists nowhere but with whoever
    stole it.
    """

    _ended: OrderedDict[str, datetime] = field(default_factory=OrderedDict, repr=False)
    _notices: OrderedDict[str, Notice] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def end(self, session: Session, now: datetime) -> None:
        with self._lock:
            for each in [name for name, until in self._ended.items() if until <= now]:
                del self._ended[each]
            self._ended[session.id] = session.ends_at
            self._notices.pop(session.id, None)
            while len(self._ended) > _REMEMBERED:
                self._ended.popitem(last=False)

    def is_ended(self, session_id: str) -> bool:
        with self._lock:
            return session_id in self._ended

    def tell(self, session: Session, notice: Notice) -> None:
        with self._lock:
            self._notices[session.id] = notice
            self._notices.move_to_end(session.id)
            while len(self._notices) > _REMEMBERED:
                self._notices.popitem(last=False)

    def told(self, session: Session) -> Notice | None:
        """Return what is to be told and forget it."""
        with self._lock:
            return self._notices.pop(session.id, None)


def open_session(key: bytes, token: str, *, session_id: str, now: datetime) -> tuple[Session, str]:
    """Return the session that a pasted token opens, and the cookie's value. Raises TokenRefused."""
    passed = verify(key, token.strip(), now=now)
    cookie = mint(
        key,
        passed.caller,
        jti=session_id,
        now=now,
        ends_at=passed.ends_at,
        minted_by=passed.minted_by,
        audience="qmap-session",
    )
    return _session(key, passed, session_id), cookie


def read_session(key: bytes, cookie: str | None, *, now: datetime) -> Session | None:
    """Return the session of a cookie; None for no cookie. Raises TokenRefused for one that ended or is not ours."""
    if not cookie:
        return None
    passed = verify(key, cookie, now=now, audience="qmap-session")
    return _session(key, passed, passed.jti)


def is_sent_by_us(session: Session, given: str) -> bool:
    """Say whether a form carries the session's own token."""
    return hmac.compare_digest(session.csrf.encode(), given.encode())


def is_same_origin(headers: Headers) -> bool:
    """Say whether a browser states that the request comes from a page of this very address.

    A page under `Referrer-Policy: no-referrer` sends `Origin: null` with its forms, so Sec-Fetch-Site counts first;
    browsers send it over TLS and on loopback, the only ways in which a session exists.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin, host = headers.get("origin"), headers.get("host", "")
    return bool(host) and origin in (f"https://{host}", f"http://{host}")


def is_loopback(headers: Headers, scheme: str) -> bool:
    """Say whether the page is reached as http on this machine, where a cookie cannot be marked Secure everywhere."""
    if scheme != "http":
        return False
    name = headers.get("host", "").rsplit(":", 1)[0].strip("[]")
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def cookie_name(loopback: bool) -> str:
    """`__Host-` makes browsers insist on Secure, on the path / and on no domain."""
    return "qmap-session" if loopback else "__Host-qmap-session"


def cookie_header(value: str, *, loopback: bool, seconds: int) -> str:
    """Return a Set-Cookie header; `seconds` 0 takes the cookie away."""
    secure = "" if loopback else "; Secure"
    return f"{cookie_name(loopback)}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"


def _session(key: bytes, passed: Passed, session_id: str) -> Session:
    return Session(passed.caller, session_id, derived(key, "form of a session", session_id), passed.ends_at)
