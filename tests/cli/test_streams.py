"""Streams that are closed or full, and whoever stops a command while it loads."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from example_run import COMMAND, environment
from kill_harness import ROOT


def _in_shell(line: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which `$qmap` is the command."""
    return subprocess.run(
        ["sh", "-c", line.replace("$qmap", shlex.join(COMMAND))],
        cwd=ROOT,
        env=environment(tmp_path / "state"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("command", ["version", "functions", "lint mappings/fjordbank", "schema", "status", "--help"])
def test_a_closed_stdout_takes_the_result_and_the_command_ends_as_ever(command: str, tmp_path: Path) -> None:
    done = _in_shell(f"$qmap {command} >&-", tmp_path)
    assert (done.returncode, done.stdout) == (0, "")
    assert "bug" not in done.stderr


def test_a_closed_stdout_does_not_make_mistakes_right(tmp_path: Path) -> None:
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "connections.yaml").write_text("version: 2\n")
    assert _in_shell(f"$qmap lint {tmp_path} >&-", tmp_path).returncode == 1


@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_no_stream_at_all_leaves_the_exit_code(closed: str, tmp_path: Path) -> None:
    assert _in_shell(f"$qmap version {closed}", tmp_path).returncode == 0
    assert _in_shell(f"$qmap lint nowhere {closed}", tmp_path).returncode == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", ["version", "--help", "functions"])
def test_a_full_disk_under_stdout_is_said_to_be_that(command: str, tmp_path: Path) -> None:
    done = _in_shell(f"$qmap {command} >/dev/full", tmp_path)
    assert done.returncode == 5
    assert done.stderr.startswith("qmap: ")
    assert "stdout: No space left on device" in done.stderr.splitlines()[0]
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("module", ["queast_runtime.cli.exits", "queast_runtime.cli.app", "queast_dsl.diagnostics"])
def test_who_stops_it_while_it_loads_is_told_nothing(module: str, tmp_path: Path) -> None:
    program = f"""
import sys

class Stops:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            raise KeyboardInterrupt
        return None

sys.meta_path.insert(0, Stops())
sys.argv = ["qmap", "version"]
from queast_runtime.cli.main import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(tmp_path), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


@pytest.mark.parametrize(
    ("command", "code"),
    [("lint mappings/fjordbank", 0), ("publish nope", 2), ("lint --fail-on nothing", 2), ("nothing-of-ours", 2)],
)
@pytest.mark.parametrize("stderr", ["2>&1 | true", "2>&1 >/dev/null | true", "2>/dev/full | cat"])
def test_nobody_who_reads_stderr_leaves_the_exit_code(command: str, code: int, stderr: str, tmp_path: Path) -> None:
    """The reader may be gone before the first word (`| true`) or there may be no room for it."""
    code_file = tmp_path / "code"
    wait = f'while ! [ -s "{code_file}" ]; do sleep 0.1; done'
    done = _in_shell(f'(sleep 0.2; $qmap {command}; echo $? >"{code_file}") {stderr}; {wait}', tmp_path)
    assert code_file.read_text().strip() == str(code)
    assert "Exception ignored" not in done.stderr


def test_what_several_threads_and_processes_say_stands_on_lines_of_its_own(tmp_path: Path) -> None:
    program = """
import sys, threading
from queast_runtime.cli.output import open_streams, say, complain
open_streams()
words = "word " * 40
def speak():
    for _ in range(200):
        say(words)
        complain(words, words)
every = [threading.Thread(target=speak) for _ in range(4)]
for each in every: each.start()
for each in every: each.join()
"""
    with (tmp_path / "said").open("wb") as said:
        children = [
            subprocess.Popen([sys.executable, "-c", program], env=environment(tmp_path), stderr=said) for _ in range(2)
        ]
    assert [child.wait(timeout=60) for child in children] == [0, 0]
    words = "word " * 40
    said_lines = set((tmp_path / "said").read_text().splitlines())
    assert said_lines == {words, f"qmap: {words}", f"  help: {words}"}
