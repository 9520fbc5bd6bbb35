"""One mistake, one finding: each slip of the fingers in a sound mapping is one error, there, naming what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from mutations.sites import Kind, Site, sites
from mutations.typos import slips
from queast_compiler.pipeline import check_tenant
from queast_dsl.diagnostics.model import Diagnostics, Finding, Severity
from queast_dsl.diagnostics.nearest import is_one_slip
from queast_dsl.entities import ENTITIES, entity
from queast_dsl.loading import load_connector, load_tenant
from queast_dsl.source import SourceFile
from queast_dsl.types import EnumType

ROOT = Path(__file__).parents[2] / "mappings"
RICH = Path(__file__).with_name("rich.yaml")
MAPPINGS = {
    "acme": ("acme", ROOT / "acme" / "acme-hubspot.yaml"),
    "nordlys": ("nordlys", ROOT / "nordlys" / "nordlys-pipedrive.yaml"),
    "fjordbank": ("fjordbank", ROOT / "fjordbank" / "warehouse.yaml"),
    "rich": ("acme", RICH),
}
ENOUGH = 300
TODAY = date(2026, 1, 31)
# A name of two letters that lost one says nothing of what was meant, and `or` may have been `of` as well as `for`.
TOO_SHORT = 2


@dataclass(frozen=True)
class Workshop:
    """A tenant's files in memory, one of them a mapping to be damaged."""

    tenant: str
    name: str
    files: dict[str, bytes]

    @property
    def path(self) -> str:
        return f"{self.tenant}/{self.name}.yaml"

    @property
    def text(self) -> str:
        return self.files[self.path].decode()

    def findings(self, text: str) -> tuple[Finding, ...]:
        diagnostics = Diagnostics()
        sources = self.files | {self.path: text.encode()}
        documents = load_tenant(Path("mappings"), self.tenant, diagnostics, sources=sources)
        check_tenant(documents, diagnostics, today=TODAY, connectors=lambda name: load_connector(name, diagnostics))
        return diagnostics.findings

    def options(self) -> frozenset[str]:
        diagnostics = Diagnostics()
        documents = load_tenant(Path("mappings"), self.tenant, diagnostics, sources=self.files)
        own = {
            option.value
            for account in documents.accounts.values()
            for shape in account.objects.values()
            for each in shape.values()
            for option in each.options
        }
        return frozenset(own | set(_enum_values()))


def _enum_values() -> Iterator[str]:
    for name in ENTITIES:
        for prop in entity(name).properties:
            if isinstance(prop.type, EnumType):
                yield from prop.type.values


def workshop(name: str) -> Workshop:
    tenant, mapping = MAPPINGS[name]
    files = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in sorted((ROOT / tenant).rglob("*"))
        if path.suffix in (".yaml", ".json") and path.parent.name != "events"
    }
    # One mapping at a time, so that no other one speaks.
    own = {path: data for path, data in files.items() if path.count("/") > 1 or path.endswith("connections.yaml")}
    own[f"{tenant}/{mapping.stem}.yaml"] = mapping.read_bytes()
    own["policy.yaml"] = (ROOT / "policy.yaml").read_bytes()
    return Workshop(tenant, mapping.stem, own)


def is_hit(finding: Finding, site: Site, slip: str, text: str) -> bool:
    """Say whether a finding points at the slip; at a use of the name, where the slip is in its definition."""
    span = finding.span
    if span is None:
        return False
    is_there = span.start < site.start + len(slip) and span.end > site.start
    return is_there or (site.kind is Kind.DEFINITION and text[span.start : span.end] == site.word)


@pytest.mark.parametrize("is_every", [False, pytest.param(True, marks=pytest.mark.soak)], ids=["spread", "every"])
@pytest.mark.parametrize("name", MAPPINGS)
def test_each_slip_is_one_error_at_its_place_that_says_what_was_meant(name: str, is_every: bool) -> None:
    shop = workshop(name)
    sound = shop.text
    assert shop.findings(sound) == ()
    source = SourceFile(shop.path, sound)
    known = shop.options()
    every = [(site, slip) for site in sites(source, known) for slip in slips(site.word) if slip not in known]
    # Every one takes a minute and a half: the soak tries them all, here a spread of them over the whole file.
    tried = every if is_every else every[:: len(every) // ENOUGH]
    assert len(tried) >= ENOUGH
    wrong = []
    for site, slip in tried:
        text = sound[: site.start] + slip + sound[site.end :]
        rivals = {word for word in known if is_one_slip(slip, word)} if site.kind is Kind.OPTION else set()
        why = verdict(site, slip, text, shop.findings(text), rivals | {site.word})
        if why:
            wrong.append(f"line {site.line}: {site.kind} `{site.word}` as `{slip}`: {why}")
    assert wrong == [], f"{len(wrong)} of {len(tried)}"


@pytest.mark.parametrize("name", MAPPINGS)
def test_the_slips_are_of_every_kind(name: str) -> None:
    shop = workshop(name)
    kinds = {site.kind for site in sites(SourceFile(shop.path, shop.text), shop.options())}
    assert kinds >= {Kind.KEY, Kind.NAME, Kind.WORD}
    assert name != "rich" or kinds == set(Kind)


def suggests(help: str, word: str) -> bool:
    """Say whether a help names a word as what to write: in what it marks as code or as text."""
    return any(re.search(rf"\b{re.escape(word)}\b", marked) for marked in re.findall(r"`[^`]*`|'[^']*'", help))


def verdict(site: Site, slip: str, text: str, found: tuple[Finding, ...], meant: set[str]) -> str:
    """Return what is wrong with the findings of one slip, empty where nothing is; `meant` are the words to suggest."""
    shown = "; ".join(f"{each.code} {each.message} ({each.help})" for each in found)
    if len(found) != 1 or found[0].severity is not Severity.ERROR:
        return f"{len(found)} findings: {shown}"
    if not is_hit(found[0], site, slip, text):
        return f"elsewhere: {shown}"
    if site.kind is Kind.DEFINITION:
        meant = meant | {slip}  # where the name is used, the definition is now called that
    if len(slip) >= TOO_SHORT and not any(suggests(found[0].help or "", word) for word in meant):
        return f"no suggestion: {shown}"
    return ""
