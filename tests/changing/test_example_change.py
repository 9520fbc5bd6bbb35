"""The example change of the README: a threshold lowered, a field dropped, e-mail addresses that begin to flow."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from changing.here import Here
from kill_harness import ROOT

GOLDEN = Path(__file__).parent / "golden"
HOOK = """\
  outreach:
    connector: webhook
    account: outreach
    url: https://hooks.acme.example/queast
    auth: {signing_secret: secret://outreach}
"""
PEOPLE = """\
version: 1
description: Tell the outreach tool who is new at a company
connection: outreach
mode: live
scope:
  companies: all

pii:
  purpose: sales_outreach
  basis: legitimate_interest
  send: [person.full_name]

routes:
  people:
    entity: person
    events: [created]
    to: event
    body:
      id: person.id
      name: person.full_name
      company: company.name
"""
# Records of companies that the sandbox's account lacks, under a name that lost a word; nothing else is known of them
# but the country.
HASH = re.compile(r"\b[0-9a-f]{7}\b")


def _company(line: str) -> dict[str, str] | None:
    """The company of an event that reads well and is about one."""
    try:
        found = json.loads(line)["data"]["company"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, dict) and isinstance(found.get("name"), str) else None


def records(mappings: Path) -> str:
    """The sandbox's records, and some that only a name finds."""
    seeds = json.loads((mappings / "acme/sandbox.json").read_text(encoding="utf-8"))["companies"]
    rows = [{"object": "companies", "id": f"h{number}", **seed} for number, seed in enumerate(seeds, start=1)]
    taken = {seed["name"].casefold() for seed in seeds}
    for line in (mappings / "acme/events/stream.jsonl").read_text(encoding="utf-8").splitlines():
        company = _company(line)
        words = company["name"].split() if company else []
        if len(words) >= 4 and company["name"].casefold() not in taken and company.get("country"):
            taken.add(company["name"].casefold())
            short = " ".join([*words[:-2], words[-1]])
            rows.append(
                {"object": "companies", "id": f"h{len(rows) + 1}", "name": short, "country": company["country"]}
            )
    return "".join(f"{json.dumps(row)}\n" for row in rows)


@pytest.fixture
def example(here_with_events: Here) -> Here:
    here = here_with_events
    connections = here.folder / "mappings" / "acme" / "connections.yaml"
    connections.write_text(connections.read_text(encoding="utf-8") + HOOK, encoding="utf-8")
    people = "mappings/acme/acme-people.yaml"
    (here.folder / people).write_text(PEOPLE, encoding="utf-8")
    (here.folder / "records.jsonl").write_text(records(here.folder / "mappings"), encoding="utf-8")
    here.commit("Before")
    here.edit("mappings/acme/connections.yaml", "{review: 0.80}", "{auto_link: 0.85, review: 0.80}")
    here.edit("mappings/acme/acme-hubspot.yaml", "      queast_founded_on: company.founded_on\n", "")
    here.edit(people, "send: [person.full_name]", "send: [person.full_name, person.email]")
    here.edit(people, "      name: person.full_name\n", "      name: person.full_name\n      email: person.email\n")
    return here


def of(example: Here, *more: str) -> str:
    asked = ("diff", "mappings/acme", "--against", "git:main", "--records", "records.jsonl")
    said = example(*asked, *more)
    assert said.code == 4, said
    return HASH.sub("1a2b3c4", re.sub(r"plan [0-9a-f]{6} → [0-9a-f]{6}", "plan 7c1e90 → a4d2f7", said.out))


@pytest.mark.parametrize(("name", "more"), [("comment.md", ("--format", "md")), ("terminal.txt", ())])
def test_the_example_change_reads_as_it_is_written_down(
    name: str, more: tuple[str, ...], example: Here, pytestconfig: pytest.Config
) -> None:
    found = of(example, *more)
    path = GOLDEN / name
    if pytestconfig.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(found, encoding="utf-8")
    assert found == path.read_text(encoding="utf-8")


def test_no_address_of_a_person_is_in_any_format(example: Here) -> None:
    for format in ("text", "json", "md", "github", "gitlab", "sarif", "junit"):
        found = of(example, "--format", format, "--show-values")
        assert "@sample.example" not in found
        assert "Sample Person" not in found


def test_the_readme_shows_the_comment(pytestconfig: pytest.Config) -> None:
    comment = (GOLDEN / "comment.md").read_text(encoding="utf-8")
    quoted = "".join(f"> {line}\n" if line else ">\n" for line in comment.splitlines()[1:])
    path = ROOT / "README.md"
    readme = path.read_text(encoding="utf-8")
    if pytestconfig.getoption("--update-golden"):
        before, _, rest = readme.partition("> ### qmap diff:")
        _, end, after = rest.partition("\n\nThe tool names the category")
        readme = before + quoted.rstrip("\n") + end + after
        path.write_text(readme, encoding="utf-8")
    assert quoted in readme
