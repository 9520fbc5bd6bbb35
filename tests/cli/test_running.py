"""What an operator types: run, status, deliveries, trace; from files, pipes and standard input, and how a run ends."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from example_run import COMMAND, ExampleRun, environment, event_file, qmap
from kill_harness import ROOT, doubles

PROMPT_S = 10
SECRET = "QMAP_SECRET_FJORDBANK__WAREHOUSE"


@pytest.fixture
def fresh(first_run: ExampleRun, tmp_path: Path) -> dict[str, str]:
    """The environment of a runtime with releases and no database yet."""
    return first_run.env(first_run.fresh_ledger(tmp_path / "state"))


def lines(count: int, start: int = 0) -> list[str]:
    return event_file("fjordbank").read_text(encoding="utf-8").splitlines(keepends=True)[start : start + count]


@contextmanager
def running(*arguments: str, env: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A `qmap run` of fjordbank with an open standard input."""
    process = subprocess.Popen(
        [*COMMAND, "run", "--tenant", "fjordbank", "--format", "json", *arguments],
        env=env,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PROMPT_S
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def delivered(env: dict[str, str]) -> int:
    done = qmap("status", "--tenant", "fjordbank", "--format", "json", env=env)
    assert done.returncode == 0, done.stderr
    return sum(row["delivered"] for row in json.loads(done.stdout)["connections"])


def ended(process: subprocess.Popen[str]) -> tuple[int, dict[str, int], str]:
    """Wait a short while for the process; return its exit code, what it took in and what it said on stderr."""
    stdin, process.stdin = process.stdin, None
    try:
        printed, complaint = process.communicate(timeout=PROMPT_S)
    finally:
        if stdin is not None:
            stdin.close()
    intake: dict[str, int] = json.loads(printed)["intake"] if printed else {}
    return process.returncode, intake, complaint


def test_a_run_reports_what_it_took_in_and_where_deliveries_stand(fresh: dict[str, str], tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text("".join([*lines(3), "no event\n", *lines(1)]), encoding="utf-8")
    done = qmap("run", "-t", "fjordbank", events, env=fresh)
    assert done.returncode == 0
    assert done.stdout.splitlines() == ["CONNECTION  STATE      DELIVERIES", "warehouse   delivered           3"]
    assert done.stderr.splitlines() == [
        f"qmap: {events}: 1 line could not be read",
        f"  {events}:4: not JSON: stops making sense at column 1",
        "events taken in now: 3 admitted, 1 duplicate, 1 could not be read",
    ]
    again = json.loads(qmap("run", "-t", "fjordbank", "--format", "json", events, env=fresh).stdout)
    assert again["intake"] == {"duplicate": 5}
    reason = "not JSON: stops making sense at column 1"
    assert again["unread"] == [{"file": str(events), "lines": 1, "first": [{"line": 4, "reason": reason}]}]
    assert again["deliveries"] == [{"connection": "warehouse", "state": "delivered", "count": 3}]


def test_lines_that_are_no_events_are_told_of_by_file_and_line_and_never_by_what_they_hold(
    fresh: dict[str, str], tmp_path: Path
) -> None:
    garbage, other = tmp_path / "garbage.jsonl", tmp_path / "other.jsonl"
    garbage.write_text("\n" + "".join(f"kari-nordmann-{n}\n" for n in range(5)), encoding="utf-8")
    event = json.loads(lines(1)[0])
    del event["data"]["company"]["id"]
    event["data"]["company"]["name"] = "kari-nordmann"
    other.write_text("".join([*lines(2), "\n\n", json.dumps(event)]), encoding="utf-8")
    done = qmap("run", "-t", "fjordbank", garbage, other, env=fresh)
    assert (done.returncode, "kari" in done.stderr) == (0, False)
    assert done.stderr.splitlines() == [
        f"qmap: {garbage}: 5 lines could not be read",
        *(f"  {garbage}:{number}: not JSON: stops making sense at column 1" for number in (2, 3, 4)),
        "  and 2 more",
        f"qmap: {other}: 1 line could not be read",
        f"  {other}:5: `data.company.id` must be a text of 1 to 64 characters",
        "events taken in now: 6 could not be read, 2 admitted",
    ]
    piped = qmap("run", "-t", "fjordbank", "-", env=fresh, stdin="x" * 1_500_000 + "\n\nkari\n")
    assert [each.split(": ")[0] for each in piped.stderr.splitlines()[1:3]] == [
        "  standard input:1",
        "  standard input:3",
    ]


def test_events_come_from_standard_input(fresh: dict[str, str]) -> None:
    """The last line counts without a line break too."""
    done = qmap("run", "-t", "fjordbank", "-", env=fresh, stdin="".join(lines(4)).rstrip("\n"))
    assert (done.returncode, done.stderr) == (0, "events taken in now: 4 admitted\n")


def test_events_come_from_a_named_pipe(fresh: dict[str, str], tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with running(str(pipe), env=fresh) as process:
        pipe.write_text("".join(lines(2)), encoding="utf-8")
        printed, _ = process.communicate(timeout=PROMPT_S * 2)
    assert json.loads(printed)["intake"] == {"admitted": 2}


def test_a_line_beyond_every_limit_is_one_refused_event(fresh: dict[str, str], tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text("x" * 1_500_000 + "\n" + lines(1)[0], encoding="utf-8")
    for source, stdin in ((str(events), None), ("-", events.read_text(encoding="utf-8"))):
        done = qmap("run", "-t", "fjordbank", "--format", "json", source, env=fresh, stdin=stdin)
        assert sum(json.loads(done.stdout)["intake"].values()) == 2


def test_following_takes_in_what_is_added_and_ends_on_sigterm(fresh: dict[str, str], tmp_path: Path) -> None:
    """Half a line is not taken in; a file that is replaced by a shorter one is read from its start."""
    events = tmp_path / "events.jsonl"
    events.write_text("".join(lines(2)), encoding="utf-8")
    with running("--follow", str(events), env=fresh) as process:
        until(lambda: delivered(fresh) == 2, "the first two events")
        third = lines(1, start=2)[0]
        with events.open("a", encoding="utf-8") as file:
            file.write(third[:40])
            file.flush()
            time.sleep(0.5)
            file.write(third[40:])
        until(lambda: delivered(fresh) == 3, "the event that was added in two pieces")
        events.write_text(lines(1, start=3)[0], encoding="utf-8")
        until(lambda: delivered(fresh) == 4, "the event of the new file")
        process.send_signal(signal.SIGTERM)
        outcome = ended(process)
    assert outcome == (0, {"admitted": 4}, "")


@pytest.mark.parametrize("follow", [True, False])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_waiting_for_standard_input_keeps_no_signal_from_being_heard(
    follow: bool, number: signal.Signals, fresh: dict[str, str]
) -> None:
    with running(*(["--follow"] if follow else []), "-", env=fresh) as process:
        assert process.stdin is not None
        process.stdin.write(lines(1)[0])
        process.stdin.flush()
        until(lambda: _taken_in(fresh) == 1, "the event from standard input")
        process.send_signal(number)
        outcome = ended(process)
    assert outcome == (0, {"admitted": 1}, "")


def _taken_in(env: dict[str, str]) -> int:
    done = qmap("deliveries", "list", "--tenant", "fjordbank", "--format", "json", env=env)
    return len(json.loads(done.stdout)["deliveries"]) if done.returncode == 0 else 0


def test_sigterm_drains_a_plain_run_and_the_next_one_does_the_rest(
    fresh: dict[str, str], first_run: ExampleRun
) -> None:
    slow = {**fresh, "QMAP_RATES": "webhook=20"}
    before = first_run.doubles.state()
    with running(str(event_file("fjordbank")), env=slow) as process:
        until(lambda: delivered(slow) > 5, "the first deliveries")
        process.send_signal(signal.SIGTERM)
        code, _, complaint = ended(process)
    assert (code, complaint) == (0, "")
    assert 5 < delivered(fresh) < 300
    rows = json.loads(
        qmap("deliveries", "list", "-t", "fjordbank", "--limit", "9999", "--format", "json", env=fresh).stdout
    )
    assert not [row for row in rows["deliveries"] if row["state"] in ("sending", "unknown")]
    assert qmap("run", "-t", "fjordbank", event_file("fjordbank"), env=fresh).returncode == 0
    after = first_run.doubles.state()
    assert after["webhook"]["messages"].keys() == before["webhook"]["messages"].keys()
    assert after["webhook"]["received"] - before["webhook"]["received"] == len(after["webhook"]["messages"])


def test_a_second_run_of_a_tenant_is_refused_while_the_first_goes_on(fresh: dict[str, str], tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text(lines(1)[0], encoding="utf-8")
    with running("--follow", str(events), env=fresh) as process:
        until(lambda: delivered(fresh) == 1, "the first run")
        second = qmap("run", "-t", "fjordbank", events, env=fresh)
        other = qmap("run", "-t", "nordlys", os.devnull, env=fresh)
        process.send_signal(signal.SIGTERM)
        code, _, _ = ended(process)
    assert second.returncode == 5
    assert second.stdout == ""
    assert "deliveries of tenant fjordbank are already drained by" in second.stderr
    assert other.returncode == 0, other.stderr
    assert code == 0


def test_a_missing_secret_pauses_its_connection_and_names_itself(fresh: dict[str, str], tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text("".join(lines(3)), encoding="utf-8")
    without = {name: value for name, value in fresh.items() if name != SECRET}
    done = qmap("run", "-t", "fjordbank", events, env=without)
    assert done.returncode == 5
    assert done.stderr.count("connection fjordbank/warehouse is paused: secret `warehouse` is not set") == 1
    assert done.stderr.count("paused") == 1
    assert SECRET in done.stderr
    shown = json.loads(qmap("status", "-t", "fjordbank", "--format", "json", env=without).stdout)["connections"][0]
    assert (shown["state"], shown["queued"], shown["delivered"]) == ("paused", 3, 0)
    assert SECRET in shown["reason"]
    assert qmap("run", "-t", "fjordbank", os.devnull, env=fresh).returncode == 0
    assert delivered(fresh) == 3


def test_a_run_that_gives_deliveries_up_says_so_and_ends_with_findings(tmp_path: Path) -> None:
    """A header cannot hold every name: the company goes nowhere, and nobody has to look for it by chance."""
    with _header_tenant(tmp_path) as (env, events):
        done = qmap("run", "-t", "fjordbank", events, env=env)
        assert done.returncode == 1, done.stderr
        assert "this run gave up 1 delivery" in done.stderr
        assert "qmap deliveries list --tenant fjordbank --state dead" in done.stderr
        listed = qmap("deliveries", "list", "-t", "fjordbank", "--state", "dead", env=env)
        assert "has characters in header `x-name` that cannot be sent" in listed.stdout
        assert qmap("run", "-t", "fjordbank", os.devnull, env=env).returncode == 0


def test_a_trace_of_what_cannot_be_sent_says_why(tmp_path: Path) -> None:
    with _header_tenant(tmp_path) as (env, events):
        event = tmp_path / "one.json"
        event.write_text(events.read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
        told = qmap("trace", "warehouse", "--event", event, "--why-not", env=env)
        assert (told.returncode, told.stderr) == (0, "")
        assert "request     not built: it has characters in header `x-name` that cannot be sent" in told.stdout
        shown = json.loads(qmap("trace", "warehouse", "--event", event, "--format", "json", env=env).stdout)
        assert shown["routes"][0]["request"] is None
        assert "x-name" in shown["routes"][0]["unsendable"]


@contextmanager
def _header_tenant(folder: Path) -> Iterator[tuple[dict[str, str], Path]]:
    """fjordbank with a company's name in a header, published; events of Ørsted A/S and of one that fits."""
    shutil.copytree(ROOT / "mappings" / "fjordbank", folder / "mappings" / "fjordbank")
    shutil.copy(ROOT / "mappings" / "policy.yaml", folder / "mappings")
    (folder / "mappings" / "fjordbank" / "warehouse.yaml").write_text(
        "version: 1\nconnection: warehouse\nmode: live\nscope: {companies: all}\nroutes:\n  companies:\n"
        "    entity: company\n    events: [created]\n    to: event\n    headers: {x-name: company.name}\n"
        "    body: {name: company.name}\n",
        encoding="utf-8",
    )
    events = folder / "events.jsonl"
    made = [
        {
            "specversion": "1.0",
            "id": f"evt-{number}",
            "source": "queast/test",
            "type": "queast.company.created",
            "time": "2026-02-01T08:00:00Z",
            "data": {"company": {"id": f"c-{number}", "sequence": 1, "name": name}},
        }
        for number, name in enumerate(["Ørsted A/S", "Orkla"])
    ]
    events.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in made), encoding="utf-8")
    with doubles(folder / "doubles") as running:
        env = environment(folder / "state", running.environment)
        for command in (("compile", "mappings", "-o", "plans"), ("publish", "plans")):
            done = qmap(*command, env=env, cwd=folder)
            assert done.returncode == 0, done.stdout + done.stderr
        yield env, events


def test_a_trace_opens_only_the_tenant_that_holds_the_mapping(first_run: ExampleRun, tmp_path: Path) -> None:
    state = first_run.fresh_ledger(tmp_path / "state")
    env = first_run.env(state)
    event = tmp_path / "one.json"
    event.write_text(event_file("acme").read_text(encoding="utf-8").splitlines()[0], encoding="utf-8")
    (state / "releases" / "nordlys" / "current.json").write_bytes(b"broken")
    assert qmap("trace", "acme-hubspot", "--event", event, env=env).returncode == 0
    shutil.copytree(state / "releases" / "acme", state / "releases" / "fjordbank", dirs_exist_ok=True)
    unclear = qmap("trace", "acme-hubspot", "--event", event, env=env)
    assert (unclear.returncode, unclear.stdout) == (2, "")
    assert "several tenants have a mapping acme-hubspot: acme, fjordbank" in unclear.stderr
    assert qmap("trace", "acme-hubspot", "--event", event, "--tenant", "acme", env=env).returncode == 0
    foreign = qmap("trace", "acme-hubspot", "--event", event, "--tenant", "fjordbank", env=env)
    assert (foreign.returncode, foreign.stdout) == (6, "")


def test_status_is_a_line_a_connection(first_run: ExampleRun) -> None:
    done = qmap("status", env=first_run.env())
    assert (done.returncode, done.stderr) == (0, "")
    header, *rows = done.stdout.splitlines()
    assert header.split()[:2] == ["CONNECTION", "STATE"]
    assert [row.split()[:2] for row in rows] == [
        ["acme/hubspot-main", "live"],
        ["fjordbank/warehouse", "live"],
        ["nordlys/pipedrive-main", "live"],
    ]
    assert "waits for a person to decide which of companies is c-a" in rows[0]


def test_deliveries_are_listed_newest_first_and_shown_with_their_attempts(first_run: ExampleRun) -> None:
    env = first_run.env()
    listed = qmap("deliveries", "list", "-t", "nordlys", "--state", "delivered", "--limit", "5", env=env)
    header, *rows = listed.stdout.splitlines()
    assert header.split() == ["ID", "CONNECTION", "ROUTE", "ENTITY", "STATE", "ATTEMPTS", "WHY"]
    assert [row.split()[4] for row in rows] == ["delivered"] * 5
    identity = rows[0].split()[0]
    shown = json.loads(qmap("deliveries", "show", identity, "-t", "nordlys", "--format", "json", env=env).stdout)
    assert shown["delivery"]["id"] == identity
    assert shown["attempts"][-1]["error"] is None
    assert "ATTEMPT" in qmap("deliveries", "show", identity, "-t", "nordlys", env=env).stdout
    foreign = qmap("deliveries", "show", identity, "-t", "acme", env=env)
    assert (foreign.returncode, foreign.stdout) == (2, "")


def test_trace_tells_a_stored_events_way_and_one_from_a_file_without_keeping_it(
    first_run: ExampleRun, tmp_path: Path
) -> None:
    env = first_run.env()
    stored = qmap("trace", "acme-hubspot", "--event", "evt-acme-0001", "--why-not", env=env)
    assert stored.returncode == 0, stored.stderr
    assert "evt-acme-0001  queast.company.created  c-a001" in stored.stdout
    assert "match 1" in stored.stdout
    assert "acme-hubspot.yaml:" in stored.stdout
    event = json.loads(event_file("acme").read_text(encoding="utf-8").splitlines()[0])
    event["id"] = "evt-tried"
    path = tmp_path / "event.json"
    path.write_text(json.dumps(event), encoding="utf-8")
    for _ in range(2):
        tried = json.loads(qmap("trace", "acme-hubspot", "--event", path, "--format", "json", env=env).stdout)
        assert (tried["event"], tried["stored"]) == ("evt-tried", False)
    missing = qmap("trace", "acme-hubspot", "--event", "evt-tried", env=env)
    assert (missing.returncode, "no stored event and no file is called evt-tried" in missing.stderr) == (2, True)
