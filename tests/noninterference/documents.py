"""Random mappings, and leaks seeded into sound ones: text as a tenant would write it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

from compiler.tenant_folder import CONNECTIONS, account_file
from queast_compiler.pipeline import compile_tenant
from queast_compiler.plan.connection import ConnectionPlan
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics.model import Diagnostics, Finding
from queast_dsl.document.connector import Connector
from queast_dsl.entities import entity, personal_inside
from queast_dsl.loading import load_connector, load_tenant

TODAY = date(2026, 6, 1)
GRANTABLE = tuple(path for path, _ in personal_inside(entity("person"), "person"))
# A date and two enums are no text; what is compared with them has its own pool.
_NO_TEXT = {"person.employed_since", "person.seniority", "person.department"}
_TEXTS = tuple(path for path in GRANTABLE if path not in _NO_TEXT)
PUBLIC = {
    "person": ["person.id", "company.name", "(company.domain ?? 'acme.no')", "(person.country ?? '')", "'Oslo'", "'a'"],
    "signal": [
        "signal.title",
        "(signal.summary ?? '')",
        "company.name",
        "(company.city ?? '')",
        "signal.id",
        "'Oslo'",
        "join(signal.tags ?? [], ',')",
        "(signal.source_url ?? '')",
    ],
}
_DECLASSIFIED = [
    "(email_domain(person.email) ?? '')",
    "initials(person.full_name)",
    "(initials(person.first_name) ?? '')",
]


@dataclass(frozen=True, slots=True)
class Draft:
    """A mapping's text, and the person paths that its `pii:` block names."""

    text: str
    granted: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    plan: MappingPlan | None
    connection: ConnectionPlan | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> set[str]:
        return {finding.code for finding in self.findings if finding.severity == "error"}


# Nothing is held back by the policy: what the mapping's own grants say is asked.
POLICY = """\
version: 1
personal_data:
  without_grant: [business_contact, direct_identifier, sensitive, free_text]
"""


@cache
def _connector(name: str) -> Connector | None:
    return load_connector(name, Diagnostics())


def compiled(text: str) -> Outcome:
    """Compile one mapping of tenant `acme` as `qmap compile` does."""
    diagnostics = Diagnostics()
    sources = {
        "policy.yaml": POLICY.encode(),
        "acme/connections.yaml": CONNECTIONS.encode(),
        "acme/accounts/hubspot-main.json": json.dumps(account_file()).encode(),
        "acme/mine.yaml": text.encode(),
    }
    documents = load_tenant(Path("mappings"), "acme", diagnostics, sources=sources)
    made = compile_tenant(documents, diagnostics, today=TODAY, connectors=_connector)
    plan = next(iter(made.mappings), None)
    used = None if plan is None else plan.connection
    connection = next((each for each in made.connections if each.connection == used), None)
    return Outcome(plan, connection, diagnostics.findings)


def plain(expression: str) -> str:
    """Return an expression as it can stand in a plain scalar: YAML would take a leading quote for its own."""
    return f"({expression})" if expression[0] in "'[" else expression


def granted_block(paths: frozenset[str]) -> str:
    if not paths:
        return ""
    return f"pii: {{send: [{', '.join(sorted(paths))}], purpose: sales_outreach, basis: legitimate_interest}}\n"


def head(connection: str, granted: frozenset[str] = frozenset()) -> str:
    return f"version: 1\ndescription: Anything\nconnection: {connection}\nmode: live\n{granted_block(granted)}"


class Writer:
    """Writes random mappings. One in eight values reads what has no grant, so that refusing is tried as well."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def draft(self) -> Draft:
        rng = self.rng
        granted = frozenset(rng.sample(GRANTABLE, rng.choice([0, 0, 1, 2, 4])))
        if rng.random() < 0.5:
            return Draft(self._warehouse(granted), granted)
        return Draft(self._crm(granted), granted)

    def _warehouse(self, granted: frozenset[str]) -> str:
        routes = "".join(self._event_route(name, granted) for name in ("person", "signal"))
        return f"{head('warehouse', granted)}routes:\n{routes}{self._blocks(granted)}"

    def _event_route(self, entity_: str, granted: frozenset[str]) -> str:
        rows = [f"    entity: {entity_}\n    events: [created]\n    to: event\n"]
        if self.rng.random() < 0.4:
            rows.append(f"    when: {plain(self._question(entity_, granted, 1))}\n")
        if self.rng.random() < 0.3:
            rows.append(f"    headers:\n      X-One: {plain(self._text(entity_, granted, 0))}\n")
        if entity_ == "signal" and self.rng.random() < 0.2:
            return f"  {entity_}s:\n{''.join(rows)}"
        rows.append("    body:\n")
        for at in range(self.rng.randint(1, 3)):
            rows.append(f"      f{at}: {plain(self._text(entity_, granted, 2))}\n")
        if self.rng.random() < 0.5:
            rows.append(f'      said: {{template: "{self._template(entity_, granted)}"}}\n')
        if self.rng.random() < 0.3:
            rows.append(
                f"      many:\n        each: take([{self._text(entity_, granted, 0)}], 9)\n        as: one\n"
                "        body: {value: one}\n"
            )
        return f"  {entity_}s:\n{''.join(rows)}"

    def _crm(self, granted: frozenset[str]) -> str:
        granted = frozenset(granted)
        when = f"    when: {plain(self._question('signal', granted, 1))}\n" if self.rng.random() < 0.4 else ""
        return (
            f"{head('hubspot-main', granted)}routes:\n"
            "  companies:\n    entity: company\n    events: [created, updated]\n    to: companies\n    write: always\n"
            "    fields:\n      name: company.name\n"
            "  notes:\n    entity: signal\n    events: [created]\n    to: notes\n    attach_to: [company]\n"
            f"{when}    fields:\n      hs_timestamp: signal.occurred_at\n"
            f'      hs_note_body: {{template: "{self._template("signal", granted)}"}}\n{self._blocks(granted)}'
        )

    def _blocks(self, granted: frozenset[str]) -> str:
        return "tables:\n  words: {Oslo: o, a: A, Fjell AS: n}\n"

    def _template(self, entity_: str, granted: frozenset[str]) -> str:
        parts = [f"{{{{ {self._text(entity_, granted, 1)} }}}}" for _ in range(self.rng.randint(1, 2))]
        if self.rng.random() < 0.4:
            asked = self._question(entity_, granted, 0)
            parts.append(f"{{% if {asked} %}}yes{{% else %}}{{{{ {self._leaf(entity_, granted)} }}}}{{% endif %}}")
        return " and ".join(parts)

    def _leaf(self, entity_: str, granted: frozenset[str]) -> str:
        rng = self.rng
        if entity_ == "signal":
            return rng.choice(PUBLIC["signal"])
        kind = rng.random()
        if kind < 0.12:
            return f"({rng.choice(_TEXTS)} ?? '')".replace("(person.full_name ?? '')", "person.full_name")
        may = [path for path in _TEXTS if path in granted]
        if kind < 0.5 and may:
            return f"({rng.choice(may)} ?? '')".replace("(person.full_name ?? '')", "person.full_name")
        if kind < 0.65:
            return rng.choice(_DECLASSIFIED)
        return rng.choice(PUBLIC["person"])

    def _text(self, entity_: str, granted: frozenset[str], depth: int) -> str:
        rng = self.rng
        if depth == 0 or rng.random() < 0.25:
            return self._leaf(entity_, granted)

        def inner() -> str:
            return self._text(entity_, granted, depth - 1)

        match rng.randrange(9):
            case 0:
                return f"concat({inner()}, {inner()})"
            case 1:
                return f"if({self._question(entity_, granted, depth - 1)}, {inner()}, {inner()})"
            case 2:
                return f"case({inner()}, 'Oslo' = {inner()}, else = 'b')"
            case 3:
                return f"(lookup({inner()}, words, else = null) ?? {inner()})"
            case 4:
                return f"join([{inner()}, {inner()}], '-')"
            case 5:
                return f"replace({inner()}, 'a', 'e')"
            case 6:
                return f"sha256({inner()})"
            case 7:
                return f"text(length({inner()}) + 1)"
            case _:
                return f"truncate(upper({inner()}), 7)"

    def _question(self, entity_: str, granted: frozenset[str], depth: int) -> str:
        def inner() -> str:
            return self._text(entity_, granted, max(depth - 1, 0))

        return self.rng.choice(
            [
                f"{inner()} == {inner()}",
                f"contains({inner()}, 'a')",
                f"not is_blank({inner()})",
                f"length({inner()}) > 4",
                f"{inner()} in [{inner()}, 'b']",
                f"matches({inner()}, '^[A-K]')",
            ]
        )
