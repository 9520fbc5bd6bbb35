"""SCOPE: which events a mapping lets through, how many records it may make, whether it writes at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from queast_compiler.diff.conditions import Reach, reach
from queast_compiler.diff.kinds import scope as kinds
from queast_compiler.diff.model import Change, ChangeKind
from queast_compiler.diff.place import Place
from queast_compiler.diff.wording import expression_text
from queast_compiler.plan.ir import Expr
from queast_compiler.plan.mapping import MappingPlan, RoutePlan

# What widens in one of these lets more through of whatever the mapping sends.
WIDENS: Final = frozenset(
    {"scope-widened", "companies-widened", "signals-widened", "when-widened", "trigger-added", "mode-live"}
)


def scope(old: MappingPlan, new: MappingPlan, home: Place) -> Iterator[Change]:
    """Compare mode, scope and limits of a mapping."""
    if old.mode != new.mode:
        kind = kinds.MODE_LIVE if new.mode == "live" else kinds.MODE_OFF
        yield home.at("mode").change(kind, old.mode, new.mode)
    was, is_now, place = old.scope, new.scope, home.at("scope")
    if was.companies != is_now.companies:
        kind = kinds.COMPANIES_WIDENED if is_now.companies == "all" else kinds.COMPANIES_NARROWED
        yield place.at("companies").change(kind, was.companies, is_now.companies)
    if was.signals != is_now.signals:
        kind = kinds.SIGNALS_WIDENED if is_now.signals == "informational" else kinds.SIGNALS_NARROWED
        yield place.at("signals").change(kind, was.signals, is_now.signals, _until(is_now.informational_expires))
    elif was.informational_expires != is_now.informational_expires:
        longer = lasts_longer(was.informational_expires, is_now.informational_expires)
        kind = kinds.INFORMATIONAL_EXTENDED if longer else kinds.INFORMATIONAL_SHORTENED
        was_text, is_text = (until_text(each.informational_expires) for each in (was, is_now))
        yield place.at("signals").change(kind, was_text, is_text)
    effect = reach(was.where, is_now.where, (old.tables, new.tables))
    yield from _condition(effect, _OF_WHERE, was.where, is_now.where, place.at("where"))
    yield from _limits(old, new, home.at("limits", "creates_per_day"))


_Kinds = tuple[ChangeKind, ChangeKind, ChangeKind]
_OF_WHERE: Final[_Kinds] = (kinds.SCOPE_WIDENED, kinds.SCOPE_NARROWED, kinds.SCOPE_REWRITTEN)
_OF_WHEN: Final[_Kinds] = (kinds.WHEN_WIDENED, kinds.WHEN_NARROWED, kinds.WHEN_REWRITTEN)


def _condition(effect: Reach, of: _Kinds, old: Expr | None, new: Expr | None, place: Place) -> Iterator[Change]:
    if effect == "equal":
        return
    kind = of[("wider", "narrower", "same").index(effect)]
    was_text, is_text = [None if each is None else expression_text(each) for each in (old, new)]
    note = "the table it looks up changed" if was_text == is_text else ""
    here = place if new is None else place.at(line=new.line or place.line)
    yield here.change(kind, was_text, is_text, note)


def _limits(old: MappingPlan, new: MappingPlan, place: Place) -> Iterator[Change]:
    was, is_now = old.creates_per_day, new.creates_per_day
    if was == is_now:
        return
    raised = is_now is None or (was is not None and is_now > was)
    was_text, is_text = ("any number" if each is None else str(each) for each in (was, is_now))
    yield place.change(kinds.CREATES_RAISED if raised else kinds.CREATES_LOWERED, was_text, is_text)


def triggers(old: RoutePlan, new: RoutePlan, place: Place, plans: tuple[MappingPlan, MappingPlan]) -> Iterator[Change]:
    """Compare at which events a route fires."""
    for event in sorted(set(old.events) ^ set(new.events)):
        if event in new.events:
            yield place.at("events").change(kinds.TRIGGER_ADDED, None, event)
        else:
            yield place.at("events").change(kinds.TRIGGER_REMOVED, event, None)
    before, after = plans
    effect = reach(old.when, new.when, (before.tables, after.tables))
    yield from _condition(effect, _OF_WHEN, old.when, new.when, place.at("when"))


def lasts_longer(old: str | None, new: str | None) -> bool:
    """Whether what holds until a day holds longer than before; None is for ever. ISO dates sort as text."""
    return new is None or (old is not None and new > old)


def until_text(day: str | None) -> str:
    """`until 2026-09-01`, or `without end`."""
    return "without end" if day is None else f"until {day}"


def _until(day: str | None) -> str:
    return "" if day is None else f"granted until {day}"
