"""A tenant's sources, a state folder, and people who type: what tests of publishing share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compiler.tenant_folder import EVENTS, write_tenant
from queast_runtime.security.keys import development_key, trusted_keys
from queast_runtime.security.pending import Pending, read_pending, sign_pending
from queast_runtime.security.releases import read_published, stored_sequence
from typed import Said, Typist

CONNECTIONS = """\
version: 1
connections:
  hubspot-main:
    connector: hubspot
    account: "24512345"
    time_zone: Europe/Oslo
    auth: {token: secret://hubspot-main}
    match:
      company:
        order: [link, external_id, domain, name]
        domain: {from: company.domain, to: [domain]}
        name: {review: 0.80, auto_link: 0.95}
        on_none: create
  warehouse:
    connector: webhook
    url: https://hooks.acme.example/queast
    account: warehouse
    auth: {signing_secret: secret://warehouse}
"""
COMPANIES = """\
version: 1
connection: hubspot-main
mode: live
routes:
  companies:
    entity: company
    events: [created, updated]
    to: companies
    fields:
      name: {from: company.name, write: if_empty}
      domain: company.domain
"""
NOTES = """\
version: 1
connection: hubspot-main
mode: live
routes:
  notes:
    entity: signal
    events: [created]
    to: notes
    attach_to: [company]
    fields:
      hs_timestamp: signal.occurred_at
      hs_note_body: signal.title
"""
POLICY = "version: 1\nmatching:\n  auto_link: {min: 0.85}\n"
# One edit for each that a test is about: file, what stands there, what comes.
LOWER = ("connections.yaml", "auto_link: 0.95", "auto_link: 0.9")
LOWER_STILL = ("connections.yaml", "auto_link: 0.95", "auto_link: 0.88")
OVERWRITE = ("companies.yaml", "write: if_empty", "write: always")
WORD = ("events.yaml", "X-Kind: {const: signal}", "X-Kind: {const: signals}")
ADDRESS = ("connections.yaml", "hooks.acme.example", "hooks2.acme.example")
SECRET = ("events.yaml", "X-Kind: {const: signal}", "X-Kind: {const: signal}\n      X-Key: secret://second")


@dataclass
class House(Typist):
    """One tenant, `acme`, whose sources lie in `mappings`."""

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def releases(self) -> Path:
        return self.state / "releases" / "acme"

    @property
    def sequence(self) -> int:
        return stored_sequence(self.state, "acme")

    def mappings(self) -> dict[str, str]:
        """Digests of the mappings that stand."""
        published = read_published(self.state, "acme", trusted_keys(self.state))
        assert published is not None
        return dict(published.release.mappings)

    def write(self) -> None:
        mappings = {"events": EVENTS, "companies": COMPANIES, "notes": NOTES}
        write_tenant(self.folder / "mappings", mappings)
        (self.folder / "mappings" / "acme" / "connections.yaml").write_text(CONNECTIONS, encoding="utf-8")
        (self.folder / "mappings" / "policy.yaml").write_text(POLICY, encoding="utf-8")

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / "mappings" / "acme" / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, (file, old)
        path.write_text(text.replace(old, new), encoding="utf-8")

    def undo(self, file: str, old: str, new: str) -> None:
        self.edit(file, new, old)

    def compile(self) -> str:
        """Compile the sources; return the folder of plans."""
        said = self("compile", "-o", "plans")
        assert said.code == 0, said
        return "plans"

    def change(self, against: str = "published") -> str:
        """Compare the sources, and return the change file."""
        said = self("diff", "--against", against, "--sample", "0", "--out", "change.json")
        assert said.code in (0, 4), said
        return "change.json"

    def publish(self, *arguments: str) -> Said:
        """Compile and publish; what is accepted is accepted over what stands."""
        return self("publish", self.compile(), *arguments, *(self.over() if "--accept" in arguments else ()))

    def asks(self, *arguments: str, accept: str = "IDENTITY") -> str:
        """Compile and publish what takes a second person; return the id under which it waits."""
        said = self.publish("--accept", accept, "--reason", "fewer questions", "--format", "json", *arguments)
        assert said.code == 4, said
        (row,) = said.json["waiting"]
        id_: str = row["pending"]
        return id_

    def waits_at(self, id: str) -> Path:
        """Where a waiting release lies."""
        return self.releases / "pending" / f"{id}.json"

    def pending(self, id: str) -> Pending:
        """A waiting release as it was signed."""
        return read_pending(self.releases, "acme", id, trusted_keys(self.state))

    def signed(self, pending: Pending, releases: Path | None = None) -> str:
        """Put a waiting release that somebody signed who holds the key among those of a tenant; return its id."""
        id_, envelope = sign_pending(pending, development_key(self.state))
        path = (releases or self.releases) / "pending" / f"{id_}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(envelope)
        return id_

    def over(self) -> tuple[str, ...]:
        """`--over DIGEST` of the release that stands."""
        published = read_published(self.state, "acme", trusted_keys(self.state))
        return () if published is None else ("--over", published.release.digest)

    def published(self, *arguments: str) -> int:
        """Compile and publish; it is published. Returns the sequence."""
        said = self.publish(*arguments)
        assert said.code == 0, said
        return self.sequence

    def token(self, role: str, subject: str, tenant: str = "acme", by: str = "olga") -> str:
        """A token that the account `by` made."""
        typing, self.account = self.account, by
        said = self("tokens", "mint", "-t", tenant, "--subject", subject, "--role", role)
        self.account = typing
        assert said.code == 0, said
        return said.out.strip()

    def history(self, mapping: str = "companies") -> list[dict[str, Any]]:
        said = self("history", mapping, "--format", "json")
        assert said.code == 0, said
        rows: list[dict[str, Any]] = json.loads(said.out)["releases"]
        return rows

    def waiting(self) -> list[str]:
        return sorted(path.stem for path in (self.releases / "pending").glob("*.json"))
