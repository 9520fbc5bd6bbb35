"""`qmap show --effective --origin`: what is printed is a mapping that means the same, each line with its origin."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from golden.archive import parse
from golden.running import Outcome, compile_folder, lay_out
from queast_compiler.plan.codec import encode
from queast_compiler.plan.mapping import MappingPlan
from queast_dsl.diagnostics.render.text import render
from queast_dsl.loading.effective import effective_lines, merged_tree
from queast_dsl.source import SourceFile
from queast_runtime.cli import show
from queast_runtime.cli.output import Format

GOLDEN = Path(__file__).parents[1] / "golden" / "cases"
EXAMPLES = Path(__file__).parents[2] / "mappings"
# Where things stand, and the ends of life that --effective writes out where the mapping leaves them to the default.
_NO_PART = ("line", "file", "afterwards", "sources")


def _is_sound(case: Path) -> bool:
    sections = parse(case.read_text(encoding="utf-8")).sections
    return sections.get("lint") == "no findings\n" or any(name.startswith("plan ") for name in sections)


CASES = [case for case in sorted(GOLDEN.glob("*.txt")) if _is_sound(case)]


def _meaning(value: Any) -> Any:
    match value:
        case MappingPlan():
            return _meaning(encode(value))
        case dict():
            return {key: _meaning(each) for key, each in value.items() if key not in _NO_PART}
        case list():
            return [_meaning(each) for each in value]
        case _:
            return value


def _shown(capsys: pytest.CaptureFixture[str], name: str, format: Format = Format.TEXT, *, origin: bool = False) -> str:
    capsys.readouterr()
    show.run(name, Path("mappings"), False, format, effective=True, origin=origin)
    return capsys.readouterr().out


def _replaced_by_its_effective_self(name: str, before: Outcome, text: str) -> None:
    tenant, _, mapping = name.partition("/")
    path = Path("mappings") / tenant / f"{mapping}.yaml"
    original = path.read_bytes()
    path.write_text(text, encoding="utf-8")
    after = compile_folder(Path("mappings"))
    assert name in after.plans, render(after.findings)
    assert _meaning(after.plans[name]) == _meaning(before.plans[name]), text
    path.write_bytes(original)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_every_sound_case_means_the_same_with_its_defaults_written_out(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lay_out(parse(case.read_text(encoding="utf-8")), Path("mappings"))
    before = compile_folder(Path("mappings"))
    assert before.plans
    for name, plan in before.plans.items():
        source = SourceFile(f"mappings/{name}.yaml", Path("mappings", f"{name}.yaml").read_text(encoding="utf-8"))
        lines = effective_lines(merged_tree(source), {route.name: route.action for route in plan.routes})
        text = "".join(f"{each}\n" for line in lines for each in (line.text, *line.below))
        _replaced_by_its_effective_self(name, before, text)


def test_the_examples_mean_the_same_with_their_defaults_written_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(EXAMPLES, "mappings")
    before = compile_folder(Path("mappings"))
    assert sorted(before.plans) == [
        "acme/acme-hubspot",
        "fjordbank/warehouse",
        "fjordbank/warehouse-stars",
        "nordlys/nordlys-pipedrive",
    ]
    for name in before.plans:
        _replaced_by_its_effective_self(name, before, _shown(capsys, name))


CONNECTIONS = """\
version: 1
connections:
  warehouse:
    connector: webhook
    url: https://hooks.fjord.example/queast
    account: warehouse
    auth: {signing_secret: secret://warehouse}
"""
ODD = r"""version: 1
description: "a \"quoted\" text: with # signs \u00e9"
connection: 'warehouse'
routes:
  odd:
    entity: company
    events: [created,
      updated]
    to: event
    when: >-
      company.name != 'x'

      and company.country == "NO"
    headers: {X-Kind: {const: "a, b"}, X-Key: secret://warehouse-two}
    body:
      "a: b": company.name
      plain: company.name
        | lower
      "yes": {const: "yes"}
      number: {const: 25}
      quoted: {const: '25'}
      tabs: {const: "a\tb\u0007"}
      indented: {template: "  x\n{{ company.name }}"}
      ends: {template: "x\n{{ company.name }}\n\n"}
      list: {each: company.technologies, as: tech, body: tech}
      empty: {const: ""}
      text:
        template: |
          one {{ company.name }}

            two
      looked: "company.country | lookup(t, else = 'x: y')"
tables:
  t:
    "NO": "Norge: # \"x\""
    SE: 'Sverige'
"""


@pytest.fixture
def odd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = Path("mappings") / "fjord"
    folder.mkdir(parents=True)
    (folder / "connections.yaml").write_text(CONNECTIONS)
    (folder / "odd.yaml").write_text(ODD)
    (folder.parent / "policy.yaml").write_text("version: 1\n")
    return folder


def test_texts_of_every_style_are_written_as_what_they_say(odd: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = compile_folder(Path("mappings"))
    assert list(before.plans) == ["fjord/odd"], before.findings
    plain, with_origins = _shown(capsys, "odd"), _shown(capsys, "odd", origin=True)
    for text in (plain, with_origins):
        _replaced_by_its_effective_self("fjord/odd", before, text)
        # What is written out has nothing left to write out.
        (odd / "odd.yaml").write_text(text)
        assert _shown(capsys, "odd") == plain


def test_each_line_says_where_it_is_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(EXAMPLES, "mappings")
    shown = json.loads(_shown(capsys, "acme-hubspot", Format.JSON))
    origins = {line["path"]: (line["value"], line["origin"]) for line in shown["effective"]["lines"]}
    mapping, base = "mappings/acme/acme-hubspot.yaml", "base/hubspot.v1.yaml"
    fields = "routes.companies.fields"
    assert origins["mode"] == ("live", {"kind": "mapping", "file": mapping, "line": 5})
    assert origins[f"{fields}.queast_founded_on.from"][1] == {"kind": "mapping", "file": mapping, "line": 14}
    assert origins[f"{fields}.name.from"] == ("company.name", {"kind": "base", "file": base, "line": 14})
    assert origins[f"{fields}.name.write"] == ("unless_edited", {"kind": "default"})
    assert origins[f"{fields}.name.on_null"] == ("skip", {"kind": "default"})
    assert origins["routes.signal-notes.afterwards.suppressed"] == ("keep", {"kind": "default"})
    around = {line["path"]: line["origin"]["kind"] for line in shown["effective"]["around"]}
    assert around["connection hubspot-main: match.company.on_none"] == "connections"
    own = Path(mapping)
    own.write_text(own.read_text().replace("  companies:\n", "  companies:\n    write: always\n", 1))
    shown = json.loads(_shown(capsys, "acme-hubspot", Format.JSON))
    origins = {line["path"]: (line["value"], line["origin"]) for line in shown["effective"]["lines"]}
    # The route's own word, where each field takes it from.
    for name in ("name", "queast_founded_on"):
        assert origins[f"{fields}.{name}.write"] == ("always", {"kind": "mapping", "file": mapping, "line": 13})
    assert _shown(capsys, "fjordbank/warehouse", origin=True).rstrip().endswith("# mappings/policy.yaml:4")


def test_what_the_connection_leaves_open_is_the_manifests_or_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(EXAMPLES, "mappings")
    connections = Path("mappings/acme/connections.yaml")
    connections.write_text(connections.read_text().partition("    match:")[0])
    shown = json.loads(_shown(capsys, "acme-hubspot", Format.JSON))
    around = {line["path"].rpartition(": ")[2]: line for line in shown["effective"]["around"]}
    assert around["match.company.order"]["origin"] == {"kind": "default"}
    assert around["match.company.domain.from"]["origin"]["kind"] == "manifest"
    assert around["match.company.domain.from"]["origin"]["file"].endswith("hubspot.yaml")
    assert (around["match.company.on_none"]["value"], around["match.company.on_many"]["value"]) == ("create", "review")


def test_the_plan_is_printed_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(EXAMPLES, "mappings")
    capsys.readouterr()
    show.run("acme-hubspot", Path("mappings"), True, Format.TEXT, effective=True)
    shown = json.loads(capsys.readouterr().out)
    assert (shown["mapping"]["mapping"], shown["connection"]["connection"]) == ("acme-hubspot", "hubspot-main")
    assert shown["effective"]["yaml"].startswith("version: 1\n")


def test_write_and_thresholds_that_nobody_wrote_are_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(EXAMPLES, "mappings")
    mapping, connections = Path("mappings/nordlys/nordlys-pipedrive.yaml"), Path("mappings/nordlys/connections.yaml")
    mapping.write_text(mapping.read_text().replace("    write: always\n", ""))
    text = connections.read_text().replace("[link, external_id, domain]", "[link, external_id, domain, name]")
    text = text.replace("        on_none: create", "        name: {review: 0.85}\n        on_none: create")
    connections.write_text(text)
    shown = json.loads(_shown(capsys, "nordlys-pipedrive", Format.JSON))
    written = {line["path"]: line for line in shown["effective"]["lines"] if line["path"].endswith(".write")}
    assert {line["value"] for line in written.values() if line["origin"] == {"kind": "default"}} == {"unless_edited"}
    around = {line["path"].rpartition(": ")[2]: line for line in shown["effective"]["around"]}
    assert around["match.company.name.review"]["value"] == "0.85"
    assert around["match.company.name.review"]["origin"]["kind"] == "connections"
    assert (around["match.company.name.auto_link"]["value"], around["match.company.name.margin"]["value"]) == (
        "0.95",
        "0.05",
    )
    assert around["match.company.name.auto_link"]["origin"] == {"kind": "default"}
    assert around["match.company.corroborate"]["value"] == "[country, domain]"
