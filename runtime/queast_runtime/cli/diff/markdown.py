"""The one comment under a pull request: most severe first, short enough to be posted, safe to be rendered.

Every text that a tenant wrote stands in a code span, where nothing of it is a link, a mention or markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from queast_compiler.diff.model import CATEGORIES, Category, Change
from queast_runtime.cli.diff.effect_text import record, seen
from queast_runtime.cli.diff.grouping import by_severity, cut, part_of, place
from queast_runtime.cli.diff.model import Report, TenantReport
from queast_runtime.cli.wording import counted
from queast_runtime.preview.effect_model import Effect, MatchExample

# What the comment is found by when it is posted again.
MARKER: Final = "<!-- qmap-diff -->"
# GitHub takes 65,536 characters; GitLab a million.
MAX_CHARACTERS: Final = 65_536
_ROOM_FOR_THE_END: Final = 400
_MARKUP: Final = re.compile(r"([\\\\`*_{}\[\]<>#|!])")
_MEANS: Final[dict[Category, str]] = {
    "IDENTITY": "which CRM record is taken for which company",
    "PRIVACY": "which personal data leaves",
    "DESTINATION": "where data goes",
    "FIELD": "what is written into records, and over what",
    "SCOPE": "how many records are concerned",
    "LIFECYCLE": "what is taken back or deleted",
    "SECURITY": "how messages are signed and checked",
    "CONTRACT": "the shape of what a webhook's receiver gets",
}


def render(report: Report, *, publish: Sequence[str]) -> str:
    """Return the comment, at most MAX_CHARACTERS long. `publish` are the words of the command that goes on."""
    if not report.changes:
        notes = "".join(f"\n> **Note**: {_sentence(each)}\n" for each in report.notes)
        return f"{MARKER}\n### qmap diff: no change\n\nThe plans are those of {code(report.against.shown)}.\n{notes}"
    blocks = [_head(report), *_changes(report), *_effects(report), _stays(report), _agree(report, publish)]
    return _within([each for each in blocks if each])


def _within(blocks: Sequence[str]) -> str:
    """Keep the head and as many of the following lines as fit; say how many are left out."""
    text = "\n".join(blocks)
    if len(text) + 1 <= MAX_CHARACTERS:
        return text + "\n"
    # Who must agree comes last and is never what is cut.
    lines, end = "\n".join(blocks[:-1]).split("\n"), blocks[-1]
    room, kept = MAX_CHARACTERS - len(end) - _ROOM_FOR_THE_END, []
    for line in lines:
        if len(line) + 1 > room:
            break
        kept.append(line)
        room -= len(line) + 1
    left = len(lines) - len(kept)
    return (
        "\n".join([*kept, "", f"_{left:,} more lines do not fit here; all of it: `qmap diff --full`_", "", end]) + "\n"
    )


def _head(report: Report) -> str:
    blocked = sum(each.kind.gate == "block" for each in report.changes)
    verdict = f"{counted(len(report.changes), 'change')}"
    verdict += f", {blocked} must be accepted" if blocked else ", none of them gated"
    lines = [MARKER, f"### qmap diff: {verdict}", ""]
    rests = [_rests_on(each) for each in report.tenants if each.changes]
    lines += ["⛔ must be accepted · ⚠️ look at it · ℹ️ for information", ""]
    lines.append(f"Compared with {code(report.against.shown)}. {' '.join(each for each in rests if each)}".rstrip())
    for note in report.notes:
        lines += ["", f"> **Note**: {_sentence(note)}"]
    for tenant in report.tenants:
        lines += ["", *(f"> **Note**: {each}" for each in tenant.drift)] if tenant.drift else []
        for name in tenant.broken:
            lines += ["", f"> {code(name)} did not compile there; all of it counts as new."]
    return "\n".join(lines)


def _rests_on(tenant: TenantReport) -> str:
    effect = tenant.effect
    if effect is None:
        return f"No events were looked at for {code(tenant.tenant)}: what follows is read off the plans alone."
    records = f" and {counted(effect.records, 'CRM record')}" if effect.records else ", without any CRM records"
    events = f"{counted(effect.events, 'event')} of {code(tenant.tenant)} from {code(effect.source)}"
    return f"Tried on a sample, {events}{records}; nothing was sent."


def _changes(report: Report) -> Iterator[str]:
    for tenant in report.tenants:
        if not tenant.changes:
            continue
        title = f"#### What changes for {code(tenant.tenant)}" if len(report.tenants) > 1 else "#### What changes"
        yield f"\n{title}"
        for category in CATEGORIES:
            found = by_severity([each for each in tenant.changes if each.kind.category == category])
            if found:
                yield f"\n**{category}**: {_MEANS[category]}\n"
                yield from (_change(each) for each in found)


def _change(change: Change) -> str:
    mark = {"block": "⛔", "warn": "⚠️", "info": "ℹ️"}[change.kind.gate]
    part, leaf = part_of(change.path)
    whose = change.mapping or change.connection
    where = f"{code(whose)} {code(part)} {code(leaf)}"
    value = f": {_values(change)}" if change.old or change.new else ""
    more = [_sentence(each) for each in (change.note, change.kind.why if change.kind.gate == "block" else "") if each]
    rest = f"<br>{' '.join(more)}" if more else ""
    return f"- {mark} **{change.kind.says}**: {where}{value} ({code(place(change))}){rest}"


def _sentence(text: str) -> str:
    """A note as a sentence of its own. What a tenant named in it must not become markup."""
    # A mention is looked for after markup is gone, so a backslash would not keep one from being made.
    plain = _MARKUP.sub(r"\\\1", cut(text, 400)).replace("@", "@<!-- -->")
    return f"{plain[:1].upper()}{plain[1:]}{'' if plain.endswith('.') else '.'}"


def _values(change: Change) -> str:
    old, new = change.old, change.new
    if old is None:
        return f"+ {code(new or '')}"
    if new is None:
        return f"− {code(old)}"
    return f"{code(old)} → {code(new)}"


def _effects(report: Report) -> Iterator[str]:
    for tenant in report.tenants:
        if tenant.effect is not None and tenant.changes:
            yield "\n" + "\n".join(_effect(tenant, tenant.effect, report))


def _effect(tenant: TenantReport, effect: Effect, report: Report) -> Iterator[str]:
    title = "#### In which records of the sample"
    yield f"{title}, {code(tenant.tenant)}" if len(report.tenants) > 1 else title
    yield ""
    if not effect.events:
        yield "No event could be read, so the effect is not known."
        return
    if effect.is_none:
        yield "None of the events ends in another record, value, decision or request."
        return
    if effect.objects:
        yield from _properties(effect, report)
    for one in effect.properties:
        if one.cleared:
            yield f"- **emptied**: {code(one.property)} of {code(one.object)} in {counted(one.cleared, 'record')}"
    for route in effect.routes:
        if route.starts:
            events = counted(route.starts, "event")
            yield f"- route {code(route.route)} **starts** to fire for {events} (e.g. {_codes(route.examples)})"
        if route.stops:
            why = ", ".join(f"{reason}: {count:,}" for reason, count in route.reasons)
            yield f"- route {code(route.route)} **stops** firing for {counted(route.stops, 'event')} ({why})"
    for flip in effect.matches:
        found = ", ".join(_pair(one) for one in flip.examples)
        yield (
            f"- **match decisions** for {code(flip.object)}: {counted(flip.records, 'record')} from {flip.before}"
            f" to **{flip.after}** (e.g. {found})"
        )
    for each in effect.overwritten:
        yield (
            f"- **values that people typed would be overwritten**: {code(each.property)} in"
            f" {counted(each.records, 'record')} (e.g. {_codes(each.examples)})"
        )
    for connection, before, after in effect.creates:
        if before != after:
            yield f"- records created on {code(connection)}: {before:,} → {after:,}"
    for flow in effect.personal:
        verb = "starts to leave" if flow.starts else "no longer leaves"
        persons = counted(flow.persons, "person")
        yield (f"- **personal data**: {code(flow.path)} {verb} to {code(flow.connection)}, for {persons} of the sample")
    for calls in effect.calls:
        if calls.before != calls.after:
            budget = "" if calls.per_day is None else f" (the account allows {calls.per_day:,} a day)"
            yield f"- requests to {code(calls.connection)} for these events: {calls.before:,} → {calls.after:,}{budget}"


def _pair(one: MatchExample) -> str:
    """`c-a091` and their `h178`, 0.89 alike of 1, on event `evt-1`."""
    theirs = "" if one.partner_id is None else f" and their {code(one.partner_id)}"
    alike = "" if one.score is None else f", {one.score:.2f} alike of 1"
    return f"our {code(one.queast_id)}{theirs}{alike}, on event {code(one.event_id)}"


def _properties(effect: Effect, report: Report) -> Iterator[str]:
    shown = "e.g. theirs (ours)" if report.show_values else "e.g. theirs (ours), values hidden"
    yield f"| what | property | get another value | of them their first | no longer updated, keep the old | {shown} |"
    yield "|---|---|--:|--:|--:|---|"
    for each in effect.objects:
        own = [one for one in effect.properties if (one.mapping, one.route) == (each.mapping, each.route)]
        what = f"messages of {cell(each.route)}" if each.action == "send" else cell(each.object)
        yield f"| {what} | each counted once | **{each.records:,}** | | **{each.left:,}** | |"
        for one in own:
            first = one.examples[0] if one.examples else None
            example = "" if first is None else cell(record(first, each.action))
            if first is not None and report.show_values and not one.personal:
                example += f" {cell(seen(first.before))} → {cell(seen(first.after))}"
            yield f"| | {cell(one.property)} | {one.records:,} | {one.fresh:,} | {one.gone:,} | {example} |"
    yield ""


def _stays(report: Report) -> str:
    """What is there already and stays as it is, and what going back would not take back."""
    found: list[str] = []
    for tenant in report.tenants:
        for change in tenant.changes:
            leaf = code(f"{part_of(change.path)[0]} {part_of(change.path)[1]}")
            if change.kind.stays:
                counts = _records_of(tenant, change)
                number = f"In {counted(counts, 'record')} of the sample. " if counts else ""
                found.append(f"- {leaf}: {number}{change.kind.why}")
            if change.kind.undo:
                found.append(f"- Going back later on {leaf}: {change.kind.undo}")
    return "" if not found else "\n".join(["\n#### What stays behind", "", *dict.fromkeys(found)])


def _records_of(tenant: TenantReport, change: Change) -> int:
    if tenant.effect is None:
        return 0
    part, leaf = part_of(change.path)
    return sum(
        each.gone
        for each in tenant.effect.properties
        if each.mapping == change.mapping and part == f"routes.{each.route}" and leaf == each.property
    )


def _second(twice: Sequence[Category]) -> str:
    return (
        f"{_bold(twice)} takes a **second person**, a tenant admin other than the first, who"
        f" runs {code('qmap approve ID')} with the id that publishing prints."
    )


def _agree(report: Report, publish: Sequence[str]) -> str:
    lines = ["\n#### Who must agree", ""]
    for each in report.accepted:
        lines.append(
            f"- {each.category} is accepted by {code(each.author)} in {code(each.commit[:7])}:"
            f" {code(cut(each.reason, 200))}. Publishing checks whether whoever publishes may accept it."
        )
    if not report.open:
        if report.twice:
            lines.append(f"- The whole change waits: {_second(report.twice)}")
        else:
            lines.append("- Nobody else: no open gate is left." if report.gated else "- Nobody: no gate is touched.")
        lines.append(f"- To go on: {code(' '.join(publish))}")
        return "\n".join(lines)
    twice = report.twice
    mine = [each for each in report.open if not _is_admins(report.changes, each)]
    steps = []
    if mine:
        steps.append(
            f"A tenant admin accepts {_bold(mine)} with a reason, by the command below or by a commit's trailer."
        )
    if "SECURITY" in report.open:
        steps.append("**SECURITY** is Queast's admin's alone: a tenant cannot accept it.")
    if twice:
        steps.append(f"The whole change waits: {_second(twice)}")
    steps.append("Then all of it is live." if twice else "With that it is live.")
    lines += [f"{number}. {step}" for number, step in enumerate(steps, start=1)]
    names = ",".join(report.open)
    lines.append("")
    lines.append(f"The command: {code(f'{chr(32).join(publish)} --accept {names} --reason YOUR-REASON')}\n")
    if mine:
        trailer = code(f"qmap-accept: {','.join(mine)} YOUR-REASON")
        lines.append(
            f"The trailer, as the last line of a commit's message: {trailer};"
            " it counts where whoever publishes may accept it.\n"
        )
    rest = sorted({each.kind.category for each in report.changes} - set(report.gated))
    if rest:
        lines.append(f"Nobody has to accept {', '.join(rest)}.")
    return "\n".join(lines)


def _bold(categories: Iterable[str]) -> str:
    return ", ".join(f"**{each}**" for each in categories)


def _is_admins(changes: Iterable[Change], category: Category) -> bool:
    return any(each.kind.admin and each.kind.category == category for each in changes)


def _codes(texts: Iterable[str]) -> str:
    return ", ".join(code(each) for each in texts)


def cell(text: str) -> str:
    """A code span in a table, where a bar would open a cell even inside of it."""
    return code(text).replace("|", "\\|")


def code(text: str) -> str:
    """A code span that holds any text: nothing in it is markup or ends the span."""
    plain = cut(text, 240)
    longest = run = 0
    for letter in plain:
        run = run + 1 if letter == "`" else 0
        longest = max(longest, run)
    fence = "`" * (longest + 1)
    pad = " " if plain[:1] in ("`", " ", "") or plain[-1:] in ("`", " ") else ""
    return f"{fence}{pad}{plain}{pad}{fence}"
