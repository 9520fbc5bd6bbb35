"""Which of our fields each property of an object is probably meant for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from queast_compiler.passes.properties import Property, PropertyTable
from queast_runtime.cli.proposing.fitting import Fit, fit
from queast_runtime.cli.proposing.model import ObjectProposal, Proposal, Source, Unmatched
from queast_runtime.cli.proposing.sources import sources
from queast_runtime.cli.proposing.words import name, nearness

# From SURE on a field is proposed as it stands, from THINKABLE on as a comment.
SURE: Final = 0.8
THINKABLE: Final = 0.6


@dataclass(frozen=True, slots=True)
class _Pair:
    property: Property
    source: Source
    fit: Fit
    score: float


def propose_object(
    object: str, entity: Literal["company", "person"], table: PropertyTable, external_id: str | None
) -> ObjectProposal:
    """Return a proposal for each property that something of the entity is called like and fits; the best pairs first,
    each field of ours once. What is `external_id` is the connection's to write, and no field."""
    writable, unmatched = _writable(table, external_id)
    pairs = sorted(
        _pairs(writable, sources(entity)), key=lambda each: (-each.score, each.property.name, each.source.path)
    )
    chosen: dict[str, Proposal] = {}
    used: dict[str, str] = {}
    for each in pairs:
        if each.property.name in chosen:
            continue
        proposal = _proposal(each, used.get(each.source.expression))
        chosen[each.property.name] = proposal
        if proposal.is_active:
            used[each.source.expression] = each.property.name
    unmatched += [Unmatched(each, _nothing(each)) for each in writable if each.name not in chosen]
    kept = [chosen[each.name] for each in writable if each.name in chosen]
    return ObjectProposal(object, entity, tuple(kept), tuple(unmatched), _names(table))


def _writable(table: PropertyTable, external_id: str | None) -> tuple[list[Property], list[Unmatched]]:
    found = table.find(external_id) if external_id is not None else None
    ours = found.name if isinstance(found, Property) else None
    writable: list[Property] = []
    left: list[Unmatched] = []
    for each in table.by_name.values():
        if each.name == ours:
            left.append(Unmatched(each, "holds our id, which the connection writes by itself"))
        elif each.read_only:
            left.append(Unmatched(each, "only the destination writes it"))
        else:
            writable.append(each)
    return writable, left


def _pairs(properties: Iterable[Property], found: Iterable[Source]) -> Iterable[_Pair]:
    for property in properties:
        called = (name(property.name), name(property.label))
        for source in found:
            near = max(nearness(mine, theirs) for mine in source.names for theirs in called)
            if near < THINKABLE:
                continue
            made = fit(source, property)
            if made is not None and near * made.factor >= THINKABLE:
                yield _Pair(property, source, made, round(near * made.factor, 2))


def _proposal(pair: _Pair, used_for: str | None) -> Proposal:
    why, is_active = pair.fit.says, pair.score >= SURE
    if not is_active:
        why = "a guess: the name agrees in part"
    if used_for is not None:
        why, is_active = f"goes to {used_for} already", False
    if pair.source.held_back is not None:
        why, is_active = pair.source.held_back, False
    rows = pair.fit.rows if is_active else None
    return Proposal(pair.property, pair.source.path, pair.fit.expression, pair.score, why, is_active, rows)


def _nothing(property: Property) -> str:
    match property.type:
        case "owner":
            return "a person of the account: {const: their e-mail address, write: on_create}"
        case "enumeration" | "set":
            return "its options say nothing that Queast knows"
        case _:
            return "nothing of Queast's is called like it"


def _names(table: PropertyTable) -> dict[str, str]:
    """What each property is written as: its name, or its label where the name is a key that nobody can read."""
    return {key: each.label if _is_unreadable(key, each, table) else key for key, each in table.by_name.items()}


def _is_unreadable(key: str, property: Property, table: PropertyTable) -> bool:
    is_key = re.fullmatch(r"[0-9a-f]{40}", key) is not None
    is_word = re.fullmatch(r"[A-Za-z][A-Za-z0-9_ -]*[A-Za-z0-9_]", property.label) is not None
    return is_key and is_word and isinstance(table.find(property.label), Property)
