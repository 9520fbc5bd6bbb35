"""Going back is a new release over an older plan; what was left does not come again by accident."""

from __future__ import annotations

import pytest

from queast_compiler.plan.directory import plan_file
from release.house import ADDRESS, LOWER, LOWER_STILL, OVERWRITE, SECRET, WORD, House

AGREED = ("--reason", "agreed")


@pytest.fixture
def overwriting(house: House) -> tuple[str, str]:
    """The plans of `companies` before and after a second release."""
    first = house.mappings()["companies"]
    house.edit(*OVERWRITE)
    assert house.published("--accept", "FIELD", *AGREED) == 2
    return first, house.mappings()["companies"]


def test_going_back_is_a_new_release_that_says_what_changes_and_what_stays(
    house: House, overwriting: tuple[str, str]
) -> None:
    first, second = overwriting
    kept = {name: digest for name, digest in house.mappings().items() if name != "companies"}
    said = house("rollback", "companies", "--to", first[7:15], "--reason", "people's words were lost")
    assert (said.code, house.sequence) == (0, 3)
    assert house.mappings() == {**kept, "companies": first}
    assert f"{second[:19]} → {first[:19]}" in said.out
    assert "routes.companies.fields.name.write" in said.out
    assert "records, notes and links that were made meanwhile stay" in said.err
    assert "deliveries that are on their way end by the plan that they were made by" in said.err
    newest, middle, oldest = house.history()
    assert (newest["kind"], newest["active"], newest["digest"], newest["reason"]) == (
        "rollback",
        True,
        first,
        "people's words were lost",
    )
    assert newest["went_back"] == {"mapping": "companies", "left": second, "back_to": first}
    assert (middle["left_by"], oldest["left_by"]) == (3, None)
    text = house("history", "companies").out
    assert "left by release 3" in text
    assert f"active, back from {second[7:19]}" in text


def test_a_plan_that_was_left_comes_again_with_a_word_for_it_only(house: House, overwriting: tuple[str, str]) -> None:
    first, second = overwriting
    assert house("rollback", "companies", *AGREED, "--to", first).code == 0
    said = house.publish("--accept", "FIELD", *AGREED)
    assert (said.code, house.sequence) == (6, 3)
    assert f"acme/companies says what {second[:19]} did, which release 3 went back from" in said.err
    assert '--again --reason "..."' in said.err
    assert house.published("--accept", "FIELD", "--again", "--reason", "the owner asked for it") == 4
    assert house.history()[0]["again"] is True
    assert house.history()[0]["left_by"] is None
    assert house.published() == 5, "once is enough"


def test_a_comment_does_not_make_another_plan_of_one_that_was_left(house: House, overwriting: tuple[str, str]) -> None:
    assert house("rollback", "companies", *AGREED, "--to", overwriting[0]).code == 0
    house.edit("companies.yaml", "version: 1\n", "version: 1\n# tried once\n")
    said = house.publish("--accept", "FIELD", *AGREED)
    assert (said.code, house.sequence) == (6, 3)
    assert f"says what {overwriting[1][:19]} did" in said.err
    assert house.published("--accept", "FIELD", "--again", *AGREED) == 4
    assert house.mappings()["companies"] not in overwriting
    house.edit("companies.yaml", "# tried once\n", "")
    assert house.published() == 5


def test_going_forward_again_takes_the_mark_away(house: House, overwriting: tuple[str, str]) -> None:
    first, second = overwriting
    assert house("rollback", "companies", *AGREED, "--to", first).code == 0
    assert house("rollback", "companies", *AGREED, "--to", second, "--accept", "FIELD").code == 0
    assert house.published() == 5
    assert {row["sequence"]: row["left_by"] for row in house.history()} == {1: 4, 2: None, 3: 4, 4: None, 5: None}


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("sha256:" + "0" * 64, "never ran a plan"),
        ("0" * 8, "never ran a plan"),
        ("abc", "first 8 hex digits or more"),
        ("../../etc/passwd", "first 8 hex digits or more"),
        ("", "first 8 hex digits or more"),
    ],
)
def test_a_plan_that_never_ran_is_answered_with_those_that_did(
    house: House, overwriting: tuple[str, str], to: str, says: str
) -> None:
    err = house.fails("rollback", "companies", *AGREED, "--to", to, code=2)
    assert says in err
    assert f"known: {overwriting[0][:19]}" in err
    assert house.sequence == 2


def test_what_runs_already_and_what_is_not_published_is_wrong_use(house: House, overwriting: tuple[str, str]) -> None:
    first, second = overwriting
    assert "runs" in house.fails("rollback", "companies", *AGREED, "--to", second, code=2)
    assert "did you mean `companies`" in house.fails("rollback", "company", *AGREED, "--to", first, code=2)
    assert "no release of a tenant globex" in house.fails(
        "rollback", "companies", *AGREED, "--to", first, "-t", "globex", code=2
    )


def test_a_connection_that_changed_since_goes_back_with_all_its_mappings_or_not_at_all(house: House) -> None:
    first = house.mappings()
    house.edit(*LOWER)
    token = house.token("tenant_admin", "Bo")
    assert house.publish("--accept", "IDENTITY", *AGREED).code == 4
    assert house("approve", house.waiting()[0], "--token", token).code == 0
    lowered = house.mappings()
    err = house.fails("rollback", "companies", *AGREED, "--to", first["companies"], code=6)
    assert "the connection of acme/companies changed since that plan, and notes need it as it is" in err
    assert "to release 1: --with-connection" in err
    assert house.sequence == 2
    said = house(
        "rollback", "companies", *AGREED, "--to", first["companies"], "--with-connection", "--accept", "IDENTITY"
    )
    assert (said.code, house.sequence) == (0, 3)
    assert {name: house.mappings()[name] for name in ("companies", "notes")} == {
        name: first[name] for name in ("companies", "notes")
    }
    assert "0.9 → 0.95" in said.out
    # Both were left, so neither comes again unasked.
    again = house.publish("--accept", "IDENTITY", *AGREED)
    assert again.code == 6
    assert lowered["companies"][:19] in again.err


def test_a_mapping_alone_on_its_connection_takes_it_back_with_it(house: House) -> None:
    first = house.mappings()["events"]
    house.edit(*ADDRESS)
    assert house.published("--accept", "DESTINATION", *AGREED) == 2
    assert "nobody accepted DESTINATION" in house.fails("rollback", "events", *AGREED, "--to", first, code=4)
    said = house("rollback", "events", *AGREED, "--to", first, "--accept", "DESTINATION")
    assert (said.code, house.mappings()["events"]) == (0, first)
    assert "https://hooks2.acme.example/queast → https://hooks.acme.example/queast" in said.out


def test_a_mapping_that_is_newer_than_the_connections_plan_keeps_it_from_going_back(house: House) -> None:
    first = house.mappings()["companies"]
    house.edit(*LOWER_STILL)
    more = (house.folder / "mappings" / "acme" / "notes.yaml").read_text(encoding="utf-8")
    (house.folder / "mappings" / "acme" / "more-notes.yaml").write_text(more, encoding="utf-8")
    assert house.publish("--accept", "IDENTITY,SCOPE", *AGREED).code == 4
    assert house("approve", house.waiting()[0], "--token", house.token("tenant_admin", "Bo")).code == 0
    err = house.fails("rollback", "companies", *AGREED, "--to", first, "--with-connection", code=6)
    assert "acme/more-notes is newer than that plan of connection hubspot-main" in err
    assert house.sequence == 2


def test_no_tenant_weakens_security_by_going_back(house: House) -> None:
    """D5.1"""
    first = house.mappings()["events"]
    house.edit(*SECRET)
    assert house.published() == 2
    token = house.token("tenant_admin", "Bo")
    assert "does not accept SECURITY" in house.fails(
        "rollback", "events", *AGREED, "--to", first, "--token", token, code=6
    )
    assert house.sequence == 2
    assert "nobody accepted SECURITY" in house.fails("rollback", "events", *AGREED, "--to", first, code=4)
    assert house("rollback", "events", *AGREED, "--to", first, "--accept", "SECURITY").code == 0


def test_a_plan_that_was_altered_or_is_gone_is_not_gone_back_to(house: House, overwriting: tuple[str, str]) -> None:
    """D6.5"""
    plan = house.releases / "plans" / plan_file(overwriting[0])
    kept = plan.read_bytes()
    plan.write_bytes(kept.replace(b"acme", b"acne", 1))
    assert "was altered" in house.fails("rollback", "companies", *AGREED, "--to", overwriting[0], code=5)
    plan.unlink()
    assert "is not here" in house.fails("rollback", "companies", *AGREED, "--to", overwriting[0], code=5)
    assert house.sequence == 2


def test_a_release_from_before_records_were_kept_can_be_gone_back_to(house: House) -> None:
    """Old state folders have no history; it begins with the next release."""
    (house.releases / "history" / "1.json").unlink()
    first = house.mappings()["events"]
    assert "has no history here" in house.fails("history", "events", code=2)
    house.edit(*WORD)
    assert house.published() == 2
    rows = house.history("events")
    assert [(row["sequence"], row["subject"]) for row in rows] == [(2, "cli:anna"), (1, None)]
    assert house("rollback", "events", *AGREED, "--to", first).code == 0
    assert house.mappings()["events"] == first


def test_another_layout_of_the_connections_keeps_nothing_from_going_back(house: House) -> None:
    """Plans name the files that they came from by content, and their digests change with a comment."""
    first = house.mappings()
    house.edit("connections.yaml", "version: 1\n", "version: 1\n# who owns this: sales\n")
    house.edit(*OVERWRITE)
    assert house.published("--accept", "FIELD", *AGREED) == 2
    assert house.mappings()["notes"] != first["notes"]
    assert house("rollback", "companies", *AGREED, "--to", first["companies"]).code == 0
    assert [each["mapping"] for each in [house.history()[0]["went_back"]]] == ["companies"]
    assert house.history("notes")[0]["went_back"] is None
    house.undo(*OVERWRITE)
    assert house.published() == 4, "nothing of the others was left"
