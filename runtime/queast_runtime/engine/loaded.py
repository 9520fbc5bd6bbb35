"""What the engine asks of a mapping that was loaded from a signed release: structural, so tests hand in small ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from queast_compiler.plan.mapping import MappingPlan, ReceivePlan, RoutePlan

# An entity's domain as the matching rules read it, from `{entity: body}`; null or an unreadable value gives None.
DomainOf = Callable[[Mapping[str, Any], datetime], object]


class FailureLike(Protocol):
    """A field that could not be evaluated, and the YAML place of its expression."""

    @property
    def reason(self) -> str: ...


class RecordLike(Protocol):
    """Evaluated fields in wire form. `refused` says why the record must not be sent at all."""

    @property
    def values(self) -> dict[str, Any]: ...
    @property
    def failures(self) -> Sequence[FailureLike]: ...
    @property
    def refused(self) -> str | None: ...


class RouteCode(Protocol):
    """A route's callables; `roots` is an event's `data`. `timed`: what `evaluate` gives depends on `now`. `compared`
    are the dotted event paths of which it asks whether they changed; the answers stand in the roots."""

    @property
    def plan(self) -> RoutePlan: ...
    @property
    def timed(self) -> bool: ...
    @property
    def compared(self) -> tuple[str, ...]: ...
    def when(self, roots: Mapping[str, Any], now: datetime) -> bool: ...
    def evaluate(self, roots: Mapping[str, Any], now: datetime) -> RecordLike: ...
    def body(self, roots: Mapping[str, Any], now: datetime) -> Any: ...
    def headers(self, roots: Mapping[str, Any], now: datetime) -> Any: ...


class ReceiveCode(Protocol):
    """What a mapping receives, ready to run. `note` sees `highlight`; it gives text or null."""

    @property
    def plan(self) -> ReceivePlan: ...
    def note(self, roots: Mapping[str, Any], now: datetime) -> Any: ...


class MappingCode(Protocol):
    """A mapping's plan and callables."""

    @property
    def plan(self) -> MappingPlan: ...
    @property
    def digest(self) -> str: ...
    @property
    def routes(self) -> Sequence[RouteCode]: ...
    @property
    def receive(self) -> Sequence[ReceiveCode]: ...
    def where(self, roots: Mapping[str, Any], now: datetime) -> bool: ...
