"""How a destination is spoken to: the connector's manifest as a connection's plan holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from queast_compiler.diff.kinds import destination, scope, security
from queast_compiler.diff.model import Change, ChangeKind
from queast_compiler.diff.place import Place
from queast_compiler.diff.placeless import meaning
from queast_compiler.diff.wording import json_text
from queast_compiler.plan.connection import ConnectionPlan, JsonObject

# Says which mappings a change touches: of an object by its name, of the whole connection by None.
Touched = Callable[[str | None], str]

_SIGNED: Final = "standard_webhooks"
# What only describes properties, or is made of what matching compares and is shown there; all else of an object says
# which calls are made.
_DESCRIPTIVE: Final = frozenset({"page", "declared", "forms", "whole_numbers", "read", "external_id"})
# Lists of names, whose order says nothing.
_SETS: Final = frozenset({"declared", "whole_numbers"})


class _Absent:
    """No value, which is not null; nothing of it is ever asked but whether it is there."""

    def __bool__(self) -> bool:
        return False

    def __iter__(self) -> Iterator[Any]:
        return iter(())


_ABSENT: Final = _Absent()


def manifest(old: ConnectionPlan, new: ConnectionPlan, home: Place, touched: Touched) -> Iterator[Change]:
    """Compare two manifests section by section; each change says which mappings it touches."""
    before, after = old.manifest, new.manifest
    everybody = touched(None)
    for key in sorted(before.keys() | after.keys()):
        was, is_now = before.get(key, _ABSENT), after.get(key, _ABSENT)
        if meaning(was) == meaning(is_now):
            continue
        match key:
            case "auth":
                yield from authentication(old, new, home, everybody)
            case "rate_limit":
                yield from _rates(_or_none(was), _or_none(is_now), home.at("manifest", key), everybody)
            case "errors":
                yield from _errors(list(was or ()), list(is_now or ()), home.at("manifest", key), everybody)
            case "objects":
                yield from _objects(_or_none(was), _or_none(is_now), home.at("manifest", key), touched)
            case _:
                places = _leaves(was, is_now, home.at("manifest", key))
                yield from (_said(destination.INTERFACE_CHANGED, each, everybody) for each in places)


def authentication(old: ConnectionPlan, new: ConnectionPlan, home: Place, note: str) -> Iterator[Change]:
    """Compare how requests are signed or authenticated."""
    was, is_now = (each.manifest.get("auth", _ABSENT) for each in (old, new))
    if meaning(was) == meaning(is_now):
        return
    kinds = [each.get("kind") if isinstance(each, dict) else None for each in (was, is_now)]
    weakened = kinds[0] == _SIGNED and kinds[1] != _SIGNED
    kind = security.SIGNATURE_WEAKENED if weakened else security.AUTHENTICATION_CHANGED
    yield home.at("manifest", "auth").change(kind, _json(was), _json(is_now), note)


def _rates(old: JsonObject, new: JsonObject, place: Place, note: str) -> Iterator[Change]:
    """Budgets by their id: requests a second; whatever else differs in one counts otherwise."""
    before, after = ({str(each.get("id")): each for each in side.get("budgets", ())} for side in (old, new))
    for name in sorted(before.keys() | after.keys()):
        was, is_now = before.get(name), after.get(name)
        if meaning(was) == meaning(is_now):
            continue
        own = place.at("budgets", name)
        if was is None or is_now is None:
            kind = scope.RATE_LOWERED if was is None else scope.RATE_RAISED
            yield own.change(kind, _budget(was), _budget(is_now), note)
            continue
        pace: tuple[str, ...] = ()
        if _per_second(was) != _per_second(is_now):
            kind = scope.RATE_RAISED if _per_second(is_now) > _per_second(was) else scope.RATE_LOWERED
            yield own.change(kind, _budget(was), _budget(is_now), note)
            pace = ("limit", "window_s")
        rest = [{key: value for key, value in each.items() if key not in pace} for each in (was, is_now)]
        if meaning(rest[0]) != meaning(rest[1]):
            yield own.change(scope.RATE_CHANGED, _json(was), _json(is_now), note)
    others = [{key: value for key, value in each.items() if key != "budgets"} for each in (old, new)]
    for each in _leaves(others[0], others[1], place):
        yield _said(scope.RATE_CHANGED, each, note)


def _per_second(budget: JsonObject) -> float:
    return float(budget["limit"]) / float(budget["window_s"])


def _budget(budget: JsonObject | None) -> str | None:
    """`100 in 10 s`."""
    return None if budget is None else f"{budget['limit']} in {budget['window_s']} s"


def _errors(old: list[Any], new: list[Any], place: Place, note: str) -> Iterator[Change]:
    """Rules in order, the first that fits counts: those that are gone, those that came, else another order."""
    before, after = ([meaning(each) for each in side] for side in (old, new))
    gone = [each for each, like in zip(old, before, strict=True) if like not in after]
    come = [each for each, like in zip(new, after, strict=True) if like not in before]
    for n in range(max(len(gone), len(come))):
        was_text, is_text = (_json(each[n]) if n < len(each) else None for each in (gone, come))
        yield place.change(destination.ANSWERS_CHANGED, was_text, is_text, note)
    if not gone and not come:
        yield place.change(
            destination.ANSWERS_CHANGED, f"{len(old)} rules", f"{len(new)} rules", f"another order; {note}"
        )


def _objects(old: Mapping[str, Any], new: Mapping[str, Any], place: Place, touched: Touched) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        own, note = place.at(name), touched(name)
        if name not in old or name not in new:
            was_text, is_text = (name if name in side else None for side in (old, new))
            yield own.change(destination.OPERATION_CHANGED, was_text, is_text, note)
            continue
        for key in sorted(old[name].keys() | new[name].keys()):
            was, is_now = old[name].get(key, _ABSENT), new[name].get(key, _ABSENT)
            if key == "forms" and was and is_now:
                yield from _forms(_by_property(was), _by_property(is_now), own.at(key), note)
                continue
            kind = destination.OBJECT_DESCRIBED_OTHERWISE if key in _DESCRIPTIVE else destination.OPERATION_CHANGED
            for each in _leaves(was, is_now, own.at(key)):
                yield _said(kind, each, note)


_Leaf = tuple[Place, Any, Any]


def _leaves(old: Any, new: Any, place: Place) -> Iterator[_Leaf]:
    """Yield the places where two JSON values differ: inside objects, lists as a whole."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _leaves(old.get(key, _ABSENT), new.get(key, _ABSENT), place.at(key))
    elif isinstance(old, list) and isinstance(new, list) and place.path.rpartition(".")[2] in _SETS:
        yield from ((place, _ABSENT, each) for each in new if each not in old)
        yield from ((place, each, _ABSENT) for each in old if each not in new)
    elif meaning(old) != meaning(new):
        yield place, old, new


def _forms(old: JsonObject, new: JsonObject, place: Place, note: str) -> Iterator[Change]:
    """One change for all properties that went from one form to the same other."""
    together: dict[tuple[str | None, str | None], list[str]] = {}
    for name in sorted(old.keys() | new.keys()):
        forms = (_json(old.get(name, _ABSENT)), _json(new.get(name, _ABSENT)))
        if forms[0] != forms[1]:
            together.setdefault(forms, []).append(name)
    for (was, is_now), names in together.items():
        said = f"of {', '.join(names)}; {note}"
        yield place.change(destination.OBJECT_DESCRIBED_OTHERWISE, was, is_now, said)


def _by_property(forms: Any) -> JsonObject:
    """`[{wire: string, clear: "", properties: [name, city]}]`  ->  `{name: {wire: string, clear: ""}, city: …}`"""
    return {
        str(name): {key: value for key, value in form.items() if key != "properties"}
        for form in forms or ()
        for name in form.get("properties", ())
    }


def _or_none(value: Any) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _said(kind: ChangeKind, leaf: _Leaf, note: str) -> Change:
    place, old, new = leaf
    return place.change(kind, _json(old), _json(new), note)


def _json(value: Any) -> str | None:
    if value is _ABSENT:
        return None
    return value if isinstance(value, str) else json_text(value)
