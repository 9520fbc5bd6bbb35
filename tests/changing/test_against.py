"""What `qmap diff` compares with: a commit, what runs, a folder; and what it says when that is not there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from changing.here import Here

ACME = "mappings/acme/acme-hubspot.yaml"
LOOSER = ("{review: 0.80}", "{auto_link: 0.88, review: 0.80}")


def loosen(here: Here) -> None:
    here.edit("mappings/acme/connections.yaml", *LOOSER)


def test_without_a_change_it_says_so_and_ends_with_0(here: Here) -> None:
    said = here("diff", "--against", "git:main")
    assert said.code == 0
    assert said.out.startswith("no change: the plans are those of git:main (")


def test_comments_and_layout_are_no_change(here: Here) -> None:
    here.edit(ACME, "mode: live\n", "# who looks after this: Anna\n\nmode:   'live'\n")
    assert here("diff", "--against", "git:main").code == 0
    assert here.kinds() == []


def test_a_gated_change_ends_with_4_and_says_how_to_go_on(here: Here) -> None:
    loosen(here)
    said = here("diff", "--against", "git:main")
    assert said.code == 4
    assert "! " in said.out
    assert "0.95 → 0.88" in said.out
    assert (
        "Gated: IDENTITY.  To go on: qmap diff --out change.json && qmap publish change.json --accept IDENTITY"
        in said.out
    )


@pytest.mark.parametrize(("flags", "code"), [((), 0), (("--detailed-exitcode",), 3)])
def test_a_change_that_nobody_must_accept_ends_with_0_or_else_3(flags: tuple[str, ...], code: int, here: Here) -> None:
    here.edit(ACME, "signal.score >= 40", "signal.score >= 60")
    assert here("diff", "--against", "git:main", *flags).code == code


def test_a_commit_that_git_does_not_know_is_named(here: Here) -> None:
    assert "git knows no commit nowhere" in here.fails("diff", "--against", "git:nowhere", code=2)
    assert "a commit is needed, and none is named" in here.fails("diff", "--against", "git:", code=2)
    assert "a commit is needed, and none is named" in here.fails("diff", "--against", "git:--help", code=2)


def test_a_shallow_clone_is_told_how_to_get_the_reference(here: Here, tmp_path: Path) -> None:
    here.commit("Another")
    shallow = tmp_path / "shallow"
    here.git("clone", "--quiet", "--depth=1", f"file://{here.folder}", str(shallow))
    there = Here(shallow, here.monkeypatch)
    assert "this clone is shallow: fetch the reference first" in there.fails("diff", "--against", "git:v1", code=2)


def test_a_folder_in_no_repository_is_told_so(here: Here, tmp_path_factory: pytest.TempPathFactory) -> None:
    alone = tmp_path_factory.mktemp("alone")
    (here.folder / "mappings").rename(alone / "mappings")
    elsewhere = Here(alone, here.monkeypatch)
    assert "is in no git repository" in elsewhere.fails("diff", "--against", "git:main", code=2)
    assert "is no folder" in elsewhere.fails("diff", "--against", "nowhere", code=2)


def test_a_machine_without_git_is_told_so(here: Here) -> None:
    here.monkeypatch.setenv("PATH", str(here.folder / "nothing"))
    assert "git is not installed here" in here.fails("diff", "--against", "git:main", code=5)


def test_comparing_makes_no_state_folder(here: Here) -> None:
    here("diff", "--against", "git:main")
    here("diff")
    assert not (here.folder / "state").exists()


def test_what_is_published_is_compared_with_by_default(here: Here) -> None:
    assert here("compile").code == 0
    assert here("publish", "plans").code == 0
    assert here("diff").code == 0
    loosen(here)
    said = here("diff", "--format", "json")
    assert said.code == 4
    assert said.json["against"]["kind"] == "published"
    assert said.json["gated"] == ["IDENTITY"]


def test_before_anything_is_published_everything_is_new(here: Here) -> None:
    said = here("diff", "--sample", "0", "mappings/nordlys")
    assert "nothing is published here" in here("diff", "--sample", "0", "--format", "md", "mappings/nordlys").out
    assert "new        connection pipedrive-main" in said.out


def test_a_release_that_cannot_be_trusted_is_compared_with_by_nobody(here: Here) -> None:
    here("compile")
    here("publish", "plans")
    path = here.folder / "state" / "releases" / "acme" / "current.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"payload":"', '"payload":"AAAA'), encoding="utf-8")
    assert "the published release of acme cannot be trusted" in here.fails("diff", code=6)


def test_it_says_when_what_runs_is_not_what_the_branch_says(here: Here) -> None:
    here("compile")
    here("publish", "plans")
    assert "which runs, is not" not in here("diff", "--against", "git:main").out
    loosen(here)
    here.commit("Loosen without publishing")
    here.edit(ACME, "signal.score >= 40", "signal.score >= 60")
    said = here("diff", "--against", "git:main")
    assert "note: release 1 of acme, which runs, is not what git:main" in said.out
    assert "(IDENTITY)" in said.out


def test_a_folder_of_plans_and_a_folder_of_sources_are_both_compared_with(here: Here, tmp_path: Path) -> None:
    here("compile", "-o", "plans")
    here.git("worktree", "add", "--quiet", "--detach", "before", "main")
    loosen(here)
    for against in ("plans", "before/mappings"):
        said = here("diff", "--against", against, "--sample", "0", "--format", "json")
        assert said.code == 4
        assert [each["tenant"] for each in said.json["tenants"] if each["changes"]] == ["acme"]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "holds neither plans nor a tenant" in here.fails("diff", "--against", "empty", code=2)


def test_what_did_not_compile_before_counts_as_new(here: Here) -> None:
    here.edit(ACME, "company.founded_on", "company.founded_onn")
    here.commit("Break it")
    here.edit(ACME, "company.founded_onn", "company.founded_on")
    said = here("diff", "--against", "git:main", "--sample", "0")
    assert "acme/acme-hubspot did not compile at git:main" in said.out
    assert "plan" in said.out
    assert ", new        connection hubspot-main" in said.out


def test_errors_in_the_sources_are_findings(here: Here) -> None:
    here.edit(ACME, "company.founded_on", "company.founded_onn")
    said = here("diff", "--against", "git:main")
    assert said.code == 1
    assert "company.founded_on" in said.out


def test_a_tenant_and_a_mapping_that_are_gone_are_shown(here: Here) -> None:
    (here.folder / "mappings" / "fjordbank" / "warehouse-stars.yaml").unlink()
    shutil.rmtree(here.folder / "mappings" / "nordlys")
    said = here("diff", "--against", "git:main", "--sample", "0")
    assert "mapping warehouse-stars" in said.out
    assert "mapping nordlys-pipedrive" in said.out
    assert said.out.count(", gone") >= 2


def test_only_what_was_asked_for_is_compared(here: Here) -> None:
    here.edit("mappings/nordlys/nordlys-pipedrive.yaml", "mode: live", "mode: off")
    here.edit(ACME, "mode: live", "mode: off")
    asked = here("diff", "--against", "git:main", "--sample", "0", "--format", "json", "mappings/acme").json
    assert [each["tenant"] for each in asked["tenants"]] == ["acme"]
    one = here(
        "diff", "--against", "git:main", "--sample", "0", "--format", "json", "mappings/fjordbank/warehouse.yaml"
    )
    assert [change for each in one.json["tenants"] for change in each["changes"]] == []


def test_links_and_large_files_of_a_commit_are_not_followed(here: Here) -> None:
    (here.folder / "mappings" / "acme" / "linked.yaml").symlink_to("/etc/passwd")
    (here.folder / "mappings" / "acme" / "huge.yaml").write_text("#" * (3 * 1024 * 1024), encoding="utf-8")
    here.commit("Odd files")
    (here.folder / "mappings" / "acme" / "linked.yaml").unlink()
    (here.folder / "mappings" / "acme" / "huge.yaml").unlink()
    said = here("diff", "--against", "git:main", "--sample", "0")
    assert "root:" not in said.out + said.err
    assert "acme/huge did not compile at git:main" in said.out


def test_a_repository_with_many_other_files_is_read_for_the_mappings_alone(here: Here) -> None:
    for folder in range(20):
        (here.folder / "other" / str(folder)).mkdir(parents=True)
        for number in range(500):
            (here.folder / "other" / str(folder) / f"{number}.yaml").write_text("a: 1\n", encoding="utf-8")
    here.commit("10,000 files")
    loosen(here)
    said = here("diff", "--against", "git:main", "--sample", "0", "--format", "json")
    assert said.code == 4
    assert said.json["gated"] == ["IDENTITY"]


@pytest.mark.parametrize("made", [os.mkfifo, os.mkdir], ids=["a pipe", "a folder"])
def test_what_is_no_file_in_the_place_of_one_is_a_finding(made: Callable[[Path], None], here: Here) -> None:
    (here.folder / ACME).unlink()
    made(here.folder / ACME)
    said = here("diff", "--against", "git:main")
    assert said.code == 1
    assert "acme-hubspot.yaml` cannot be read" in said.out


@pytest.mark.parametrize("option", ["--events", "--records"])
def test_what_is_no_file_of_events_or_records_is_told_in_one_line(option: str, here: Here) -> None:
    loosen(here)
    for name, content in (("gone", None), ("binary", b"\xff\xfe\x00\x01"), ("folder", b"")):
        path = here.folder / name
        if name == "folder":
            path.mkdir()
        elif content is not None:
            path.write_bytes(content)
        said = here("diff", "--against", "git:main", "mappings/acme", option, name)
        assert said.code in (2, 4, 5)
        assert "this is a bug" not in said.err
        assert said.err.count("\n") <= 2


def test_a_change_of_single_files_is_not_written_for_publish(here: Here) -> None:
    loosen(here)
    asked = ("diff", "--against", "git:main", "--sample", "0", "mappings/acme/acme-hubspot.yaml")
    assert "--out writes a change of whole tenants" in here.fails(*asked, "--out", "change.json", code=2)
    here.edit("mappings/fjordbank/warehouse.yaml", "mode: live", "mode: off")
    only = here("diff", "--against", "git:main", "--sample", "0", "mappings/fjordbank/warehouse-stars.yaml")
    assert "1 change of other files of fjordbank not shown" in only.err


def test_a_machine_that_knows_of_no_release_says_so(here: Here) -> None:
    loosen(here)
    said = here("diff", "--against", "git:main", "--sample", "0")
    assert "what is live for acme is not known here" in said.out
    assert "fjordbank" not in said.out


def test_another_policy_is_told_of_even_where_it_changes_no_plan(here: Here) -> None:
    (here.folder / "mappings" / "policy.yaml").write_text("version: 1\n", encoding="utf-8")
    shutil.rmtree(here.folder / "mappings" / "fjordbank")
    here.commit("Less")
    here.edit("mappings/policy.yaml", "version: 1\n", "version: 1\nmatching:\n  auto_link: {min: 0.9}\n")
    for format in ("text", "md"):
        said = here("diff", "--against", "git:main", "--format", format, "--sample", "0")
        assert "policy.yaml is another one than at git:main" in said.out
    assert here("diff", "--against", "git:main", "--format", "json").json["notes"]
