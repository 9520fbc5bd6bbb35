"""The door of every page: session, permission, size, fields and origin are checked here, once, before a page is asked.

A page is a plain function from `Ask` to an answer, run in a thread because it may wait for the database. Whatever it
answers leaves with the same headers, and whatever goes wrong leaves as a sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, assert_never

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from queast_runtime.observability.log import note, warn
from queast_runtime.ports.edge import Clock
from queast_runtime.ports.rows import StoreBusy
from queast_runtime.security.roles import Caller, Permission, may
from queast_runtime.security.tokens import TokenRefused
from queast_runtime.web.asking import Fields, Wrong, read_form, read_query
from queast_runtime.web.desk import ReviewDesk
from queast_runtime.web.rendering import render
from queast_runtime.web.session import (
    Notice,
    Remembered,
    Session,
    cookie_header,
    cookie_name,
    is_loopback,
    is_same_origin,
    is_sent_by_us,
    read_session,
)

HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
_READS: Final = frozenset(("GET", "HEAD"))


@dataclass(frozen=True, slots=True)
class ReviewServices:
    """What the pages stand on. `desks` opens a tenant's desk; `key` signs sessions; `new_id` gives random names."""

    desks: Callable[[str], ReviewDesk]
    key: bytes = field(repr=False)
    clock: Clock
    new_id: Callable[[], str]
    remembered: Remembered = field(default_factory=Remembered)


@dataclass(frozen=True, slots=True)
class Ask:
    """What a page gets. `form` is empty for a GET."""

    services: ReviewServices
    session: Session | None
    path: Mapping[str, str]
    query: Fields
    form: Fields
    now: datetime
    loopback: bool

    @property
    def signed_in(self) -> Session:
        """The session of a page that needs one."""
        assert self.session is not None, "the door lets nobody in without a session"
        return self.session

    @property
    def caller(self) -> Caller:
        return self.signed_in.caller

    @property
    def desk(self) -> ReviewDesk:
        """The desk of the caller's tenant; there is no way to another's."""
        return self.services.desks(self.caller.tenant)

    def may(self, permission: Permission) -> bool:
        return may(self.caller.role, permission)


@dataclass(frozen=True, slots=True)
class Html:
    """A page by its template's name."""

    template: str
    values: Mapping[str, object]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeeOther:
    """Go on with a GET there. `notice` is what that page says first; `cookie` opens or ends the session."""

    to: str
    notice: Notice | None = None
    cookie: str | None = None


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that ships with the pages; nothing of a tenant is in it, so a browser may keep it."""

    path: Path
    kind: str


Answer = Html | SeeOther | Asset
Act = Callable[[Ask], Answer]


@dataclass(frozen=True, slots=True)
class Page:
    """One address. `permission` None is open to anybody. `query` and `form` name the fields it takes. `opens_session`:
    its form comes from somebody who has no session yet, or an old one."""

    name: str
    get: Act | None = None
    post: Act | None = None
    permission: Permission | None = None
    opens_session: bool = False
    query: frozenset[str] = frozenset()
    form: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Door:
    """The ASGI endpoint of a page; it takes every method and answers each."""

    services: ReviewServices
    page: Page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        started_s = self.services.clock.monotonic()
        loopback = is_loopback(request.headers, request.url.scheme)
        session: Session | None = None
        try:
            session = self._session(request, loopback)
            answer, ended = await self._answered(request, session, loopback), None
        except TokenRefused as refused:
            answer, ended = _login(request, str(refused)), cookie_header("", loopback=loopback, seconds=0)
        except Wrong as wrong:
            answer, ended = _complaint(wrong), None
        except StoreBusy:
            busy = Wrong(503, "The database is busy", "Nothing was changed. Wait a moment and send it again.")
            answer, ended = _complaint(busy), None
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - the last door: a bug of ours ends in a sentence, not in a trace
            warn("page_failed", page=self.page.name, error=type(error).__name__)
            broken = Wrong(500, "Something broke here", "It is our fault and was logged. Nothing more is known yet.")
            answer, ended = _complaint(broken), None
        response = self._response(answer, session, ended)
        note(
            "page",
            page=self.page.name,
            method=request.method if request.method.isalpha() and len(request.method) < 10 else "other",
            status=response.status_code,
            tenant=session.caller.tenant if session else None,
            ms=round((self.services.clock.monotonic() - started_s) * 1000, 1),
        )
        await response(scope, receive, send)

    async def _answered(self, request: Request, session: Session | None, loopback: bool) -> Answer:
        page = self.page
        reads = request.method in _READS
        act = page.get if reads else page.post if request.method == "POST" else None
        if act is None:
            allowed = ", ".join((*(("GET", "HEAD") if page.get else ()), *(("POST",) if page.post else ())))
            if not allowed:
                raise Wrong(404, "There is nothing here", "This address names nothing that you can see.")
            raise Wrong(405, "Not in this way", f"This address takes {allowed} only.", {"allow": allowed})
        permission = page.permission
        if permission is not None and session is None:
            return _login(request, None)
        if session is not None and permission is not None and not may(session.caller.role, permission):
            raise Wrong(
                403,
                "Your role may not do this",
                f"You came as {session.caller.role}; {_sentence_of(permission)} takes reviewer or tenant_admin.",
            )
        form = Fields({})
        if not reads:
            if not is_same_origin(request.headers):
                raise Wrong(
                    403,
                    "Not from this page",
                    "The form was not sent from this page itself. Open the page and try again.",
                )
            form = await read_form(request, page.form | {"csrf"})
            given = form.one("csrf") or request.headers.get("x-csrf-token", "")
            if session is not None and not page.opens_session and not is_sent_by_us(session, given):
                raise Wrong(
                    403,
                    "The form is too old",
                    "It does not belong to this session. Go back, load the page again and send it from there.",
                )
        query = read_query(request, page.query)
        ask = Ask(self.services, session, dict(request.path_params), query, form, self.services.clock.now(), loopback)
        return await run_in_threadpool(act, ask)

    def _session(self, request: Request, loopback: bool) -> Session | None:
        cookie = request.cookies.get(cookie_name(loopback))
        now = self.services.clock.now()
        try:
            session = read_session(self.services.key, cookie, now=now)
            if session is not None and self.services.remembered.is_ended(session.id):
                raise TokenRefused("you logged out; log in again with your token")
        except TokenRefused:
            if self.page.permission is None:
                return None
            raise
        return session

    def _response(self, answer: Answer, session: Session | None, ended: str | None) -> Response:
        headers = dict(HEADERS)
        response: Response
        match answer:
            case Html(template, values, status, more):
                remembered = self.services.remembered
                told = remembered.told(session) if session is not None and status == 200 else None
                shared = {
                    "session": session,
                    "notice": told,
                    "now": self.services.clock.now(),
                    "may": (lambda permission: session is not None and may(session.caller.role, permission)),
                }
                text = render(template, {**shared, **values})
                # Half a character, which JSON can carry and no page can, is a question mark.
                response = Response(
                    text.encode("utf-8", "replace"), status, headers | dict(more), "text/html; charset=utf-8"
                )
            case SeeOther(to, notice, cookie):
                if notice is not None and session is not None:
                    self.services.remembered.tell(session, notice)
                response = Response(status_code=303, headers=headers | {"location": to})
                ended = cookie or ended
            case Asset(path, kind):
                headers["cache-control"] = f"public, max-age={int(timedelta(hours=1).total_seconds())}"
                response = Response(path.read_bytes(), headers=headers, media_type=kind)
            case _:
                assert_never(answer)
        if ended is not None:
            response.raw_headers.append((b"set-cookie", ended.encode("latin-1")))
        return response


def _login(request: Request, why: str | None) -> Html:
    back = request.url.path if request.method in _READS else "/review"
    # A cookie that is strictly for this site does not come with a link from another one. The page then asks for itself
    # once more, from here, and whoever is logged in never sees it.
    crossed = request.method == "GET" and why is None and request.headers.get("sec-fetch-site") == "cross-site"
    # A Bearer challenge is what the status asks for; browsers show no dialog for it.
    return Html(
        "login.html", {"why": why, "to": back, "crossed": crossed}, 401, {"www-authenticate": 'Bearer realm="qmap"'}
    )


def _complaint(wrong: Wrong) -> Html:
    return Html("wrong.html", {"title": wrong.title, "sentence": wrong.sentence}, wrong.status, wrong.headers)


def _sentence_of(permission: Permission) -> str:
    match permission:
        case "review.read" | "links.read":
            return "reading matches"
        case "review.answer" | "review.bulk":
            return "answering"
        case "links.unlink":
            return "taking a link down"
        case "tokens.mint":
            return "making tokens"
        case "serve.inbound":
            return "receiving"
        case "release.read" | "release.publish" | "release.approve" | "release.withdraw":
            return "releasing plans"
        case "release.rollback" | "release.accept_security":
            return "releasing plans"
        case "policy.set":
            return "setting the policy"
        case _:
            assert_never(permission)
