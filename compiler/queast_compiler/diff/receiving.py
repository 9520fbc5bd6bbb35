"""What happens at Queast when the destination says something."""

from __future__ import annotations

from collections.abc import Iterator

from queast_compiler.diff.fields import value_change
from queast_compiler.diff.kinds import destination, identity
from queast_compiler.diff.kinds import field as field_kinds
from queast_compiler.diff.model import Change
from queast_compiler.diff.pairing import receive_pairs
from queast_compiler.diff.place import Place
from queast_compiler.diff.placeless import meaning
from queast_compiler.diff.wording import expression_text
from queast_compiler.plan.ir import Expr
from queast_compiler.plan.mapping import MappingPlan, OwnerPlan, ReceivePlan


def receiving(old: MappingPlan, new: MappingPlan, home: Place) -> Iterator[Change]:
    """Compare what is received, rule by rule; one that goes by another name with the one it was."""
    before = {each.name: each for each in old.receive}
    were = {to: name for name, to in receive_pairs(old, new).items()}
    for rule in new.receive:
        place = home.at("receive", rule.name, file=rule.file, line=rule.line)
        was = before.get(were.get(rule.name, ""))
        if was is None:
            yield place.change(destination.RECEIVE_ADDED, None, _summary(rule))
            continue
        if was.name != rule.name:
            yield place.change(destination.RECEIVE_RENAMED, was.name, rule.name)
        yield from _rule(was, rule, place)
    for name, rule in before.items():
        if name not in were.values():
            place = home.at("receive", name, file=rule.file, line=rule.line)
            yield place.change(destination.RECEIVE_REMOVED, _summary(rule), None)


def _summary(rule: ReceivePlan) -> str:
    """`company.interest_highlighted → bookmark of team advisers`."""
    return f"{rule.event} → bookmark of {_owner(rule.then.owner)}"


def _owner(owner: OwnerPlan) -> str:
    return f"{owner.kind} {owner.name}"


def _rule(old: ReceivePlan, new: ReceivePlan, place: Place) -> Iterator[Change]:
    if old.on_none != new.on_none:
        kind = identity.RECEIVE_NONE_TO_REVIEW if new.on_none == "review" else identity.RECEIVE_NONE_IGNORED
        yield place.at("on_none").change(kind, old.on_none, new.on_none)
    if old.then.owner != new.then.owner:
        was_text, is_text = (_owner(each.then.owner) for each in (old, new))
        yield place.at("owner").change(destination.BOOKMARK_OWNER_CHANGED, was_text, is_text)
    if meaning(old.then.note) != meaning(new.then.note):
        yield _note(old.then.note, new.then.note, place.at("note"))


def _note(old: Expr | None, new: Expr | None, place: Place) -> Change:
    kind = field_kinds.BOOKMARK_NOTE_CHANGED
    if old is not None and new is not None:
        return value_change(kind, old, new, place)
    was_text, is_text = (None if each is None else expression_text(each) for each in (old, new))
    return place.change(kind, was_text, is_text)
