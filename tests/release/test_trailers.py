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
    dirty = house.publish("--accept-from", "main..HEAD")
    assert dirty.code == 6
    assert "the sources are not what its last commit holds: acme/companies.yaml" in dirty.err
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
    """D5.1 no commit accepts SECURITY, whoever publishes: a push must not weaken what guards the platform"""
    house = repository.house
    house.edit(*SECRET)
    assert house.published() == 2
    repository.commit("Send a key")
    house.undo(*SECRET)
    repository.commit("Send no key\n\nqmap-accept: SECURITY,DESTINATION the receiver checks signatures\n")
    for whose in ([], ["--token", house.token("tenant_admin", "Ana Berg")]):
        said = house.publish("--accept-from", "main..HEAD", *whose)
        assert (said.code, house.sequence) == (4, 2)
        assert "accepts SECURITY, which no commit does" in said.err
        assert "nobody accepted SECURITY" in said.err
    assert house.published("--accept", "SECURITY", "--accept-from", "main..HEAD", "--reason", "agreed") == 3
    words = {each["category"]: each["commit"] for each in house.history("events")[0]["accepted"]}
    assert words["SECURITY"] is None


def test_a_trailer_speaks_of_what_its_own_commit_changes(repository: Repository) -> None:
    house = repository.house
    house.edit(*OVERWRITE)
    repository.commit("Overwrite names")
    (house.folder / "notes.txt").write_text("unrelated")
    (house.folder / "mappings" / "globex").mkdir()
    (house.folder / "mappings" / "globex" / "connections.yaml").write_text("version: 1\nconnections: {}\n")
    commit = repository.commit(f"Something else\n\nqmap-accept: FIELD {REASON}\n")
    said = house.publish("--accept-from", "main..HEAD")
    assert (said.code, house.sequence) == (4, 1)
    assert f"commit {commit[:12]} accepts FIELD, but touches nothing of acme" in said.err


def test_a_trailer_says_nothing_of_what_a_later_commit_changes(repository: Repository) -> None:
    house = repository.house
    house.edit(*WORD)
    said_it = repository.commit(f"Another word\n\nqmap-accept: FIELD {REASON}\n")
    house.edit(*OVERWRITE)
    later = repository.commit("Overwrite names")
    (house.folder / "read.me").write_text("unrelated")
    repository.commit("Say how")
    said = house.publish("--accept-from", "main..HEAD")
    assert (said.code, house.sequence) == (4, 1)
    assert f"commit {said_it[:12]} accepts FIELD, but {later[:12]} changes acme and is not before it" in said.err
    assert f"write the trailer into {later[:12]}: git commit --amend" in said.err


def test_what_came_beside_a_trailer_is_not_accepted_by_it_and_a_plain_merge_takes_nothing_away(
    repository: Repository,
) -> None:
    house = repository.house
    repository.git("checkout", "-q", "-b", "beside", "main")
    house.edit(*OVERWRITE)
    unsaid = repository.commit("Overwrite names")
    repository.git("checkout", "-q", "work")
    house.edit(*WORD)
    repository.commit(f"Another word\n\nqmap-accept: FIELD {REASON}\n")
    repository.git("merge", "-q", "--no-edit", "--no-ff", "beside")
    said = house.publish("--accept-from", "main..HEAD")
    assert (said.code, house.sequence) == (4, 1)
    assert f"but {unsaid[:12]} changes acme and is not before it" in said.err
    repository.git("reset", "-q", "--hard", "beside")
    repository.git("commit", "-q", "--amend", "-m", f"Overwrite names\n\nqmap-accept: FIELD {REASON}\n")
    repository.git("checkout", "-q", "-b", "merging", "main")
    repository.git("merge", "-q", "--no-edit", "--no-ff", "work")
    assert house.published("--accept-from", "main..HEAD") == 2


def test_sources_that_git_ignores_are_not_what_was_committed(repository: Repository) -> None:
    house = repository.house
    house.edit(*OVERWRITE)
    (house.folder / ".gitignore").write_text("state/\nplans/\nchange.json\nmore.yaml\n")
    repository.commit(f"Overwrite names\n\nqmap-accept: FIELD {REASON}\n")
    acme = house.folder / "mappings" / "acme"
    (acme / "more.yaml").write_text((acme / "notes.yaml").read_text())
    house.compile()
    assert "acme/more.yaml" in house.fails("publish", "plans", "--accept-from", "main..HEAD", code=6)


def test_a_range_with_two_ends_is_wrong_use(repository: Repository) -> None:
    house = repository.house
    house.edit(*WORD)
    repository.commit("Another word")
    house.compile()
    assert "no one last commit" in house.fails("publish", "plans", "--accept-from", "main...HEAD", code=2)


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
