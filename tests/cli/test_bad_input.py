"""Bad files, folders, settings and databases end in one sentence and a documented exit code, never in a traceback."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from example_run import ExampleRun, environment, event_file, qmap
from kill_harness import ROOT
from queast_runtime.cli import app, main
from queast_runtime.cli.exits import CommandError, Exit

JUNK = bytes(range(256)) * 8


def refused(done: object, code: int, says: str) -> None:
    returncode, stdout, stderr = (getattr(done, name) for name in ("returncode", "stdout", "stderr"))
    assert returncode == code, stderr
    assert stdout == ""
    assert stderr.startswith("qmap: ")
    assert says in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nowhere", "no such file or folder"),
        ("empty-folder", "no tenant under"),
        ("lonely.yaml", "belongs to no tenant"),
        (os.devnull, "no tenant under"),
    ],
)
def test_lint_of_what_is_no_tenant_is_wrong_use(name: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "empty-folder").mkdir()
    (tmp_path / "lonely.yaml").write_bytes(b"")
    refused(qmap("lint", name, env=environment(tmp_path / "state"), cwd=tmp_path), 2, says)


def _junk(path: Path) -> None:
    path.write_bytes(JUNK)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _folder(path: Path) -> None:
    path.mkdir()


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _unreadable(path: Path) -> None:
    """A file that opens and cannot be read, whoever asks."""
    path.symlink_to("/proc/self/mem")


@pytest.mark.parametrize("file", ["broken.yaml", "connections.yaml", "accounts/hubspot-main.json"])
@pytest.mark.parametrize("spoil", [_junk, _empty, _dangling, _unreadable, _pipe])
def test_a_spoilt_file_of_a_tenant_is_a_finding_with_its_name(
    spoil: Callable[[Path], None], file: str, tmp_path: Path
) -> None:
    """A connections.yaml that is no file makes no tenant of its folder; that is wrong use, not a finding."""
    tenant = tmp_path / "mappings" / "acme"
    shutil.copytree(ROOT / "mappings" / "acme", tenant, ignore=shutil.ignore_patterns("events", "sandbox.json"))
    (tenant / file).unlink(missing_ok=True)
    spoil(tenant / file)
    done = qmap("lint", env=environment(tmp_path / "state"), cwd=tmp_path, timeout=20)
    if done.returncode == 2:
        assert file == "connections.yaml"
        refused(done, 2, "no tenant under")
        return
    assert done.returncode == 1, done.stderr
    assert Path(file).name in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("source", "code", "says"),
    [
        ("nowhere.jsonl", 2, "no such file: nowhere.jsonl"),
        (".", 2, ". is a folder"),
        ("/proc/self/mem", 5, "cannot read"),
    ],
)
def test_events_that_cannot_be_read_end_the_run(
    source: str, code: int, says: str, first_run: ExampleRun, tmp_path: Path
) -> None:
    env = first_run.env(first_run.fresh_ledger(tmp_path / "state"))
    refused(qmap("run", "-t", "fjordbank", source, env=env, cwd=tmp_path), code, says)


@pytest.mark.parametrize("content", [b"", b"\n\n \n", JUNK, b"[1, 2]\n{}\n\xff\n" + b"[" * 5000 + b"\n"])
def test_lines_that_are_no_events_are_told_of_and_the_run_ends_well(
    content: bytes, first_run: ExampleRun, tmp_path: Path
) -> None:
    env = first_run.env(first_run.fresh_ledger(tmp_path / "state"))
    (tmp_path / "events.jsonl").write_bytes(content)
    done = qmap("run", "-t", "fjordbank", tmp_path / "events.jsonl", env=env)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "events taken in now: none\n" or done.stderr.endswith(" could not be read\n")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not an event: the file is empty"),
        (b" \n\n", "is not an event: the file is empty"),
        (b"[]", "is not an event: "),
        (b"{", "is not an event: not JSON"),
        (b"{}", "is not an event: "),
        (JUNK, "is not an event: not JSON"),
        (b"{}\n" * 1_437, "holds 1,437 events; name one by its id"),
    ],
)
def test_a_trace_of_a_file_without_one_event_is_wrong_use(
    content: bytes, says: str, first_run: ExampleRun, tmp_path: Path
) -> None:
    env = first_run.env(first_run.fresh_ledger(tmp_path / "state"))
    (tmp_path / "event.json").write_bytes(content)
    refused(qmap("trace", "warehouse", "--event", tmp_path / "event.json", env=env), 2, says)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("QMAP_STATE", "/proc/nowhere"),
        ("QMAP_STATE", str(Path(__file__))),
        ("QMAP_STORE", "mysql://somebody@somewhere/base"),
        ("QMAP_STORE", "no address"),
        ("QMAP_STORE", "sqlite:////proc/nowhere/queast.db"),
        ("QMAP_STORE", "postgresql://nobody@127.0.0.1:1/nothing"),
        ("QMAP_RETRY_DELAYS", "soon"),
        ("QMAP_TIMEOUT", "0"),
        ("QMAP_SETTLE", "-1"),
        ("QMAP_RATES", "hubspot=fast"),
        ("QMAP_RATES", "hubspot"),
        ("QMAP_SANDBOX_ORIGINS", "http://hooks.fjordbank.example"),
    ],
)
def test_a_setting_that_cannot_be_used_is_an_environment_error(
    name: str, value: str, first_run: ExampleRun, tmp_path: Path
) -> None:
    env = first_run.env(first_run.fresh_ledger(tmp_path / "state")) | {name: value}
    done = qmap("run", "-t", "fjordbank", event_file("fjordbank"), env=env)
    refused(done, 5, name if name != "QMAP_STORE" else "")


def test_a_setting_that_is_set_to_nothing_counts_as_not_set(first_run: ExampleRun) -> None:
    done = qmap("status", "-t", "fjordbank", env=first_run.env() | {"QMAP_STORE": "", "QMAP_TIMEOUT": ""})
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", [["status"], ["deliveries", "list", "-t", "fjordbank"], ["run", "-t", "fjordbank"]])
def test_a_damaged_database_is_an_environment_error(command: list[str], first_run: ExampleRun, tmp_path: Path) -> None:
    state = first_run.fresh_ledger(tmp_path / "state")
    (state / "queast.db").write_bytes(JUNK)
    more = [str(event_file("fjordbank"))] if command[0] == "run" else []
    refused(qmap(*command, *more, env=first_run.env(state)), 5, "the database cannot be used: file is not a database")
    assert (state / "queast.db").read_bytes() == JUNK


@pytest.mark.parametrize(
    ("spoil", "code", "says"),
    [
        (_junk, 6, "plans is no change file, or not the whole of it"),
        (_folder, 2, "no plans in plans"),
        (_dangling, 2, "no such file or folder: plans"),
    ],
)
def test_publish_of_what_holds_no_plans_is_refused(
    spoil: Callable[[Path], None], code: int, says: str, tmp_path: Path
) -> None:
    spoil(tmp_path / "plans")
    refused(qmap("publish", "plans", env=environment(tmp_path / "state"), cwd=tmp_path), code, says)


@pytest.mark.parametrize("spoil", ["index.json", "plans"])
def test_damaged_plans_are_an_environment_error_and_the_next_step_is_named(
    spoil: str, first_run: ExampleRun, tmp_path: Path
) -> None:
    shutil.copytree(first_run.plans, tmp_path / "plans")
    path = tmp_path / "plans" / "acme" / spoil
    (path if path.is_file() else next(path.iterdir())).write_bytes(JUNK)
    done = qmap("publish", tmp_path / "plans", env=environment(tmp_path / "state"))
    refused(done, 5, "help: compile again: qmap compile mappings -o ")


def test_an_output_that_is_a_file_is_an_environment_error(tmp_path: Path) -> None:
    (tmp_path / "plans").write_bytes(JUNK)
    done = qmap("compile", "mappings/fjordbank", "-o", tmp_path / "plans", env=environment(tmp_path / "state"))
    refused(done, 5, "cannot write plans to ")


@pytest.mark.parametrize(
    ("raised", "code", "says"),
    [
        (RuntimeError("something with a value in it"), 70, "this is a bug in qmap: RuntimeError in "),
        (KeyboardInterrupt(), 130, ""),
        (PermissionError(13, "Permission denied", "place"), 5, "place: Permission denied"),
        (CommandError(Exit.REFUSED, "no", "ask"), 6, "qmap: no\n  help: ask\n"),
    ],
)
def test_every_ending_has_its_exit_code_and_a_bug_shows_no_values(
    raised: BaseException, code: int, says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ends(**_: object) -> None:
        raise raised

    monkeypatch.setattr(app, "app", ends)
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == code
    stderr = capsys.readouterr().err
    assert says in stderr
    assert "with a value" not in stderr
