"""`qmap match evaluate` counts what the rule by name gets right, and refuses what it cannot read with its place."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from example_run import environment, qmap
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.match import Wanted, evaluate
from queast_runtime.cli.output import Format
from queast_runtime.matching.evaluation import Disturbance

RECORDS = [
    {"id": "1", "name": "Nordwik Data AS", "country": "Norway", "city": "Oslo", "domain": "nordwik.no"},
    {"id": "2", "name": "Solberg Marine ASA", "country": "NO", "city": "", "domain": ""},
    {"id": "3", "name": "Zanzibix Pharma Ltd", "country": "GB"},
    {"id": "4", "name": "Zanzibix Pharma Ltd", "country": "GB"},
]
QUERIES = [
    {"qid": "a", "name": "NORDWIK DATA", "country": "NO", "city": "", "domain": "", "gold": "1"},
    {"qid": "b", "name": "Solberg Marine", "country": "NO", "gold": "1"},
    {"qid": "c", "name": "Solberg Marine", "country": "NO", "gold": None},
    {"qid": "d", "name": "Solberg Marine", "country": "NO", "gold": None, "ignore": ["2"]},
    {"qid": "e", "name": "Zanzibix Pharma", "country": "GB", "gold": "3"},
    {"qid": "f", "name": "Nobody Knows", "kind": "odd", "gold": None},
]


def lines(file: Path, rows: list[Any]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def wanted(tmp_path: Path, records: list[Any] = RECORDS, queries: list[Any] = QUERIES, **more: Any) -> Wanted:
    given: dict[str, Any] = {
        "crm": lines(tmp_path / "crm.jsonl", records),
        "queries": lines(tmp_path / "queries.jsonl", queries),
        "connection": None,
        "tenant": None,
        "root": tmp_path / "mappings",
        "rule": "default",
        "without": (),
        "disturbance": Disturbance(),
        "baselines": False,
        "plot": None,
    }
    return Wanted(**{**given, **more})


def report(wanted: Wanted, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    evaluate(wanted, Format.JSON)
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def refusal(wanted: Wanted) -> CommandError:
    with pytest.raises(CommandError) as refused:
        evaluate(wanted, Format.TEXT)
    return refused.value


def test_it_counts_right_wrong_neutral_and_absent_links_and_reviews(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report(wanted(tmp_path), capsys)
    (rule,) = found["rules"]
    assert (found["records"], found["questions"], rule["answerable"]) == (4, 6, 3)
    assert (rule["links"], rule["wrong"], rule["neutral"], rule["absent_linked"]) == (3, 2, 1, 1)
    assert (rule["precision"], rule["recall"]) == (0.33333, 0.33333)
    assert rule["precision_at_least"] == pytest.approx(0.0615, abs=0.0005)
    assert (rule["reviews"], rule["reviews_with_gold"]) == (1, 1)
    assert sum(half["questions"] for half in rule["halves"]) == 6


def test_kinds_are_left_out_and_both_rules_are_shown_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report(wanted(tmp_path, without=("odd",), rule="both"), capsys)
    assert found["questions"] == 5
    assert [each["rule"] for each in found["rules"]] == ["plain", "supported"]
    evaluate(wanted(tmp_path, rule="both"), Format.TEXT)
    shown = capsys.readouterr().out
    assert "4 records, 6 questions" in shown
    assert "no baselines: left out by --no-baselines" in shown


def test_without_what_corroborates_nothing_is_linked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = report(wanted(tmp_path, disturbance=Disturbance(blank=1.0)), capsys)
    assert found["rules"][0]["links"] == 0
    assert found["rules"][0]["reviews"] == 5


def test_noise_is_the_same_for_the_same_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    queries = [{**QUERIES[0], "qid": str(n), "country": c} for n, c in enumerate(["NO", "SE", "DK", "FI"] * 10)]
    seen = [
        report(wanted(tmp_path, queries=queries, disturbance=Disturbance(noise=0.5, seed=seed)), capsys)["rules"][0][
            "links"
        ]
        for seed in (1, 1, 2, 3, 4)
    ]
    assert seen[0] == seen[1]
    assert len(set(seen)) > 1


def test_compressed_files_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = tmp_path / "crm.jsonl.gz"
    packed.write_bytes(gzip.compress("".join(json.dumps(each) + "\n\n" for each in RECORDS).encode()))
    assert report(wanted(tmp_path, crm=packed), capsys)["records"] == 4


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ("{", "crm.jsonl:2: the line is no JSON"),
        ("[1]", "crm.jsonl:2: the line is no JSON object"),
        ('{"name": "x"}', "crm.jsonl:2: `id` is missing or no text"),
        ('{"id": 2, "name": "x"}', "crm.jsonl:2: `id` is missing or no text"),
        ('{"id": "", "name": "x"}', "crm.jsonl:2: `id` is missing or no text"),
        ('{"id": "2"}', "crm.jsonl:2: `name` is missing or no text"),
        ('{"id": "2", "name": "x", "city": 3}', "crm.jsonl:2: `city` is no text"),
        ('{"id": "1", "name": "x"}', "crm.jsonl:2: `id` '1' was there before"),
        ('{"id": "2", "name": "' + "x" * (1 << 20) + '"}', "crm.jsonl:2: the line is longer than 1 MiB"),
        ('{"id": "2", "name": "\ud800"}', "crm.jsonl:2: the line is no JSON"),
    ],
)
def test_a_line_that_is_no_record_is_refused_with_its_place(bad: str, says: str, tmp_path: Path) -> None:
    asked = wanted(tmp_path)
    asked.crm.write_bytes((json.dumps(RECORDS[0]) + "\n" + bad + "\n").encode("utf-8", "surrogatepass"))
    refused = refusal(asked)
    assert refused.code is Exit.FINDINGS
    assert says in str(refused)
    assert refused.help


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"gold": "9"}, "queries.jsonl:1: `gold` '9' is no `id` of the records"),
        ({"gold": 1}, "queries.jsonl:1: `gold` '1' is no `id` of the records"),
        ({"ignore": "1"}, "queries.jsonl:1: `ignore` is no list of ids"),
        ({"ignore": [1]}, "queries.jsonl:1: `ignore` is no list of ids"),
        ({"qid": None}, "queries.jsonl:1: `qid` is missing or no text"),
    ],
)
def test_a_line_that_is_no_question_is_refused_with_its_place(
    change: dict[str, Any], says: str, tmp_path: Path
) -> None:
    refused = refusal(wanted(tmp_path, queries=[{**QUERIES[0], **change}]))
    assert (refused.code, says in str(refused)) == (Exit.FINDINGS, True)


def test_files_that_are_not_there_or_hold_nothing_are_wrong_use(tmp_path: Path) -> None:
    assert refusal(wanted(tmp_path, crm=tmp_path / "none.jsonl")).code is Exit.USAGE
    assert refusal(wanted(tmp_path, crm=tmp_path)).code is Exit.USAGE
    assert refusal(wanted(tmp_path, records=[])).code is Exit.USAGE
    assert refusal(wanted(tmp_path, queries=[])).code is Exit.USAGE
    assert "of another kind" in str(refusal(wanted(tmp_path, queries=[QUERIES[-1]], without=("odd",))))


def test_a_file_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    packed = tmp_path / "crm.jsonl.gz"
    packed.write_bytes(gzip.compress(json.dumps(RECORDS[0]).encode() * 50)[:-9])
    refused = refusal(wanted(tmp_path, crm=packed))
    assert (refused.code, "no whole gzip file" in str(refused)) == (Exit.FINDINGS, True)
    packed.write_bytes(b"plain")
    assert "no whole gzip file" in str(refusal(wanted(tmp_path, crm=packed)))


EXAMPLE = Path(__file__).parents[2] / "mappings/acme"
CONNECTIONS = """\
version: 1
connections:
  main:
    connector: hubspot
    account: "24512345"
    time_zone: Europe/Oslo
    auth: {{token: secret://main}}
    match:
      company: {{order: [link, name], on_none: create, on_many: review{more}}}
"""


def tenant(tmp_path: Path, name: str = "acme", more: str = "") -> None:
    folder = tmp_path / "mappings" / name
    folder.mkdir(parents=True)
    (folder / "connections.yaml").write_text(CONNECTIONS.format(more=more), encoding="utf-8")
    (folder / "accounts").mkdir()
    shutil.copy(EXAMPLE / "accounts/hubspot-main.json", folder / "accounts/main.json")


def test_the_thresholds_of_a_connection_are_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tenant(tmp_path, more=", name: {auto_link: 0.99, review: 0.9, margin: 0.1}, corroborate: [domain]")
    (rule,) = report(wanted(tmp_path, connection="main"), capsys)["rules"]
    assert (rule["auto_link"], rule["review"], rule["margin"], rule["corroborate"]) == (0.99, 0.9, 0.1, ["domain"])
    assert rule["links"] == 0


def test_a_connection_that_is_not_there_or_scores_no_names_is_wrong_use(tmp_path: Path) -> None:
    tenant(tmp_path)
    assert "any tenant under" in str(refusal(wanted(tmp_path, connection="other")))
    assert "scores no names" in str(refusal(wanted(tmp_path, connection="main")))
    tenant(tmp_path, "bolt")
    assert "main is one of acme, bolt" in str(refusal(wanted(tmp_path, connection="main")))
    assert "scores no names" in str(refusal(wanted(tmp_path, connection="main", tenant="bolt")))


def test_a_plot_without_matplotlib_ends_before_any_work_and_writes_nothing(tmp_path: Path) -> None:
    asked = wanted(tmp_path)
    plot = tmp_path / "curve.png"
    program = (
        "import sys; sys.modules['matplotlib'] = None; from queast_runtime.cli.main import main;"
        f"sys.argv = ['qmap', 'match', 'evaluate', '--crm', {str(asked.crm)!r}, '--queries', {str(asked.queries)!r},"
        f" '--plot', {str(plot)!r}]; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env=environment(tmp_path / "state"),
    )
    assert (done.returncode, done.stdout) == (5, "")
    assert "matplotlib, which is not installed" in done.stderr
    assert not plot.exists()


def test_a_plot_is_written_whole_where_matplotlib_is_installed(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra `bench` is not installed")
    plot = tmp_path / "curve.svg"
    evaluate(wanted(tmp_path, plot=plot), Format.TEXT)
    assert plot.read_text(encoding="utf-8").rstrip().endswith("</svg>")
    assert [each.name for each in tmp_path.glob(".*")] == []


@pytest.mark.parametrize("plot", ["curve.pdf", "nowhere/curve.png"])
def test_a_place_that_no_plot_can_be_in_is_wrong_use(plot: str, tmp_path: Path) -> None:
    assert refusal(wanted(tmp_path, plot=tmp_path / plot)).code is Exit.USAGE


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--rule", "best"], "is not one of default, plain, supported, both"),
        (["--noise", "2"], "it is a share, from 0 to 1"),
    ],
)
def test_wrong_options_are_told(arguments: list[str], says: str, tmp_path: Path) -> None:
    asked = wanted(tmp_path)
    command = ["match", "evaluate", "--crm", str(asked.crm), "--queries", str(asked.queries), *arguments]
    done = qmap(*command, env=environment(tmp_path))
    assert (done.returncode, says in done.stderr) == (2, True)


def test_rapidfuzz_is_given_the_same_rows_where_it_is_installed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in ("rapidfuzz", "numpy"):
        pytest.importorskip(module, reason="the extra `bench` is not installed")
    found = report(wanted(tmp_path, baselines=True), capsys)
    by_name = {each["rule"]: each for each in found["baselines"]}
    assert by_name["token_sort >= .95, margin .05, corroborated"]["links"] == 3
    assert found["cdist_per_s"] > 0
