"""One tenant's stream of events: entities that live, repeat, contradict themselves and sometimes break."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

from examples.companies import Fact

JsonObject = dict[str, Any]
START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
INDUSTRIES = (
    *("automotive", "banking", "construction", "consulting", "energy", "food_and_beverage", "healthcare", "insurance"),
    *("logistics", "manufacturing", "media", "pharmaceuticals", "real_estate", "retail", "software"),
    *("telecommunications", "utilities", "other"),
)
TOPICS = {
    "expansion": "Sample signal: {name} opens another office in {city}",
    "hiring_surge": "Sample signal: {name} advertises more jobs than last quarter",
    "partnership": "Sample signal: {name} names a new partner",
    "product_launch": "Sample signal: {name} shows a new product",
    "technology_adopted": "Sample signal: {name} now uses <PostgreSQL> & Python",
    "award": "Sample signal: {name} is nominated for an award",
}
JOBS = ("Data engineer", "Account executive", "Utvikler (Java) – Øst", "Controller", "Field technician")


@dataclass(slots=True)
class Stream:
    """Writes the lines of one tenant's stream. Everything that looks like chance comes from `random`."""

    tenant: str
    random: Random
    lines: list[str] = field(default_factory=list)
    latest: dict[str, JsonObject] = field(default_factory=dict)
    clock: datetime = START
    events: int = 0
    signals: int = 0

    def send(self, type: str, data: JsonObject) -> JsonObject:
        """Append one event and return it."""
        self.events += 1
        self.clock += timedelta(seconds=self.random.randrange(5, 90))
        event = {
            "specversion": "1.0",
            "id": f"evt-{self.tenant}-{self.events:04d}",
            "source": "queast",
            "type": f"queast.{type}",
            "time": _instant(self.clock),
            "datacontenttype": "application/json",
            "data": data,
        }
        self.raw(json.dumps(event, ensure_ascii=False))
        return event

    def raw(self, line: str) -> None:
        self.lines.append(line)

    def company(self, number: int, fact: Fact) -> JsonObject:
        """Return a new company at its first sequence; figures are made up, name and place are facts."""
        # Drawn separately for each company, so that changing one company changes no other.
        own = Random(f"{self.tenant} {fact.domain} {fact.name}")
        website_only = own.random() < 0.08
        company: JsonObject = {
            "id": f"c-{self.tenant[0]}{number:03d}",
            "sequence": own.randrange(1, 6),
            "name": fact.name,
            "domain": None if website_only else fact.domain,
            "website_url": f"https://www.{fact.domain}/" if website_only or own.random() < 0.8 else None,
            "country": None if own.random() < 0.03 else fact.country,
            "city": fact.city,
            "industry": None if own.random() < 0.1 else own.choice(INDUSTRIES),
            "employee_count": None if own.random() < 0.1 else own.randrange(5, 60_000),
            "founded_on": (date(1900, 1, 1) + timedelta(days=own.randrange(44_000))).isoformat(),
            "description": "Sample record for trying mappings; figures are made up",
            "technologies": own.sample(["python", "postgresql", "sap", "kubernetes"], own.randrange(0, 3)),
            "updated_at": _instant(START),
            "do_not_export": False,
        }
        self.latest[company["id"]] = company
        return company

    def change(self, company_id: str, **changes: Any) -> JsonObject:
        """Return the company's next version: a higher sequence and the changes."""
        old = self.latest[company_id]
        new = {**old, **changes, "sequence": old["sequence"] + 1, "updated_at": _instant(self.clock)}
        self.latest[company_id] = new
        return new

    def signal(self, company: JsonObject, strictness: str = "strict", **more: Any) -> JsonObject:
        """Return a new signal about a company as it is embedded now."""
        self.signals += 1
        topic = self.random.choice(sorted(TOPICS))
        return {
            "id": f"s-{self.tenant[0]}{self.signals:04d}",
            "sequence": 1,
            "type": topic,
            "title": TOPICS[topic].format(name=company["name"], city=company["city"]),
            "summary": self.random.choice(
                [None, "Made up for this example.", "Made up; ø, ß, 東京 and 🚀 must survive."]
            ),
            "strictness": strictness,
            "state": "active",
            "score": self.random.choice([None, 10, 25, 42.5, 60, 77, 95]),
            "occurred_at": _instant(self.clock - timedelta(hours=self.random.randrange(1, 200))),
            "company": company,
            **more,
        }

    def job_ad(self, company: JsonObject) -> JsonObject:
        number = self.random.randrange(10_000, 99_999)
        return {
            "id": f"j-{self.tenant[0]}{self.signals:04d}-{number}",
            "sequence": 1,
            "title": self.random.choice(JOBS),
            "company_id": company["id"],
            "url": f"https://jobs.example/{self.tenant}/{number}?ref=queast&lang=en",
            "city": company["city"],
            "country": company["country"],
            "posted_on": self.clock.date().isoformat(),
        }


def write_stream(tenant: str, companies: list[Fact], pair: list[Fact]) -> Stream:
    """Return the whole stream about `companies`; the second of `pair` comes last."""
    stream = Stream(tenant, Random(f"stream of {tenant}"))
    firsts = [stream.company(number, fact) for number, fact in enumerate([*companies, pair[0]], start=1)]
    firsts[-1]["domain"] = pair[0].domain
    for company in firsts:
        stream.send("company.created", {"company": company})
    _live(stream, [company["id"] for company in firsts])
    _contradict(stream, [company["id"] for company in firsts])
    _forbid(stream, [company["id"] for company in firsts])
    last = stream.company(len(firsts) + 1, pair[1])
    last["domain"] = pair[1].domain
    stream.send("company.created", {"company": last})
    _break(stream, firsts[0])
    return stream


def _live(stream: Stream, ids: list[str]) -> None:
    for company_id in ids:
        draw = stream.random.random
        if draw() < 0.4:
            count = stream.random.randrange(5, 60_000)
            stream.send("company.updated", {"company": stream.change(company_id, employee_count=count)})
        if draw() < 0.12:
            # Nothing that a mapping reads has changed: only the sequence and the time.
            stream.send("company.updated", {"company": stream.change(company_id)})
        if draw() < 0.62:
            stream.send("signal.created", {"signal": stream.signal(stream.latest[company_id])})
        if draw() < 0.22:
            kind = stream.random.choice(["informational", "informational", "legacy"])
            stream.send("signal.created", {"signal": stream.signal(stream.latest[company_id], kind)})
        if draw() < 0.2:
            company = stream.latest[company_id]
            ad = stream.job_ad(company)
            title = f"{company['name']} is hiring: {ad['title']}"
            signal = stream.signal(company, type="job_ad", title=title, job_ad=ad, score=80)
            stream.send("signal.created", {"signal": signal})
            if draw() < 0.5:
                stream.send("job_ad.created", {"job_ad": ad})
        if draw() < 0.12:
            _end(stream, company_id)


def _end(stream: Stream, company_id: str) -> None:
    state = stream.random.choice(["cooled_off", "suppressed"])
    signal = stream.signal(stream.latest[company_id], score=70)
    stream.send("signal.created", {"signal": signal})
    stream.send(f"signal.{state}", {"signal": {**signal, "sequence": 2, "state": state}})


def _contradict(stream: Stream, ids: list[str]) -> None:
    # An embedded company that is newer than any event about it, then one that is older.
    for company_id in ids[10:18]:
        newer = stream.change(company_id, city="Sample City")
        stream.send("signal.created", {"signal": stream.signal(newer, score=55)})
    for company_id in ids[18:26]:
        older = {**stream.latest[company_id], "sequence": 0, "name": "A name of the past"}
        stream.send("signal.created", {"signal": stream.signal(older, score=55)})
    for company_id in ids[26:34]:
        stale = {**stream.latest[company_id], "sequence": 0, "name": "A stale name"}
        stream.send("company.updated", {"company": stale})
    for line in stream.random.sample(stream.lines, 8):
        stream.raw(line)
    for company_id in ids[34:37]:
        stream.send("company.deleted", {"company": stream.change(company_id)})
    for company_id in ids[37:40]:
        stream.send("company.bookmarked", {"company": stream.change(company_id, bookmarked=True)})


def _forbid(stream: Stream, ids: list[str]) -> None:
    for company_id in ids[40:43]:
        stream.send("company.opted_out", {"company": stream.latest[company_id]})
        stream.send("signal.created", {"signal": stream.signal(stream.latest[company_id], score=90)})
        stream.send("company.updated", {"company": stream.change(company_id, employee_count=1)})
    for company_id in ids[43:46]:
        stream.send("company.updated", {"company": stream.change(company_id, do_not_export=True)})
        stream.send("signal.created", {"signal": stream.signal(stream.latest[company_id], score=90)})
    for company_id in ids[46:48]:
        signal = stream.signal(stream.latest[company_id], score=90, do_not_export=True)
        stream.send("signal.created", {"signal": signal})
    for number, company_id in enumerate(ids[48:52], start=1):
        person = {
            "id": f"p-{stream.tenant[0]}{number:02d}",
            "sequence": 1,
            "full_name": f"Sample Person {number}",
            "company_id": company_id,
            "email": f"person{number}@sample.example",
            "job_title": "Head of samples",
        }
        stream.send("person.created", {"person": person, "company": stream.latest[company_id]})
    stream.send("person.opted_out", {"person": person})


def _break(stream: Stream, company: JsonObject) -> None:
    whole = json.dumps({"specversion": "1.0", "id": "evt-cut", "type": "queast.company.created"})
    stream.raw(whole[:-9])
    stream.raw("[1, 2, 3]")
    stream.raw('"just text"')
    stream.send("company.merged", {"company": company})
    stream.send("company.created", {"company": {"id": "c-broken-1", "sequence": 1}})
    stream.send("company.created", {"company": {"id": "c-broken-2", "sequence": "7", "name": "Sequence as text"}})
    stream.send("company.updated", {"company": ["not", "an", "object"]})
    stream.send("signal.created", {"signal": {"id": "s-broken-1", "sequence": 1, "title": "No company"}})
    stream.send("person.created", {"person": {"id": "p-broken-1", "sequence": 1, "full_name": "No company"}})


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
