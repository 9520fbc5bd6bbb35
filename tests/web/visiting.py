"""A person at the review page, as the tests of requests play one."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from starlette.applications import Starlette

from queast_runtime.security.roles import Caller, Role
from queast_runtime.security.tokens import mint
from queast_runtime.web.desk import ReviewDesk
from queast_runtime.web.door import ReviewServices
from queast_runtime.web.review import review_routes, review_services
from web.memory_desk import MemoryDesk, MovedClock

KEY = bytes(range(32))
ADDRESS = "http://127.0.0.1:8080"
OURS = {"sec-fetch-site": "same-origin"}


@dataclass(slots=True)
class House:
    """An application over one desk a tenant."""

    clock: MovedClock
    desks: Mapping[str, MemoryDesk]
    services: ReviewServices
    app: Starlette

    def token(self, role: Role = "reviewer", *, tenant: str = "acme", subject: str = "ana", hours: float = 8) -> str:
        now = self.clock.now()
        return mint(
            KEY,
            Caller(tenant, role, subject),
            jti=secrets.token_urlsafe(24),
            now=now,
            ends_at=now + timedelta(hours=hours),
            minted_by="cli:olga",
        )

    def visitor(self, role: Role | None = "reviewer", *, tenant: str = "acme", subject: str = "ana") -> Visitor:
        """Return somebody who logged in, or nobody in particular where `role` is None."""
        visitor = Visitor(self.app)
        if role is not None:
            came = visitor.post("/review/login", {"token": self.token(role, tenant=tenant, subject=subject)}, csrf="")
            assert came.status_code == 303, came.text
        return visitor


@dataclass(slots=True)
class Visitor:
    app: Starlette
    address: str = ADDRESS
    cookies: httpx.Cookies = field(default_factory=httpx.Cookies)

    def send(self, method: str, path: str, headers: dict[str, str] | None = None, **body: object) -> httpx.Response:
        """Send one request and keep the cookies it sets; redirects are not followed."""

        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(
                transport=transport, base_url=self.address, cookies=self.cookies, trust_env=False
            ) as client:
                response = await client.request(method, path, headers=headers, **body)  # type: ignore[arg-type]
                self.cookies = client.cookies
                return response

        with ThreadPoolExecutor(1) as apart:
            # A thread of its own, since a test with a browser has an event loop in this one.
            return apart.submit(asyncio.run, sent()).result()

    def get(self, path: str) -> httpx.Response:
        return self.send("GET", path)

    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', self.get("/review/keys").text)
        assert found is not None
        return found[1]

    def post(
        self,
        path: str,
        form: dict[str, str | list[str]],
        *,
        csrf: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send a form as a browser does; `csrf` None sends the session's own."""
        token = self.csrf() if csrf is None else csrf
        return self.send("POST", path, OURS if headers is None else headers, data={"csrf": token, **form})

    def answer(self, case_id: str, version: int, choice: str, candidate: str | None = None) -> httpx.Response:
        form: dict[str, str | list[str]] = {"version": str(version), "choice": choice}
        if candidate is not None:
            form["candidate"] = candidate
        return self.post(f"/review/cases/{case_id}/answer", form)


def open_house(*tenants: str) -> House:
    """Return an application for these tenants, each with an empty desk."""
    clock = MovedClock()
    desks = {tenant: MemoryDesk(clock) for tenant in tenants or ("acme", "nordlys")}
    return house_over(clock, lambda tenant: desks[tenant], desks)


def house_over(
    clock: MovedClock, opened: Callable[[str], ReviewDesk], desks: Mapping[str, MemoryDesk] | None = None
) -> House:
    """Return an application over desks of any kind."""
    services = review_services(opened, KEY, clock)
    return House(clock, desks or {}, services, Starlette(routes=review_routes(services)))
