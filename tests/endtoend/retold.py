"""The same news told again: the last state of each entity of a stream, under new event ids and raised sequences."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from queast_runtime.cli.demo.stages import event_checker

JsonObject = dict[str, Any]
RAISED = 1_000


def retold(stream: Path) -> list[JsonObject]:
    """Return one event for each company, signal and job ad of `stream` whose content is what was told last.

    A signal about a company that changed or was deleted afterwards is left out: told again it would be news.
    """
    events = list(_whole(stream.read_text(encoding="utf-8").splitlines(), event_checker()))
    gone = {_body(event)["id"] for event in events if event["type"].endswith(".deleted")}
    events = [event for event in events if event["type"].endswith((".created", ".updated"))]
    companies = _last(company for event in events if (company := _company(event)) is not None)
    last = _last(_body(event) for event in events)
    return [
        _again(event, number)
        for number, event in enumerate(events, 1)
        if _body(event) is last[_body(event)["id"]]
        and gone.isdisjoint({_body(event)["id"], (_company(event) or {}).get("id")})
        and _is_current(_company(event), companies)
    ]


def _whole(lines: Iterable[str], valid: Callable[[JsonObject], bool]) -> Iterable[JsonObject]:
    for line in lines:
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and valid(event) and ".person." not in event["type"]:
            yield event


def _body(event: JsonObject) -> JsonObject:
    body: JsonObject = event["data"][event["type"].split(".")[1]]
    return body


def _company(event: JsonObject) -> JsonObject | None:
    return _body(event) if ".company." in event["type"] else _body(event).get("company", event["data"].get("company"))


def _last(bodies: Iterable[JsonObject]) -> dict[str, JsonObject]:
    """The state with the highest sequence by id; of equals the one that came first, the other is a repeat."""
    found: dict[str, JsonObject] = {}
    for body in bodies:
        if body["id"] not in found or body["sequence"] > found[body["id"]]["sequence"]:
            found[body["id"]] = body
    return found


def _is_current(company: JsonObject | None, companies: dict[str, JsonObject]) -> bool:
    return company is None or _content(company) == _content(companies[company["id"]])


def _content(body: JsonObject) -> JsonObject:
    return {name: value for name, value in body.items() if name != "sequence"}


def _again(event: JsonObject, number: int) -> JsonObject:
    again: JsonObject = json.loads(json.dumps(event))
    body, company = _body(again), _company(again)
    body["sequence"] += RAISED
    if company is not None and company is not body:
        company["sequence"] += RAISED
    return {**again, "id": f"retold-{number:04d}"}
