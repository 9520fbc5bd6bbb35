"""What the doubles hold against what the events call for: lost, duplicated, unexpected."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from queast_compiler.plan.connection import ConnectionPlan
from queast_runtime.cli.demo.expect import Expected, Send, Upsert

JsonObject = dict[str, Any]
_REFERENCE = re.compile(r"\s*<p>Queast reference q-[a-z0-9]+</p>\s*$")


@dataclass(slots=True)
class Verdict:
    """Counts over one mapping. `details` names each case by id, never by a value."""

    records: int = 0
    notes: int = 0
    messages: int = 0
    lost: int = 0
    duplicates: int = 0
    unexpected: int = 0
    waiting: int = 0
    details: list[str] = field(default_factory=list)

    def lose(self, what: str) -> None:
        self.lost += 1
        self.details.append(f"lost: {what}")

    def duplicate(self, what: str, times: int) -> None:
        self.duplicates += times
        self.details.append(f"duplicate: {what}")

    def surprise(self, what: str) -> None:
        self.unexpected += 1
        self.details.append(f"unexpected: {what}")


@dataclass(frozen=True, slots=True)
class Held:
    """A record at a double, its properties flat. `ours` is our id in it. `seed` are the properties with which it was
    there before anything was sent, None for one that was made since."""

    id: str
    ours: str | None
    values: JsonObject
    seed: JsonObject | None

    @property
    def seeded(self) -> bool:
        return self.seed is not None


@dataclass(frozen=True, slots=True)
class ByName:
    """What ought to become of companies that only their names lead to a record: `linked` gives the record's name by
    company, `asked` are those that a person must decide. `compared` are the properties that matching reads."""

    linked: Mapping[str, str] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
    compared: frozenset[str] = frozenset()


def compare(
    expected: Expected, connection: ConnectionPlan, state: JsonObject, by_name: ByName | None = None
) -> Verdict:
    """Compare one mapping's expectations with the whole state of the doubles (`GET /state`)."""
    verdict = Verdict()
    if connection.connector == "webhook":
        _messages(expected, state["webhook"]["messages"].values(), verdict)
        return verdict
    match = connection.match[0]
    held = list(_records(state, connection.connector, match.external_id or ""))
    homes = _upserts(expected, held, by_name or ByName(), verdict)
    _notes(expected, _held_notes(state, connection.connector), homes, verdict)
    return verdict


def _upserts(expected: Expected, held: list[Held], by_name: ByName, verdict: Verdict) -> dict[str, str]:
    """Check the records; return our company ids by the record that holds them."""
    by_ours: dict[str, list[Held]] = {}
    for record in held:
        if record.ours is not None:
            by_ours.setdefault(record.ours, []).append(record)
    contested = _contested(expected.upserts.values(), held) | by_name.asked
    known: set[str] = set()
    inferred: dict[str, str] = {}
    for (_, company_id), upsert in expected.upserts.items():
        known.add(company_id)
        found = by_ours.get(company_id, [])
        if len(found) > 1:
            verdict.duplicate(f"company {company_id} is in {len(found)} records", len(found) - 1)
        if found:
            verdict.records += 1
            wrong = [] if upsert.spare else _differing(upsert, found[0])
            if wrong:
                verdict.lose(f"company {company_id}: {', '.join(wrong)} not as last told")
        elif company_id in by_name.linked:
            record = _named(held, by_name.linked[company_id])
            verdict.records += 1
            wrong = [] if upsert.spare else _differing(upsert, record, by_name.compared)
            if wrong:
                verdict.lose(f"company {company_id}, linked by name: {', '.join(wrong)} not as last told")
            inferred[record.id] = company_id
        elif company_id in contested:
            verdict.waiting += 1
        elif not upsert.spare:
            verdict.lose(f"company {company_id} is in no record")
    for ours in by_ours.keys() - known:
        if not all(record.seeded for record in by_ours[ours]):
            verdict.surprise(f"company {ours}")
    return {record.id: record.ours for record in held if record.ours is not None} | inferred


def _named(held: list[Held], name: str) -> Held:
    """The record of that name that was there before."""
    return next(each for each in held if each.seed is not None and each.seed.get("name") == name and each.ours is None)


def _differing(upsert: Upsert, record: Held, untouched: frozenset[str] | None = None) -> list[str]:
    """What the record ought to hold and does not. Nobody edits here: what a property held before us stays, unless the
    mapping writes it always, and what was empty is ours. `untouched` are what a link that is only inferred leaves as it
    was in any case (and it overwrites nothing); None for a certain one."""
    seed = record.seed or {}
    writes = {field.property: field.write for field in upsert.route.fields}
    ours = {name: value for name, value in upsert.values.items() if writes[name] != "on_create"}
    guarded = {name for name in ours if untouched is not None or writes[name] != "always"}
    kept = {name for name in guarded if _plain(seed.get(name)) is not None} | (ours.keys() & (untouched or frozenset()))
    return sorted(
        name
        for name, value in ours.items()
        if _plain(record.values.get(name)) != _plain(seed.get(name) if name in kept else value)
    )


def _contested(wanted: Iterable[Upsert], held: list[Held]) -> set[str]:
    """Companies for which a person has to decide: their domain names several records, or several of them."""
    claims: Counter[str] = Counter()
    domains: dict[str, str] = {}
    for upsert in wanted:
        domain = _host(upsert.company.get("domain")) or _host(upsert.company.get("website_url"))
        if domain:
            domains[upsert.company["id"]] = domain
            claims[domain] += 1
    seeds: Counter[str] = Counter()
    for record in held:
        if record.seeded:
            addresses = {_host(value) for name, value in record.values.items() if _is_address(name, value)}
            seeds.update(address for address in addresses if address is not None)
    return {company for company, domain in domains.items() if claims[domain] > 1 or seeds[domain] > 1}


def _is_address(name: str, value: Any) -> bool:
    return isinstance(value, str) and (name in ("domain", "website") or ("." in value and " " not in value))


def _notes(
    expected: Expected,
    notes: list[tuple[str | None, JsonObject]],
    homes: dict[str, str],
    verdict: Verdict,
) -> None:
    actual: Counter[tuple[str | None, str]] = Counter()
    for record_id, values in notes:
        if record_id is None:
            verdict.surprise("a note that hangs on nothing")
        actual[homes.get(record_id or ""), _note_key(values)] += 1
    present = set(homes.values())
    for (_, signal_id), wish in expected.notes.items():
        key = (wish.company_id, _note_key(wish.values))
        if actual[key]:
            actual[key] -= 1
            verdict.notes += 1
        elif wish.company_id not in present:
            verdict.waiting += 0 if wish.spare else 1
        elif not wish.spare:
            verdict.lose(f"note of signal {signal_id}")
    for (company, _), times in actual.items():
        if times > 0:
            verdict.duplicate(f"a note on company {company} beyond those called for", times)


def _note_key(values: JsonObject) -> str:
    """What tells one note from another: its text without our reference line, and its time."""
    body = next((values[name] for name in ("hs_note_body", "content") if name in values), "")
    moment = next((values[name] for name in ("hs_timestamp", "add_time") if name in values), "")
    return json.dumps([_REFERENCE.sub("", str(body)).strip(), str(moment)])


def _messages(expected: Expected, messages: Iterable[JsonObject], verdict: Verdict) -> None:
    """Each content called for must have come; a content that came under two ids is a duplicate."""
    got: Counter[str] = Counter(_content(message["body"]) for message in messages)
    verdict.messages = sum(got.values())
    wanted: dict[str, Send] = {}
    for (route, entity_id), sends in expected.sends.items():
        for send in sends:
            wanted[_content(send.body)] = send
        last = sends[-1]
        if not got[_content(last.body)] and not last.spare:
            verdict.lose(f"{route}: the last state of {entity_id}")
    for content, times in got.items():
        allowed = _times_called_for(expected, content)
        if content not in wanted:
            verdict.surprise("a message that no event calls for")
        elif times > allowed:
            verdict.duplicate("a message under several ids", times - allowed)


def _times_called_for(expected: Expected, content: str) -> int:
    """How often a content may come: once for each time that it was news (A, B, A is two As)."""
    times = 0
    for sends in expected.sends.values():
        contents = [_content(send.body) for send in sends]
        if content in contents:
            times += sum(here == content and (i == 0 or contents[i - 1] != content) for i, here in enumerate(contents))
    return times


def _content(body: Any) -> str:
    """The body without what differs between two tellings of the same thing."""
    if isinstance(body, dict) and "specversion" in body:
        kind = str(body["type"]).replace(".created", ".state").replace(".updated", ".state")
        return json.dumps([kind, _without_sequence(body["data"])], sort_keys=True)
    return json.dumps(body, sort_keys=True)


def _without_sequence(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_sequence(inner) for name, inner in value.items() if name != "sequence"}
    return [_without_sequence(inner) for inner in value] if isinstance(value, list) else value


def _records(state: JsonObject, connector: str, external_id: str) -> Iterable[Held]:
    if connector == "hubspot":
        for key, row in state["hubspot"]["companies"].items():
            if not row["archived"]:
                values = row["properties"]
                yield Held(key, values.get(external_id), values, row.get("seed"))
    else:
        for key, row in state["pipedrive"]["organizations"].items():
            if not row["is_deleted"]:
                values = {**row, **row["custom_fields"]}
                yield Held(key, values.get(external_id), values, row.get("seed"))


def _held_notes(state: JsonObject, connector: str) -> list[tuple[str | None, JsonObject]]:
    if connector == "hubspot":
        return [
            (next((str(each["to"]["id"]) for each in row["associations"]), None), row["properties"])
            for row in state["hubspot"]["notes"].values()
            if not row["archived"]
        ]
    return [
        (None if row["org_id"] is None else str(row["org_id"]), row)
        for row in state["pipedrive"]["notes"].values()
        if row["active_flag"]
    ]


def _host(value: Any) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return None
    text = value.strip().lower()
    host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    return host.removeprefix("www.").rstrip(".") or None


def _plain(value: Any) -> Any:
    """Addresses come back as an object with the text in `value`; an absent value and an empty one are the same."""
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    return None if value in ("", None) else value
