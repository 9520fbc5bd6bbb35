"""The template for GitLab: its lines run in a shell against a repository, with a `curl` that keeps notes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from ci.change import ROOT, Change, lower_a_threshold, repository

TEMPLATE: dict[str, Any] = yaml.safe_load((ROOT / ".gitlab/qmap.yml").read_text())
ME = {"author": {"id": 7}}
HEADER = "PRIVATE-TOKEN: t0ken"
MARKED = "<!-- qmap-diff -->\n### qmap diff\n\nsomething with 'quotes' and $(signs)\n"


@pytest.fixture
def change(tmp_path: Path) -> Change:
    made = repository(tmp_path)
    made.begin(me=ME, header=HEADER)
    return made


def run(change: Change, job: str, *, lines: slice = slice(None), **more: str) -> tuple[int, str]:
    """Run a job's lines one after the other in one shell, as a runner does; return its exit code and log."""
    script = "\n".join([*TEMPLATE[".qmap"]["before_script"], *TEMPLATE[job]["script"][lines]])
    env = {
        **{name: str(value) for name, value in TEMPLATE["variables"].items()},
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": change.base,
        "CI_API_V4_URL": "https://gitlab.example/api/v4",
        "CI_PROJECT_ID": "3",
        "CI_MERGE_REQUEST_IID": "12",
        **more,
    }
    done = change.bash(script, env)
    return done.returncode, done.stdout + done.stderr


def test_a_lowered_threshold_is_one_note_and_a_report_and_ends_with_4(change: Change) -> None:
    lower_a_threshold(change)
    code, log = run(change, "qmap diff", QMAP_GITLAB_TOKEN="t0ken")
    assert code == 4, log
    kept = change.kept()
    (note,) = kept["comments"]
    assert note["body"] == (change.folder / "qmap-diff.md").read_text()
    assert "IDENTITY" in note["body"]
    assert kept["authorised"]
    assert [call[0] for call in kept["calls"]] == ["GET", "GET", "POST"]
    assert all("t0ken" not in call[2] for call in kept["calls"])
    assert "t0ken" not in log
    report = json.loads((change.folder / "qmap-diff.json").read_text())
    assert {each["location"]["path"] for each in report} == {"mappings/acme/connections.yaml"}


def note(change: Change, code: str = "0", **more: str) -> tuple[int, str]:
    """Run only the lines that keep the note."""
    return run(change, "qmap diff", lines=slice(4, None), code=code, **more)


def test_the_note_is_written_over_and_never_a_second_time(change: Change) -> None:
    others = [{"id": number, "body": MARKED, "author": {"id": 9}} for number in range(1, 131)]
    change.begin(me=ME, header=HEADER, comments=others)
    for text in (MARKED, MARKED.replace("something", "else")):
        (change.folder / "qmap-diff.md").write_text(text)
        assert note(change, QMAP_GITLAB_TOKEN="t0ken")[0] == 0
    assert change.kept()["comments"][130:] == [{"id": 1130, "body": MARKED.replace("something", "else"), **ME}]


def test_no_change_is_no_note(change: Change) -> None:
    (change.folder / "qmap-diff.md").write_text("<!-- qmap-diff -->\n### qmap diff: no change\n\nThe plans …\n")
    assert note(change, QMAP_GITLAB_TOKEN="t0ken")[0] == 0
    assert change.kept()["comments"] == []


def test_without_a_token_or_without_its_rights_the_job_ends_as_the_comparison_did(change: Change) -> None:
    (change.folder / "qmap-diff.md").write_text(MARKED)
    code, log = note(change, "4")
    assert (code, change.kept()["calls"]) == (4, [])
    assert "QMAP_GITLAB_TOKEN is not set" in log
    change.begin(me=ME, header=HEADER, refuses=True)
    code, log = note(change, "4", QMAP_GITLAB_TOKEN="t0ken")
    assert code == 4
    assert "could not be written" in log


def test_findings_and_tests_leave_reports_that_gitlab_reads(change: Change) -> None:
    file = change.folder / "mappings/acme/acme-hubspot.yaml"
    file.write_text(file.read_text().replace("company.founded_on", "company.founded_onn"))
    # The second line of each job is the same command again, for people and for the exit code.
    run(change, "qmap lint", lines=slice(1))
    (row,) = json.loads((change.folder / "qmap-lint.json").read_text())
    assert (row["check_name"], row["location"]["path"]) == ("QM211", "mappings/acme/acme-hubspot.yaml")
    change.git("checkout", "-q", ".")
    run(change, "qmap test", lines=slice(1))
    suites = ElementTree.fromstring((change.folder / "qmap-test.xml").read_text())
    assert int(suites.attrib["tests"]) > 0
    for job, report in (("qmap lint", "codequality"), ("qmap test", "junit")):
        assert TEMPLATE[job]["artifacts"]["reports"][report] in TEMPLATE[job]["script"][0]


def test_every_job_runs_in_merge_requests_only_and_the_diff_has_its_history() -> None:
    jobs = {name: each for name, each in TEMPLATE.items() if name.startswith("qmap ")}
    assert set(jobs) == {"qmap lint", "qmap test", "qmap diff"}
    assert all(each["extends"] == ".qmap" for each in jobs.values())
    assert TEMPLATE[".qmap"]["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "merge_request_event"'}]
    assert jobs["qmap diff"]["variables"]["GIT_DEPTH"] == "0"
