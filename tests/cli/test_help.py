"""`qmap --help` lists what works and nothing beyond the product's own list of commands."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from example_run import COMMAND, environment, qmap

COMMANDS = """
    init lint fmt update schema test compile show diff trace explain fields functions publish approve withdraw
    rollback history revert connections connectors secrets keys mirror run serve status doctor pause resume tokens
    send deliveries backfill replay shadow drift why erase audit review links match demo sandbox version policy
"""
WORKING = (
    "init lint fmt update test compile diff publish approve withdraw rollback history show schema trace run serve demo"
    " sandbox status explain fields functions deliveries review links match mirror tokens policy version"
)


def listed(text: str) -> set[str]:
    _, _, commands = text.partition("Commands:\n")
    return set(re.findall(r"^  ([a-z]+)", commands, re.MULTILINE))


def test_the_help_lists_commands_of_the_product_only(tmp_path: Path) -> None:
    done = qmap("--help", env=environment(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert listed(done.stdout) == set(WORKING.split())
    assert set(WORKING.split()) <= set(COMMANDS.split())


def test_deliveries_lists_its_two_commands(tmp_path: Path) -> None:
    assert listed(qmap("deliveries", "--help", env=environment(tmp_path)).stdout) == {"list", "show"}


def test_review_and_links_list_their_commands(tmp_path: Path) -> None:
    env = environment(tmp_path)
    review = "list show accept reject create skip unsure undo stats calibrate"
    assert listed(qmap("review", "--help", env=env).stdout) == set(review.split())
    assert listed(qmap("links", "--help", env=env).stdout) == {"list", "show", "unlink"}


@pytest.mark.parametrize("command", WORKING.split())
def test_every_command_explains_itself(command: str, tmp_path: Path) -> None:
    done = qmap(command, "--help", env=environment(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    assert f" {command} " in done.stdout.splitlines()[0]


def test_help_takes_a_third_of_a_second_of_processor_time_and_loads_no_parser(tmp_path: Path) -> None:
    """Measured as the least of three, since the machine does other things too."""
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([*COMMAND, "--help"], env=environment(tmp_path), check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) <= 0.33
    program = (
        "import sys; import queast_runtime.cli.app;"
        "print([n for n in ('lark','yaml','jsonschema','sqlalchemy','aiohttp') if n in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    assert loaded.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nonsense"], "No such command"),
        (["lint", "--nonsense"], "No such option"),
        (["run", "--tenant", "acme"], "Missing argument"),
        (["run", "events.jsonl"], "Missing option"),
        (["lint", "--fail-on", "sometimes"], "--fail-on takes error or warning"),
        (["lint", "--format", "xml"], "is not one of"),
        (["deliveries", "list", "-t", "acme", "--state", "lost"], "no state is called lost"),
        (["deliveries", "list", "-t", "acme", "--limit", "0"], "--limit"),
        (["trace", "m", "--event", "e", "--step", "send"], "no step is called send"),
        (["-C", "nowhere", "lint"], "cannot change to nowhere"),
        (["explain", "no-such-thing"], "no-such-thing"),
        (["fields", "planet"], "planet"),
        (["functions", "frobnicate"], "frobnicate"),
        (["show", "no-such-mapping"], "no-such-mapping"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(arguments: list[str], says: str, tmp_path: Path) -> None:
    done = qmap(*arguments, env=environment(tmp_path / "state"))
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_the_usage_of_a_command_that_is_also_a_group_has_single_blanks(tmp_path: Path) -> None:
    for arguments in (["--help"], ["--nope"]):
        done = qmap("test", *arguments, env=environment(tmp_path))
        assert "qmap test  " not in done.stdout + done.stderr
        assert "Usage: qmap test [OPTIONS]" in done.stdout + done.stderr
