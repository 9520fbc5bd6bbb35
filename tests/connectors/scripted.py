"""A destination that answers from a script and keeps what it was sent, and a clock that stands still."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from connectors.plans import plan
from queast_runtime.connectors import open_driver
from queast_runtime.ports import Driver, HttpOutcome, HttpRequest, Phase, SecretMissing, Tuning, WriteItem

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
TOKEN = "token-of-acme"


class Stopped:
    def __init__(self, now: datetime = NOW) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()


class OneSecret:
    def __init__(self, value: str | None) -> None:
        self._value = value

    def resolve(self, tenant: str, name: str) -> str:
        if self._value is None:
            raise SecretMissing(f"secret `{name}` is not set: tried the variable of {tenant}")
        return self._value


Answer = HttpOutcome | Callable[[HttpRequest], HttpOutcome]


class Scripted:
    """Answers in order; the last answer stays."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.sent: list[HttpRequest] = []
        self.limits: list[int] = []

    async def send(self, request: HttpRequest, *, timeout_s: float, max_body: int = 16_384) -> HttpOutcome:
        self.sent.append(request)
        self.limits.append(max_body)
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return answer if isinstance(answer, HttpOutcome) else answer(request)

    async def close(self) -> None:
        return None

    def bodies(self) -> list[Any]:
        return [json.loads(each.body) for each in self.sent]


def answer(status: int, document: Any = None, **headers: str) -> HttpOutcome:
    body = b"" if document is None else json.dumps(document).encode()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpOutcome(status, {"content-type": "application/json", **given}, body, Phase.BODY)


def lost(phase: Phase, error: str = "connection reset") -> HttpOutcome:
    return HttpOutcome(None, {}, b"", phase, error)


def driver(
    kind: str,
    sender: Scripted,
    *,
    secret: str | None = None,
    clock: Stopped | None = None,
    tuning: Tuning | None = None,
) -> Driver:
    value = secret if secret is not None else SECRET if kind == "webhook" else TOKEN
    return open_driver(plan(kind), sender, OneSecret(value), clock or Stopped(), tuning or Tuning())


def company(number: int, op: str = "create", object: str = "companies", **values: Any) -> WriteItem:
    return WriteItem(
        delivery_id=f"d{number}",
        op=op,
        object=object,
        partner_id=f"{900 + number}" if op == "update" else None,
        reference=f"c_{number}",
        idempotency_key=f"msg_{number}",
        values=values or {"name": f"Company {number}"},
    )


def note(number: int, object: str = "companies", links: bool = True, **values: Any) -> WriteItem:
    body = "hs_note_body" if object == "companies" else "content"
    return WriteItem(
        delivery_id=f"d{number}",
        op="create",
        object="notes",
        partner_id=None,
        reference=f"qn-{number:04d}",
        idempotency_key=f"msg_{number}",
        values=values or {body: f"<b>Signal {number}</b>"},
        links=((object, "77"),) if links else (),
    )
