"""`qmap show` says what takes effect, what of persons leaves and why it may."""

from __future__ import annotations

from pathlib import Path

import pytest

from queast_runtime.cli import show
from queast_runtime.cli.output import Format

CONNECTIONS = """\
version: 1
connections:
  warehouse:
    connector: webhook
    url: https://hooks.fjordbank.example/queast
    account: warehouse
    auth: {signing_secret: secret://warehouse}
"""
PERSONS = """\
version: 1
connection: warehouse
mode: live
pii:
  send: [person.full_name, person.email]
  purpose: sales_outreach
  basis: legitimate_interest
routes:
  persons:
    entity: person
    events: [created]
    to: event
    body:
      name: person.full_name
      email: person.email
"""


def test_the_purpose_and_the_lawful_basis_of_personal_data_are_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "mappings" / "fjord"
    folder.mkdir(parents=True)
    (folder / "connections.yaml").write_text(CONNECTIONS)
    (folder / "persons.yaml").write_text(PERSONS)
    (folder.parent / "policy.yaml").write_text(
        "version: 1\npersonal_data: {without_grant: [business_contact, direct_identifier]}\n"
    )
    show.run("persons", folder.parent, False, Format.TEXT)
    shown = capsys.readouterr().out
    assert "  persons     person.full_name, person.email; purpose sales_outreach, basis legitimate_interest\n" in shown
