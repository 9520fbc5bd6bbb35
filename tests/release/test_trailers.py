"""Gates that were accepted inside a pull request: trailers of commits."""

from __future__ import annotations

import os
import subprocess

import pytest

from release.house import OVERWRITE, SECRET, WORD, House

REASON = "sales agreed on Tuesday"


class Repository:
    """The house's folder as a git repository."""

    def __init__(self, house: House) -> None:
        self.house = house
        (house.folder / ".gitignore").write_text("state/\nplans/\nchange.json\n")
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.name", "Ana Berg")
        self.git("config", "user.email", "ana@acme.example")
        self.commit("As it is published")
        self.git("checkout", "-q", "-b", "work")

    def git(self, *arguments: str) -> str:
        hermetic = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(
            ["git", *arguments], cwd=self.house.folder, env=hermetic, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(house: House) -> Repository:
    return Repository(house)


def test_what_a_commit_accepts_is_published_and_kept_with_commit_and_author(repository: Repository) -> None:
    house = repository.house
    house.edit(*OVERWRITE)
    assert house.publish("--accept-from", "main..HEAD").code == 4
    commit = repository.commit(f"Overwrite names\n\nThey were old.\n\nqmap-accept: FIELD {REASON}\n")
    assert house.published("--accept-from", "main..HEAD") == 2
    row = house.history()[0]
    assert row["accepted"] == [{"category": "FIELD", "commit": commit, "author": "Ana Berg", "reason": REASON}]
    assert f"FIELD ({commit[:12]})" in house("history", "companies").out


def test_a_commit_that_is_not_in_the_range_accepts_nothing(repository: Repository) -> None:
    house = repository.house
    house.edit(*OVERWRITE)
    repository.commit(f"Overwrite names\n\nqmap-accept: FIELD {REASON}\n")
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "work")
    assert house.publish("--accept-from", "main..HEAD").code == 4
    assert house.sequence == 1


def test_a_commit_counts_in_the_role_of_who_publishes(repository: Repository) -> None:
    """D5.1 nobody's commit makes SECURITY a tenant's to accept"""
    house = repository.house
    house.edit(*SECRET)
    assert house.published() == 2
    house.undo(*SECRET)
    repository.commit("Send no key\n\nqmap-accept: SECURITY,DESTINATION the receiver checks signatures\n")
    token = house.token("tenant_admin", "Ana Berg")
    said = house.publish("--accept-from", "main..HEAD", "--token", token)
    assert (said.code, house.sequence) == (6, 2)
    assert "a tenant_admin does not accept SECURITY" in said.err
    assert house.published("--accept-from", "main..HEAD") == 3


@pytest.mark.parametrize(
    ("trailer", "says"),
    [
        ("qmap-accept: FEILD because", "no category is called FEILD"),
        ("qmap-accept: FIELD", "gives no reason"),
        ("qmap-accept: FIELD  ", "gives no reason"),
        ("qmap-accept: FIELD, because", "no category is called that"),
        ("qmap-accept: because", "no category is called because"),
        (f"qmap-accept: FIELD {'x' * 501}", "gives no reason of 1 to 500"),
        ("qmap-accept: FIELD a\u202eb", "gives no reason"),
        ("qmap-accept: FIELD a\x1b[2Jb", "gives no reason"),
    ],
)
def test_a_trailer_that_is_not_well_formed_is_told_of_with_its_commit(
    repository: Repository, trailer: str, says: str
) -> None:
    house = repository.house
    house.edit(*OVERWRITE)
    commit = repository.commit(f"Overwrite names\n\n{trailer}\n")
    house.compile()
    err = house.fails("publish", "plans", "--accept-from", "main..HEAD", code=2)
    assert f"commit {commit[:12]}" in err
    assert says in err
    assert house.sequence == 1


@pytest.mark.parametrize("range", ["nothing..HEAD", "HEAD~5..HEAD", "main..nowhere", "refs/heads/none"])
def test_commits_that_are_not_there_are_wrong_use(repository: Repository, range: str) -> None:
    house = repository.house
    house.edit(*WORD)
    house.compile()
    assert f"--accept-from {range}: " in house.fails("publish", "plans", "--accept-from", range, code=2)
    assert house.sequence == 1


def test_a_repository_that_names_programs_has_none_of_them_run(repository: Repository) -> None:
    house = repository.house
    marker = house.folder / "ran"
    repository.git("config", "log.showSignature", "true")
    repository.git("config", "gpg.program", f"touch {marker};")
    repository.git("config", "core.pager", f"touch {marker}")
    house.edit(*OVERWRITE)
    repository.commit(f"Overwrite names\n\nqmap-accept: FIELD {REASON}\n")
    assert house.published("--accept-from", "main..HEAD") == 2
    assert not marker.exists()
