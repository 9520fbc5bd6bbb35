"""The effect on sample events, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from queast_runtime.cli.diff.grouping import cut
from queast_runtime.cli.diff.model import TenantReport
from queast_runtime.cli.wording import counted
from queast_runtime.preview.effect_model import Effect, MatchExample, PropertyEffect, RecordExample, ValueSeen

_LABEL: Final = 36


def effect_lines(tenant: TenantReport, effect: Effect, *, show_values: bool) -> Iterator[str]:
    """`companies that would change   627     country 412   industry 627`, and what else the sample shows."""
    hidden = "non-personal values shown" if show_values else "values hidden"
    known = f", {counted(effect.records, 'record')} of the CRM known" if effect.records else ", no CRM records known"
    yield f"Effect on {counted(effect.events, 'event')} of {tenant.tenant} from {effect.source} ({hidden}{known})"
    if effect.unusable:
        yield f"  {counted(effect.unusable, 'line')} beside could not be read as an event"
    if not effect.events:
        yield "  no event could be read, so the effect is not known"
        return
    if effect.is_none:
        yield "  none of them ends in another record, value, decision or request"
    for each in effect.objects:
        own = [p for p in effect.properties if (p.mapping, p.route) == (each.mapping, each.route)]
        changed = "   ".join(f"{cut(p.property, 40)} {p.records:,}" for p in own if p.records)
        what = f"messages of {each.route}" if each.action == "send" else each.object
        if each.records:
            yield _row(f"{what} that would change", f"{each.records:,}", changed)
        if each.left:
            kept = "   ".join(f"{cut(p.property, 40)} {p.gone:,}" for p in own if p.gone)
            yield _row(f"{what} no longer updated", f"{each.left:,}", kept)
        emptied = "   ".join(f"{cut(p.property, 40)} {p.cleared:,}" for p in own if p.cleared)
        if emptied:
            yield _row(f"{what} that would be emptied", "", emptied)
        for one in own:
            yield from (f"      {line}" for line in examples(one, each.action, show_values=show_values))
    for route in effect.routes:
        if route.starts:
            yield _row(f"route {route.route} starts", f"{route.starts:,}", f"e.g. {_ids(route.examples)}")
        if route.stops:
            why = ", ".join(f"{reason} {count:,}" for reason, count in route.reasons)
            yield _row(f"route {route.route} stops", f"{route.stops:,}", why or f"e.g. {_ids(route.examples)}")
    for flip in effect.matches:
        shown = "; ".join(_match_example(one) for one in flip.examples)
        yield _row(
            f"{flip.object}: match decisions", f"{flip.records:,}", f"{flip.before} → {flip.after}  e.g. {shown}"
        )
    for typed in effect.overwritten:
        shown = f"{typed.property} in {counted(typed.records, 'record')}  e.g. {_ids(typed.examples)}"
        yield _row("human values overwritten", f"{typed.records:,}", shown)
    for connection, before, after in effect.creates:
        if before != after:
            yield _row("records that would be created", f"{after:,}", f"before {before:,}, on {connection}")
    for calls in effect.calls:
        if calls.before != calls.after:
            budget = "" if calls.per_day is None else f"  of {calls.per_day:,} a day"
            yield _row(f"requests to {calls.connection}", f"{calls.after:,}", f"before {calls.before:,}{budget}")
    for connection in dict.fromkeys(each.connection for each in effect.personal):
        signs = [
            f"{'+' if each.starts else '-'} {each.path} ({counted(each.persons, 'person')})"
            for each in effect.personal
            if each.connection == connection
        ]
        yield f"Personal data to {connection}: {'   '.join(signs)}"


def examples(effect: PropertyEffect, action: str, *, show_values: bool) -> Sequence[str]:
    """`e.g. h118 (c_7): "Retail" → "13"`; without values only when they are asked for."""
    if not show_values or effect.personal:
        return ()
    return [
        f"{cut(effect.property, 40)}  e.g. {record(one, action)}: {seen(one.before)} → {seen(one.after)}"
        for one in effect.examples
    ]


def record(example: RecordExample, action: str) -> str:
    """The record an example is about, by their id and ours; a message has ours alone."""
    ours = cut(example.queast_id, 40)
    return ours if action == "send" else f"{cut(example.partner_id or 'new record', 40)} ({ours})"


def seen(value: ValueSeen) -> str:
    match value.presence:
        case "absent":
            return "(not written)"
        case "emptied":
            return "(emptied)"
        case "hidden":
            return "(personal data)"
        case "value":
            return cut(value.text, 60)


def _match_example(one: MatchExample) -> str:
    score = "" if one.score is None else f" {one.score:.2f}"
    ours, theirs, event = (cut(each, 40) for each in (one.queast_id, one.partner_id or "nothing", one.event_id))
    return f"{ours} ~ {theirs}{score} ({event})"


def _ids(texts: Sequence[str]) -> str:
    return ", ".join(cut(each, 40) for each in texts)


def _row(label: str, number: str, rest: str) -> str:
    return f"  {label.ljust(_LABEL)}{number.rjust(8)}     {rest}"
