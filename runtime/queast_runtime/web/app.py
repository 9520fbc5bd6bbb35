"""The application that `qmap serve` listens with: groups of routes behind one door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route


def build_app(groups: Iterable[Sequence[BaseRoute]]) -> Starlette:
    """Return the application of these groups of routes, in their order.

    An address is exactly what a route says: no redirect is made for one with another slash at its end.
    """
    app = Starlette(routes=[route for group in groups for route in group])
    app.router.redirect_slashes = False
    return app


def health_routes(is_well: Callable[[], bool]) -> list[BaseRoute]:
    """`GET /healthz`: 200 while all that this process is to do goes on, else 503."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n") if is_well() else PlainTextResponse("not well\n", 503)

    return [Route("/healthz", healthz, methods=["GET"])]
