"""IDENTITY: how the records of an account are matched with ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from queast_compiler.diff.kinds import identity as kinds
from queast_compiler.diff.model import Change, ChangeKind
from queast_compiler.diff.place import Place
from queast_compiler.diff.placeless import meaning
from queast_compiler.diff.scope import lasts_longer, until_text
from queast_compiler.diff.wording import expression_text, list_text
from queast_compiler.plan.calibrated import calibrated
from queast_compiler.plan.connection import ConnectionPlan, MatchPlan, NamePlan
from queast_compiler.plan.needs import ScoreNeed


def matching(old: ConnectionPlan, new: ConnectionPlan, home: Place) -> Iterator[Change]:
    """Compare the matching of each entity of a connection."""
    before = {each.entity: each for each in old.match}
    after = {each.entity: each for each in new.match}
    for entity in sorted(before.keys() | after.keys()):
        place = home.at("match", entity)
        if entity not in before:
            yield place.change(kinds.MATCH_ADDED, None, _summary(after[entity]))
        elif entity not in after:
            yield place.change(kinds.MATCH_REMOVED, _summary(before[entity]), None)
        else:
            yield from _match(before[entity], after[entity], place, _of_name(new, entity) or _of_name(old, entity))


def below_calibrated(plan: ConnectionPlan, home: Place) -> Iterator[Change]:
    """What links names more easily than what is calibrated, in a connection that nothing can be compared with."""
    for match in plan.match:
        if match.name is not None:
            place = home.at("match", match.entity)
            found = _name(calibrated(match.entity), match.name, _at_name(place, _of_name(plan, match.entity)))
            yield from (each for each in found if each.kind.second)


def _at_name(place: Place, name: tuple[str, int] | None) -> Place:
    return place.at("name") if name is None else place.at("name", file=name[0], line=name[1])


def _of_name(plan: ConnectionPlan, entity: str) -> tuple[str, int] | None:
    """Where the rule by name stands; the plan says it in what it needs of the engine."""
    needs = (each for each in plan.needs if isinstance(each, ScoreNeed) and each.entity == entity)
    return next(((each.file, each.line) for each in needs), None)


def _summary(match: MatchPlan) -> str:
    return f"{match.object} by {list_text(match.order)}"


def _match(old: MatchPlan, new: MatchPlan, place: Place, name: tuple[str, int] | None) -> Iterator[Change]:
    if old.object != new.object:
        yield place.at("object").change(kinds.MATCHED_OBJECT_CHANGED, old.object, new.object)
    yield from _order(old, new, place.at("order"))
    if old.external_id != new.external_id:
        yield place.at("external_id").change(kinds.EXTERNAL_ID_CHANGED, old.external_id, new.external_id)
    if meaning(old.domain_from) != meaning(new.domain_from):
        was_text, is_text = [
            None if each is None else expression_text(each) for each in (old.domain_from, new.domain_from)
        ]
        yield place.at("domain", "from").change(kinds.DOMAIN_SOURCE_CHANGED, was_text, is_text)
    if set(old.domain_to) != set(new.domain_to):
        was_text, is_text = [list_text(each.domain_to) for each in (old, new)]
        yield place.at("domain", "to").change(kinds.DOMAIN_TARGET_CHANGED, was_text, is_text)
    if dict(old.card) != dict(new.card):
        yield from _card(dict(old.card), dict(new.card), place.at("card"))
    if old.on_none != new.on_none:
        kind = kinds.ON_NONE_TO_REVIEW if new.on_none == "review" else kinds.ON_NONE_CHANGED
        yield place.at("on_none").change(kind, old.on_none, new.on_none)
    if old.on_many != new.on_many:
        kind = kinds.ON_MANY_TO_REVIEW if new.on_many == "review" else kinds.ON_MANY_CHANGED
        yield place.at("on_many").change(kind, old.on_many, new.on_many)
    yield from _name(old.name, new.name, _at_name(place, name))


def _order(old: MatchPlan, new: MatchPlan, place: Place) -> Iterator[Change]:
    was_text, is_text = (list_text(old.order), list_text(new.order))
    for rule in new.order:
        if rule not in old.order:
            yield place.change(kinds.RULE_ADDED, was_text, is_text, f"adds {rule}")
    for rule in old.order:
        if rule not in new.order:
            yield place.change(kinds.RULE_REMOVED, was_text, is_text, f"takes out {rule}")
    kept = [[rule for rule in each.order if rule in other.order] for each, other in ((old, new), (new, old))]
    if kept[0] != kept[1]:
        yield place.change(kinds.RULE_ORDER_CHANGED, was_text, is_text)


def _card(before: Mapping[str, str], after: Mapping[str, str], place: Place) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield place.at(name).change(kinds.CARD_CHANGED, before.get(name), after.get(name))


_THRESHOLDS: Final[tuple[tuple[str, ChangeKind, ChangeKind], ...]] = (
    ("review", kinds.REVIEW_FLOOR_LOWERED, kinds.REVIEW_FLOOR_RAISED),
    ("auto_link", kinds.AUTO_LINK_LOWERED, kinds.AUTO_LINK_RAISED),
    ("margin", kinds.MARGIN_LOWERED, kinds.MARGIN_RAISED),
)


def _name(old: NamePlan | None, new: NamePlan | None, place: Place) -> Iterator[Change]:
    if old is None or new is None:
        if new is not None:
            yield place.change(kinds.NAME_RULE_ADDED, None, _thresholds(new))
        elif old is not None:
            yield place.change(kinds.NAME_RULE_REMOVED, _thresholds(old), None)
        return
    before, after = _values(old), _values(new)
    for key, lowered, raised in _THRESHOLDS:
        if before[key] != after[key]:
            kind = lowered if after[key] < before[key] else raised
            yield place.at(key).change(kind, str(before[key]), str(after[key]))
    if set(old.corroborate) != set(new.corroborate):
        # One of the list has to agree, none where it is empty.
        easier = not new.corroborate or (bool(old.corroborate) and not set(new.corroborate) <= set(old.corroborate))
        kind = kinds.CORROBORATION_LOOSENED if easier else kinds.CORROBORATION_TIGHTENED
        was_text, is_text = (list_text(each.corroborate) for each in (old, new))
        yield place.at("corroborate").change(kind, was_text, is_text)
    for evidence in sorted(set(old.veto_if_different) ^ set(new.veto_if_different)):
        if evidence in new.veto_if_different:
            yield place.at("veto_if_different").change(kinds.VETO_ADDED, None, evidence)
        else:
            note = f"links across a different {evidence.replace('_', ' ')} are allowed"
            yield place.at("veto_if_different").change(kinds.VETO_REMOVED, evidence, None, note)
    if old.granted_until != new.granted_until:
        longer = lasts_longer(old.granted_until, new.granted_until)
        kind = kinds.MATCH_GRANT_EXTENDED if longer else kinds.MATCH_GRANT_SHORTENED
        was_text, is_text = (until_text(each.granted_until) for each in (old, new))
        yield place.at("granted_until").change(kind, was_text, is_text)


def _values(name: NamePlan) -> dict[str, float]:
    return {"review": name.review, "auto_link": name.auto_link, "margin": name.margin}


def _thresholds(name: NamePlan) -> str:
    return f"{{review: {name.review}, auto_link: {name.auto_link}, margin: {name.margin}}}"
