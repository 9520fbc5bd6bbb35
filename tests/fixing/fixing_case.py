"""A tenant in memory whose mapping is checked, edited and checked again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from example_frame import POLICY, mapping_of
from golden.running import FIXTURES, TODAY
from queast_compiler.lint.fixing import Checked, Fixed, fixed, offered
from queast_compiler.lint.same_meaning import Plans
from queast_compiler.pipeline import compile_tenant
from queast_dsl.diagnostics.model import Diagnostics, Finding, Fix
from queast_dsl.loading import load_connector, load_tenant

FIXTURE = FIXTURES / "hubspot"
MAIN = "mappings/acme/main.yaml"


@dataclass(frozen=True)
class Tenant:
    """The fixture's tenant with one mapping, whole."""

    text: str

    @property
    def texts(self) -> dict[str, str]:
        return {MAIN: self.text}

    def check(self, texts: Mapping[str, str]) -> Checked:
        sources = {path.relative_to(FIXTURE).as_posix(): path.read_bytes() for path in FIXTURE.rglob("*.*")}
        sources = {path: data for path, data in sources.items() if not path.endswith("main.yaml")}
        sources |= {"policy.yaml": POLICY.encode()}
        sources |= {path.removeprefix("mappings/"): text.encode() for path, text in texts.items()}
        found = Diagnostics()
        documents = load_tenant(Path("mappings"), "acme", found, sources=sources)
        compiled = compile_tenant(
            documents, found, today=TODAY, connectors=lambda name: load_connector(name, found), rules=True
        )
        return Checked(found.findings, Plans(compiled.connections, compiled.mappings))

    def findings(self) -> tuple[Finding, ...]:
        return tuple(self.check(self.texts).findings)

    def offered(self, checks: int = 100) -> dict[Finding, Fix]:
        found = self.check(self.texts)
        return offered(found, found.findings, self.texts, self.check, checks=checks)

    def fixed(self) -> Fixed:
        return fixed(self.check(self.texts), self.texts, self.check)

    def fixed_text(self) -> str:
        return self.fixed().texts.get(MAIN, self.text)


def example(part: str) -> Tenant:
    """A tenant of a part of a mapping, such as fields of a route."""
    return Tenant(mapping_of(part))
