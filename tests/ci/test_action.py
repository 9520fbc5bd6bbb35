"""The composite action for GitHub: its steps run in bash against a repository, with a `curl` that keeps comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from ci.change import ROOT, Change, lower_a_threshold, repository

HOME = ROOT / ".github/actions/qmap"
ACTION: dict[str, Any] = yaml.safe_load((HOME / "action.yml").read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
BOT = {"user": {"login": "github-actions[bot]"}}
HEADER = "Authorization: Bearer t0ken"
_EXPRESSION = re.compile(r"\$\{\{ *(.+?) *\}\}")


@pytest.fixture
def change(tmp_path: Path) -> Change:
    made = repository(tmp_path)
    made.begin(me=BOT, header=HEADER)
    return made


class Run:
    """One run of the action: its inputs, and what its steps told each other."""

    def __init__(self, change: Change, **inputs: str) -> None:
        self.change = change
        self.told: dict[str, str] = {
            **{f"inputs.{name}": each.get("default", "") for name, each in ACTION["inputs"].items()},
            **{f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()},
            "inputs.token": "t0ken",
            "inputs.install": "false",
            "github.event.pull_request.base.sha": change.base,
            "github.event.pull_request.number": "12",
        }
        self.log = ""
        self.code = 0

    def all(self, *, without: Sequence[str] = ()) -> Run:
        """Run the steps in their order up to the first that fails. One that is left out is told to have gone well."""
        for step in STEPS:
            if step["name"] in without:
                self.told[f"steps.{step['id']}.outputs.code"] = "0"
            elif self._is_due(step) and not self.step(step):
                break
        return self

    def step(self, step: Mapping[str, Any]) -> bool:
        output = self.change.folder.parent / "output"
        output.write_text("")
        env = {name: self._filled(value) for name, value in step.get("env", {}).items()}
        done = self.change.bash(
            step["run"],
            {
                "GITHUB_OUTPUT": str(output),
                "GITHUB_STEP_SUMMARY": str(self.change.folder.parent / "summary"),
                "GITHUB_ACTION_PATH": str(HOME),
                "GITHUB_REPOSITORY": "acme/mappings",
                "RUNNER_TEMP": str(self.change.folder.parent),
                **env,
            },
        )
        self.log += done.stdout + done.stderr
        self.code = done.returncode
        for line in output.read_text().splitlines():
            name, _, value = line.partition("=")
            self.told[f"steps.{step['id']}.outputs.{name}"] = value
        return done.returncode == 0

    def _is_due(self, step: Mapping[str, Any]) -> bool:
        return "run" in step and all(self._holds(each) for each in step.get("if", "true").split(" && "))

    def _holds(self, condition: str) -> bool:
        left, _, right = condition.partition(" == ")
        if right:
            return self.told.get(left, "") == right.strip("'")
        return condition == "true" or bool(self.told.get(left))

    def _filled(self, text: str) -> str:
        def value(found: re.Match[str]) -> str:
            return next((self.told[each] for each in found[1].split(" || ") if self.told.get(each)), "")

        return _EXPRESSION.sub(value, text)


def test_a_lowered_threshold_is_said_in_one_comment_and_ends_with_4(change: Change) -> None:
    lower_a_threshold(change)
    run = Run(change).all()
    assert run.code == 4, run.log
    kept = change.kept()
    (comment,) = kept["comments"]
    assert comment["body"].startswith("<!-- qmap-diff -->\n")
    assert "IDENTITY" in comment["body"]
    assert "0.88" in comment["body"]
    assert kept["authorised"]
    assert comment["body"] in (change.folder.parent / "summary").read_text()
    assert "::error file=mappings/acme/connections.yaml" in run.log
    assert "::error title=qmap diff::a gated change waits" in run.log
    # Pushed again, the same comment says it.
    change.git("commit", "-q", "--allow-empty", "-m", "Again")
    keep = next(each for each in STEPS if each["name"] == "keep one comment")
    run.step(keep)
    assert [each["id"] for each in change.kept()["comments"]] == [comment["id"]]
    assert [call[0] for call in change.kept()["calls"]] == ["GET", "POST", "GET", "PATCH"]
    assert all("t0ken" not in call[2] for call in change.kept()["calls"])


def test_a_trailer_that_accepts_it_lets_the_check_pass(change: Change) -> None:
    lower_a_threshold(change, "Link more by name\n\nqmap-accept: IDENTITY the names are checked by hand")
    run = Run(change).all(without=["check", "test"])
    assert run.code == 0, run.log
    assert "accepted" in change.kept()["comments"][0]["body"]


def test_what_does_not_compile_is_a_finding_at_its_line_and_the_comment_says_that_nothing_was_compared(
    change: Change,
) -> None:
    file = change.folder / "mappings/acme/acme-hubspot.yaml"
    file.write_text(file.read_text().replace("company.founded_on", "company.founded_onn"))
    change.git("commit", "-qam", "Slip")
    run = Run(change).all(without=["test"])
    assert run.code == 1, run.log
    assert re.search(r"^::error file=mappings/acme/acme-hubspot\.yaml,line=\d+,.*title=QM211::", run.log, re.M)
    assert "so nothing was compared" in change.kept()["comments"][0]["body"]


def keep_comment(change: Change, body: str, **more: str) -> str:
    """Run only the script that keeps the comment."""
    file = change.folder.parent / "body.md"
    file.write_text(body)
    env = {"COMMENT": str(file), "AUTHOR": "github-actions[bot]", "NUMBER": "12", "GITHUB_TOKEN": "t0ken"}
    done = change.bash(f"bash {HOME}/comment.sh", {"GITHUB_REPOSITORY": "acme/mappings", **env, **more})
    assert done.returncode == 0, done.stderr
    return done.stdout


MARKED = "<!-- qmap-diff -->\n### qmap diff\n\nsomething with 'quotes', `ticks` and $(signs)\n"


def test_a_comment_with_the_marker_that_somebody_else_wrote_is_not_ours(change: Change) -> None:
    others = [
        {"id": 1, "body": MARKED, "user": {"login": "mallory"}},
        {"id": 2, "body": f"I quote:\n{MARKED}", **BOT},
    ]
    change.begin(me=BOT, header=HEADER, comments=others)
    keep_comment(change, MARKED)
    assert change.kept()["comments"] == [*others, {"id": 1002, "body": MARKED, **BOT}]


def test_ours_is_found_behind_many_others_and_a_second_one_goes(change: Change) -> None:
    talk = [{"id": number, "body": "hm", "user": {"login": "anna"}} for number in range(1, 205)]
    ours = [{"id": number, "body": "<!-- qmap-diff -->\nold", **BOT} for number in (300, 301)]
    change.begin(me=BOT, header=HEADER, comments=[*talk, *ours])
    keep_comment(change, MARKED)
    assert [each for each in change.kept()["comments"] if each["id"] >= 300] == [{"id": 300, "body": MARKED, **BOT}]


def test_no_change_writes_no_comment_but_over_an_older_one(change: Change) -> None:
    nothing = "<!-- qmap-diff -->\n### qmap diff: no change\n\nThe plans are those of main.\n"
    keep_comment(change, nothing)
    assert change.kept()["comments"] == []
    keep_comment(change, MARKED)
    keep_comment(change, nothing)
    assert [each["body"] for each in change.kept()["comments"]] == [nothing]


def test_a_token_that_may_not_write_fails_nothing_and_says_so(change: Change) -> None:
    change.begin(me=BOT, header=HEADER, refuses=True)
    assert "::warning title=qmap diff::the comment could not be written" in keep_comment(change, MARKED)


def _texts(value: Any) -> Iterator[str]:
    for step in value:
        yield step.get("run", "")


def test_nothing_that_a_pull_request_names_stands_in_a_script() -> None:
    for script in _texts(STEPS):
        assert "${{" not in script


def test_every_input_is_said_and_used() -> None:
    text = (HOME / "action.yml").read_text()
    for name, each in ACTION["inputs"].items():
        assert each["description"]
        assert f"inputs.{name}" in text
        assert f"`{name}`" in (ROOT / "runtime/docs/ci.md").read_text()


def test_actions_of_others_are_named_by_their_major_version() -> None:
    used = [each["uses"] for each in STEPS if "uses" in each]
    assert used
    assert all(re.fullmatch(r"(actions|github)/[a-z/-]+@v[0-9]+", each) for each in used)
