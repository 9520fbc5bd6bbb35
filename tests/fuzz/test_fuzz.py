"""No input makes loading, parsing or checking fail with anything but findings."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.seeds import write_seeds, write_words

TARGET = Path(__file__).with_name("target.py")
HAS_FUZZER = importlib.util.find_spec("atheris") is not None


@pytest.mark.skipif(not HAS_FUZZER, reason="the fuzzer has no build for this machine")
@pytest.mark.parametrize("runs", [1_500, pytest.param(100_000, marks=pytest.mark.soak)])
def test_no_input_gets_an_exception_out(runs: int, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    write_seeds(corpus)
    write_words(tmp_path / "words")
    done = fuzz(TARGET, corpus, runs, tmp_path)
    assert done.returncode == 0, done.stderr[-6_000:]
    assert f"Done {runs} runs" in done.stderr


@pytest.mark.skipif(not HAS_FUZZER, reason="the fuzzer has no build for this machine")
def test_the_fuzzer_finds_an_exception_that_hides_behind_two_conditions(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "seed").write_bytes(b"aaaa")
    (tmp_path / "words").write_text('"q"\n')
    broken = tmp_path / "broken.py"
    broken.write_text(
        "import sys, atheris\n"
        "@atheris.instrument_func\n"
        "def run(data):\n"
        "    if data[:1] == b'q' and data[1:2] == b'm':\n"
        "        raise KeyError(data)\n"
        "atheris.Setup(sys.argv, run)\n"
        "atheris.Fuzz()\n"
    )
    assert "KeyError" in fuzz(broken, corpus, 1_000_000, tmp_path).stdout


def fuzz(program: Path, corpus: Path, runs: int, folder: Path) -> subprocess.CompletedProcess[str]:
    options = [f"-runs={runs}", "-seed=7", "-max_len=12000", "-timeout=20", "-rss_limit_mb=2048"]
    options += [f"-dict={folder / 'words'}", f"-artifact_prefix={folder}/", "-print_final_stats=1"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, str(program), *options, str(corpus)],
        capture_output=True,
        text=True,
        check=False,
        errors="replace",
        env=environment,
    )
