"""The formats of `qmap diff`: each is well formed, whatever a tenant wrote, and short enough for where it goes."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree

import pytest
from jsonschema import Draft202012Validator

import queast_schemas
from changing.here import Here
from queast_runtime.cli.diff.markdown import MARKER, MAX_CHARACTERS, cell, code
from typed import Said

ACME = "mappings/acme/acme-hubspot.yaml"
WAREHOUSE = "mappings/fjordbank/warehouse.yaml"
HOSTILE = "`|<!-- x --> @everyone [a](javascript:b) ::error::\u202e\u0007%0A"


def change(here: Here) -> None:
    here.edit("mappings/acme/connections.yaml", "{review: 0.80}", "{auto_link: 0.88, review: 0.80}")
    here.edit(ACME, "      queast_founded_on: company.founded_on\n", "")
    here.edit(ACME, "signal.score >= 40", "signal.score >= 60")


def hostile(here: Here) -> None:
    written = HOSTILE.replace("\u202e", "\\u202e").replace("\u0007", "\\u0007").replace('"', '\\"')
    here.edit(WAREHOUSE, "kind: {const: signal}", f'kind: {{const: "{written}"}}')


def shown(here: Here, format: str, *more: str) -> Said:
    return here("diff", "--against", "git:main", "--sample", "0", "--format", format, *more)


@pytest.mark.parametrize("made", [change, hostile], ids=["a change", "hostile texts"])
def test_json_is_what_its_schema_says(made: object, here: Here) -> None:
    assert callable(made)
    made(here)
    Draft202012Validator(queast_schemas.load("diff")).validate(shown(here, "json").json)


def test_json_with_an_effect_is_what_its_schema_says(here_with_events: Here) -> None:
    change(here_with_events)
    said = here_with_events(
        "diff", "--against", "git:main", "--format", "json", "--records", "mappings/acme/sandbox.json"
    )
    Draft202012Validator(queast_schemas.load("diff")).validate(said.json)
    (acme,) = [each for each in said.json["tenants"] if each["changes"]]
    assert acme["effect"]["events"] > 400


def test_the_comment_begins_with_what_it_is_found_by(here: Here) -> None:
    change(here)
    said = shown(here, "md")
    assert said.code == 4
    assert said.out.startswith(f"{MARKER}\n### qmap diff: 3 changes, 1 must be accepted\n")
    blocked, warned = said.out.index("⛔"), said.out.index("⚠️")
    assert blocked < warned


def test_a_huge_change_makes_a_comment_that_can_be_posted(here: Here) -> None:
    keys = "".join(f"      key_{number}: {{const: {'x' * 200}}}\n" for number in range(400))
    here.edit(WAREHOUSE, "      kind: {const: signal}\n", f"      kind: {{const: signal}}\n{keys}")
    here.commit("Many keys")
    here.edit(WAREHOUSE, keys, "")
    said = shown(here, "md")
    assert said.code == 4
    assert MAX_CHARACTERS - 1_000 < len(said.out) <= MAX_CHARACTERS
    assert "more lines do not fit here" in said.out
    assert "#### Who must agree" in said.out
    assert "--accept CONTRACT" in said.out


@pytest.mark.parametrize("text", ["`", "``` a `` b", "a|b", "", " ", "`a`", HOSTILE])
def test_a_code_span_holds_any_text(text: str) -> None:
    made = code(text)
    fence = re.match(r"`+", made)
    assert fence is not None
    inner = made[len(fence[0]) : -len(fence[0])]
    assert made.endswith(fence[0])
    assert fence[0] not in inner
    assert "\n" not in made
    assert re.search(r"(?<!\\)\|", cell(text)) is None


def test_hostile_texts_stay_texts_in_every_format(here: Here) -> None:
    hostile(here)
    for format in ("text", "md", "github", "junit", "gitlab", "sarif"):
        said = shown(here, format)
        assert "\u202e" not in said.out, format
        assert "\u0007" not in said.out, format
    comment = shown(here, "md").out
    assert "@everyone" not in re.sub(r"(`+).*?\1", "", comment)
    for line in shown(here, "github").out.splitlines():
        assert re.fullmatch(r"::(error|warning|notice) (file=[^,:]+(,line=\d+)?,)?title=[^:]*::.*", line), line


def test_github_shows_the_worst_ten_and_counts_the_rest(here: Here) -> None:
    keys = "".join(f"      key_{number}: {{const: x}}\n" for number in range(30))
    here.edit(WAREHOUSE, "      kind: {const: signal}\n", f"      kind: {{const: signal}}\n{keys}")
    here.edit("mappings/acme/connections.yaml", "{review: 0.80}", "{auto_link: 0.88, review: 0.80}")
    lines = shown(here, "github").out.splitlines()
    assert len(lines) == 10
    assert lines[0].startswith("::error file=mappings/acme/connections.yaml,line=")
    assert lines[-1].startswith("::notice title=qmap diff::22 more changes")


def test_sarif_names_a_rule_for_each_result(here: Here) -> None:
    change(here)
    log = shown(here, "sarif").json
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert log["version"] == "2.1.0"
    assert len(run["results"]) == 3
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        region = result["locations"][0]["physicalLocation"]
        assert (here.folder / region["artifactLocation"]["uri"]).is_file()
        assert region["region"]["startLine"] >= 1


def test_gitlab_tells_each_change_apart(here: Here) -> None:
    change(here)
    found = shown(here, "gitlab").json
    assert {"description", "check_name", "fingerprint", "severity", "location"} == set(found[0])
    assert len({each["fingerprint"] for each in found}) == len(found) == 3
    assert [each["severity"] for each in found] == ["critical", "major", "major"]


def test_junit_fails_what_is_gated(here: Here) -> None:
    change(here)
    suites = ElementTree.fromstring(shown(here, "junit").out)
    (suite,) = [each for each in suites if each.get("tests") != "0"]
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("qmap diff acme", "3", "1")
    (failure,) = suite.findall("testcase/failure")
    assert "IDENTITY must be accepted" in str(failure.get("message"))


def test_what_is_written_to_a_file_is_what_would_be_printed(here: Here) -> None:
    change(here)
    said = shown(here, "md", "-o", "comment.md")
    assert said.out == ""
    assert "3 changes; written to comment.md" in said.err
    assert (here.folder / "comment.md").read_text(encoding="utf-8") == shown(here, "md").out
    assert "cannot write" in here.fails("diff", "--against", "git:main", "-o", "comment.md/comment", code=5)


def test_unchanged_fields_are_counted_and_shown_when_asked(here: Here) -> None:
    change(here)
    plain, full = shown(here, "text").out, shown(here, "text", "--full").out
    assert "(11 fields unchanged; --full to show)" in plain
    assert "= name" not in plain
    assert "= name" in full
    assert "unchanged" not in full
    near = shown(here, "text", "--context", "1").out
    assert near.count("    = ") == 2 + 1


def test_a_commit_accepts_by_its_trailer(here: Here) -> None:
    here.git("checkout", "--quiet", "-b", "looser")
    change(here)
    here.commit("Link more\n\nqmap-accept: IDENTITY the queue is too long")
    said = here("diff", "--against", "git:main", "--sample", "0")
    assert said.code == 0
    assert "Accepted: IDENTITY by Anna in" in said.out
    assert "the queue is too long" in said.out
    comment = shown(here, "md")
    assert comment.code == 0
    assert "IDENTITY is accepted by `Anna`" in comment.out
    assert "takes a **second person**" in comment.out
    assert "IDENTITY: a second person must approve it" in said.out
    here.edit(ACME, "signal.score >= 60", "signal.score >= 65")
    assert here("diff", "--against", "git:main", "--sample", "0").code == 4, "nobody saw that when they accepted"


def test_no_commit_accepts_security(here: Here) -> None:
    """D5.1 what a pull request's check says of it stays red until the platform's admin publishes it"""
    header = "    headers:\n      X-Key: secret://second\n"
    here.edit(WAREHOUSE, "    body:\n      kind: {const: signal}", f"{header}    body:\n      kind: {{const: signal}}")
    here.commit("Send a key")
    here.edit(WAREHOUSE, header, "")
    here.commit("Send none\n\nqmap-accept: SECURITY,IDENTITY,FIELD,DESTINATION,CONTRACT,LIFECYCLE it is a typo")
    said = here("diff", "--against", "git:HEAD~1", "--sample", "0")
    assert said.code == 4, said
    assert "SECURITY by" not in said.out


def test_the_change_file_is_what_publish_takes(here: Here) -> None:
    here("compile")
    here("publish", "plans")
    here.edit(ACME, "signal.score >= 40", "signal.score >= 60")
    said = here("diff", "mappings/acme", "--sample", "0", "--out", "change.json")
    assert "To go on: qmap publish change.json" in said.out
    assert here("publish", "change.json").code == 0
    assert here("diff", "--sample", "0").code == 0
    assert here("diff", "--sample", "0").out.startswith("no change")


@pytest.mark.parametrize("format", ["text", "json", "md", "github", "gitlab", "sarif", "junit"])
def test_sources_with_errors_are_told_of_in_the_format_that_was_asked_for(format: str, here: Here) -> None:
    here.edit(ACME, "company.founded_on", "company.founded_onn")
    said = shown(here, format)
    assert said.code == 1
    assert "QM211" in said.out
    match format:
        case "json" | "gitlab" | "sarif":
            assert said.json
        case "junit":
            assert ElementTree.fromstring(said.out).find("testsuite/testcase/failure") is not None
        case "md":
            assert said.out.startswith(MARKER)
        case "github":
            assert said.out.startswith("::error file=mappings/acme/acme-hubspot.yaml,line=14")


def test_ids_of_events_act_on_no_terminal_and_no_log(here_with_events: Here) -> None:
    here = here_with_events
    event = json.loads((here.folder / "mappings/acme/events/stream.jsonl").read_text(encoding="utf-8").splitlines()[0])
    hostile = ["\n::error file=x::pwned", "\x1b]0;title\x07\x1b[31mRED"]
    lines = [json.dumps({**event, "id": each}) for each in hostile]
    (here.folder / "ids.jsonl").write_text("\n".join(lines), encoding="utf-8")
    here.edit(ACME, "mode: live", "mode: off")
    for format in ("text", "md", "github", "gitlab", "sarif", "junit"):
        said = here("diff", "mappings/acme", "--against", "git:main", "--events", "ids.jsonl", "--format", format)
        assert "\x1b" not in said.out, format
        assert "\n::error file=x" not in said.out, format


def test_events_that_say_nothing_leave_the_effect_unknown(here: Here) -> None:
    change(here)
    (here.folder / "noise").write_bytes(bytes(range(128, 256)) * 100)
    said = here("diff", "mappings/acme", "--against", "git:main", "--events", "noise")
    assert said.code == 2
    assert "no event could be read in noise" in said.err


def test_what_is_to_be_typed_can_be_typed(here: Here) -> None:
    odd = here.folder / "sub dir" / "\u00fcnter"
    odd.mkdir(parents=True)
    (here.folder / "mappings").rename(odd / "mappings")
    here.commit("Move")
    here.git("branch", "before")
    path = "sub dir/\u00fcnter/mappings"
    here.edit(f"{path}/acme/acme-hubspot.yaml", "signal.score >= 40", "signal.score >= 60")
    said = here("diff", path, "--against", "git:before", "--sample", "0")
    assert f"--sources '{path}'" in said.out


def test_a_state_folder_that_is_none_is_told_of(here: Here) -> None:
    (here.folder / "state").write_text("no folder", encoding="utf-8")
    assert "is no folder" in here.fails("diff", code=5)
    (here.folder / "state").unlink()
    assert here("diff", "--sample", "0").out.startswith("nothing is published here")
    (here.folder / "state" / "releases" / "a b").mkdir(parents=True)
    assert here("diff", "--sample", "0").code == 0
