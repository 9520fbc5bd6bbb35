"""The control server: what the doubles hold, what they counted, and faults on request."""

from __future__ import annotations

import json
from collections.abc import Callable

from aiohttp import web

from queast_runtime.sandbox.contract import Contract
from queast_runtime.sandbox.exchange import JsonObject
from queast_runtime.sandbox.faults import FaultSchedule
from queast_runtime.sandbox.state import State


class Control:
    """`GET /state`, `GET /health`, `POST /faults`, `POST /reset`."""

    def __init__(
        self, state: State, contract: Contract, schedules: dict[str, FaultSchedule], reset: Callable[[], None]
    ) -> None:
        self._state = state
        self._contract = contract
        self._schedules = schedules
        self._reset = reset

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/health", self._health)
        app.router.add_get("/state", self._show)
        app.router.add_post("/faults", self._faults)
        app.router.add_post("/reset", self._forget)
        return app

    async def _health(self, _request: web.Request) -> web.Response:
        return web.json_response({"healthy": True, "contract_checked_against": self._contract.against})

    async def _show(self, _request: web.Request) -> web.Response:
        return web.json_response(snapshot(self._state, self._contract))

    async def _faults(self, request: web.Request) -> web.Response:
        """Take `{"double"?, "rates"?: {fault: share}, "next"?: [fault], "seed"?: int}`; no double means all."""
        try:
            body = json.loads(await request.text())
            name = body.get("double")
            chosen = [self._schedules[name]] if name is not None else list(self._schedules.values())
            for schedule in chosen:
                schedule.change(body.get("rates"), body.get("next"), body.get("seed"))
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            return web.json_response({"error": f"cannot use these faults: {error}"}, status=400)
        return web.json_response({"changed": [schedule.double for schedule in chosen]})

    async def _forget(self, _request: web.Request) -> web.Response:
        self._reset()
        return web.json_response({"reset": True})


def snapshot(state: State, contract: Contract) -> JsonObject:
    """Return everything that the doubles hold and counted."""
    return {
        "hubspot": {"companies": dict(state.rows("hubspot.companies")), "notes": dict(state.rows("hubspot.notes"))},
        "pipedrive": {
            "organizations": dict(state.rows("pipedrive.organizations")),
            "notes": dict(state.rows("pipedrive.notes")),
        },
        "webhook": {
            "messages": dict(state.rows("webhook.messages")),
            "received": state.counters["webhook.received"],
            "repeats": state.counters["webhook.repeats"],
            "conflicts": state.counters["webhook.conflicts"],
        },
        "violations": state.violations(),
        "contract_violations": len(state.violations()),
        "contract_checked_against": contract.against,
        "contract_requests_checked": state.counters["contract_requests_checked"],
        "counters": dict(sorted(state.counters.items())),
    }
