"""Who comes through the door of the review page, and what is told to those who do not."""

from __future__ import annotations

import io
import json
import logging
from typing import get_args

import httpx
import pytest

from queast_runtime.observability import log
from queast_runtime.security.roles import GRANTED, PERMISSIONS, ROLES, Permission, Role
from queast_runtime.web.review import PAGES
from web.memory_desk import case_of, link_of
from web.visiting import OURS, House, Visitor, open_house

CASE = "/review/cases/rv_1"
ONE = "/review/matches/one?account=acct-1&object=companies&id=c_9"
ANSWER: dict[str, str | list[str]] = {"version": "1", "choice": "skip"}
UNLINK: dict[str, str | list[str]] = {"account": "acct-1", "object": "companies", "id": "c_9", "partner": "h9"}
BULK: dict[str, str | list[str]] = {"pick": "rv_1:1", "choice": "skip"}
# Every address but those that are open to anybody, with the permission that it takes.
READS: tuple[tuple[str, Permission], ...] = (
    ("/review", "review.read"),
    ("/review/keys", "review.read"),
    (CASE, "review.read"),
    ("/review/history", "review.read"),
    ("/review/matches", "links.read"),
    (ONE, "links.read"),
)
WRITES: tuple[tuple[str, dict[str, str | list[str]], Permission], ...] = (
    (f"{CASE}/answer", ANSWER, "review.answer"),
    (f"{CASE}/undo", {"version": "1"}, "review.answer"),
    ("/review/bulk", BULK, "review.bulk"),
    ("/review/bulk/answer", BULK, "review.bulk"),
    ("/review/matches/unlink", UNLINK, "links.unlink"),
)


@pytest.fixture
def house() -> House:
    house = open_house()
    house.desks["acme"].add(case_of("rv_1"))
    house.desks["acme"].links["acct-1", "companies", "c_9"] = link_of("c_9", "h9")
    return house


def sentence(response: httpx.Response) -> str:
    """What an error page says; every one has a heading and a sentence, and shows nothing of the inside."""
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "Traceback" not in response.text
    assert "<h1" in response.text
    return response.text


def test_every_role_and_permission_stands_in_the_table() -> None:
    """D5.1"""
    assert set(GRANTED) == set(ROLES) == set(get_args(Role))
    assert set().union(*GRANTED.values()) == set(PERMISSIONS)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reads_what_the_table_grants_it(house: House, role: Role) -> None:
    visitor = house.visitor(role)
    for path, permission in READS:
        assert visitor.get(path).status_code == (200 if permission in GRANTED[role] else 403), path


@pytest.mark.parametrize("role", ROLES)
def test_a_role_changes_what_the_table_grants_it(house: House, role: Role) -> None:
    """D5.1 only reviewer and tenant_admin answer"""
    for path, form, permission in WRITES:
        visitor, granted = house.visitor(role), permission in GRANTED[role]
        csrf = None if "review.read" in GRANTED[role] else "0" * 64
        came = visitor.post(path, form, csrf=csrf)
        assert came.status_code in ((200, 303, 409, 422) if granted else (403,)), (path, came.text)
    assert (house.desks["acme"].cases["rv_1"].version > 1) == (role in ("tenant_admin", "reviewer"))


def test_an_admin_of_the_platform_has_no_hand_in_a_tenants_cases_and_makes_no_tokens() -> None:
    """D5.1 what admin may do is releasing, and weaker signatures are accepted by no other role"""
    assert {each.partition(".")[0] for each in GRANTED["admin"]} == {"release", "policy"}
    assert [role for role in ROLES if "release.accept_security" in GRANTED[role]] == ["admin"]
    assert [role for role in ROLES if "tokens.mint" in GRANTED[role]] == ["tenant_admin"]


def test_support_is_told_which_role_it_takes(house: House) -> None:
    assert "You came as support; reading matches takes reviewer or tenant_admin." in sentence(
        house.visitor("support").get("/review")
    )


def test_every_page_but_the_open_ones_is_in_these_tables(house: House) -> None:
    known = {path.partition("?")[0].replace("rv_1", "{id}") for path, *_ in (*READS, *WRITES)}
    guarded = {path for path, page in PAGES if page.permission is not None}
    assert guarded - known == {"/review/"}
    assert {path for path, page in PAGES if page.permission is None} == {
        "/review/assets/{name}",
        "/review/login",
        "/review/logout",
        "/review/{rest:path}",
    }


def test_nobody_in_particular_is_asked_to_log_in_everywhere(house: House) -> None:
    nobody = house.visitor(None)
    for path, _ in READS:
        came = nobody.get(path)
        assert came.status_code == 401
        assert "Log in to review matches" in sentence(came)
        assert "Nordic" not in came.text
    for path, form, _ in WRITES:
        assert nobody.post(path, form, csrf="0" * 64).status_code == 401
    assert house.desks["acme"].cases["rv_1"].version == 1


def test_logging_in_leads_back_to_the_page_that_was_asked_for(house: House) -> None:
    visitor = house.visitor(None)
    assert f'name="to" value="{CASE}"' in visitor.get(CASE).text
    came = visitor.post("/review/login", {"token": house.token(), "to": CASE}, csrf="")
    assert (came.status_code, came.headers["location"]) == (303, CASE)
    assert visitor.get(CASE).status_code == 200


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example/", "/review/../x", "javascript:alert(1)", "/review/logout", "/"]
)
def test_logging_in_leads_nowhere_else(house: House, to: str) -> None:
    came = house.visitor(None).post("/review/login", {"token": house.token(), "to": to}, csrf="")
    assert (came.status_code, came.headers["location"]) == (303, "/review")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    visitor = house.visitor(None)
    on_loopback = visitor.post("/review/login", {"token": house.token(hours=2)}, csrf="").headers["set-cookie"]
    assert on_loopback.startswith("qmap-session=")
    assert on_loopback.endswith("; Path=/; Max-Age=7200; HttpOnly; SameSite=Strict")
    for address in ("https://review.example", "http://review.example"):
        away = Visitor(house.app, address)
        cookie = away.post("/review/login", {"token": house.token()}, csrf="").headers["set-cookie"]
        assert cookie.startswith("__Host-qmap-session=")
        assert cookie.endswith("; Path=/; Max-Age=28800; HttpOnly; SameSite=Strict; Secure")


def test_neither_token_nor_cookie_passes_for_the_other(house: House) -> None:
    visitor = house.visitor()
    cookie = visitor.cookies["qmap-session"]
    as_token = house.visitor(None).post("/review/login", {"token": cookie}, csrf="")
    assert as_token.status_code == 401
    stranger = house.visitor(None)
    stranger.cookies.set("qmap-session", house.token(), domain="127.0.0.1")
    assert stranger.get("/review").status_code == 401


def test_a_session_ends_with_its_token(house: House) -> None:
    visitor = house.visitor()
    house.clock.move(hours=7, minutes=59)
    assert visitor.get("/review").status_code == 200
    csrf = visitor.csrf()
    house.clock.move(minutes=1)
    ended = visitor.get(CASE)
    assert ended.status_code == 401
    assert "This token ended at 2026-11-27 20:00 UTC; ask for a new one." in sentence(ended)
    assert "Max-Age=0" in ended.headers["set-cookie"]
    visitor.cookies.set("qmap-session", "stale", domain="127.0.0.1")
    assert visitor.post(f"{CASE}/answer", ANSWER, csrf=csrf).status_code == 401
    assert house.desks["acme"].cases["rv_1"].version == 1


def test_logging_out_ends_the_session_even_for_whoever_kept_the_cookie(house: House) -> None:
    visitor = house.visitor()
    kept = visitor.cookies["qmap-session"]
    out = visitor.post("/review/logout", {})
    assert (out.status_code, out.headers["location"]) == (303, "/review/login")
    assert "Max-Age=0" in out.headers["set-cookie"]
    thief = house.visitor(None)
    thief.cookies.set("qmap-session", kept, domain="127.0.0.1")
    came = thief.get("/review")
    assert came.status_code == 401
    assert "You logged out" in came.text


def test_an_ended_session_does_not_keep_anybody_from_logging_in_again(house: House) -> None:
    visitor = house.visitor()
    house.clock.move(hours=9)
    assert visitor.post("/review/login", {"token": house.token()}, csrf="").status_code == 303
    assert visitor.get("/review").status_code == 200


@pytest.mark.parametrize(
    ("csrf", "headers", "says"),
    [
        ("", OURS, "does not belong to this session"),
        ("0" * 64, OURS, "does not belong to this session"),
        ("ä", OURS, "does not belong to this session"),
        (None, {}, "not sent from this page itself"),
        (None, {"origin": "null"}, "not sent from this page itself"),
        (None, {"origin": "https://evil.example"}, "not sent from this page itself"),
        (None, {"sec-fetch-site": "cross-site"}, "not sent from this page itself"),
        (None, {"sec-fetch-site": "same-site", "origin": "http://127.0.0.1:8080"}, "not sent from this page itself"),
        (None, {"sec-fetch-site": "none"}, "not sent from this page itself"),
    ],
)
def test_a_form_of_somebody_else_changes_nothing(
    house: House, csrf: str | None, headers: dict[str, str], says: str
) -> None:
    visitor = house.visitor()
    for path, form, _ in (*WRITES, ("/review/logout", {}, None)):
        came = visitor.post(path, form, csrf=csrf, headers=headers)
        assert came.status_code == 403
        assert says in sentence(came)
    assert house.desks["acme"].cases["rv_1"].version == 1
    assert house.desks["acme"].links
    assert visitor.get("/review").status_code == 200


def test_another_sessions_form_token_does_not_count(house: House) -> None:
    ana, ben = house.visitor(subject="ana"), house.visitor(subject="ben")
    assert ana.post(f"{CASE}/answer", ANSWER, csrf=ben.csrf()).status_code == 403


def test_the_forms_token_counts_in_a_header_too(house: House) -> None:
    visitor = house.visitor()
    headers = {"origin": "http://127.0.0.1:8080", "x-csrf-token": visitor.csrf()}
    assert visitor.send("POST", f"{CASE}/answer", headers, data=ANSWER).status_code == 303


def test_every_answer_carries_the_same_headers(house: House) -> None:
    visitor, nobody = house.visitor(), house.visitor(None)
    answers = [
        visitor.get("/review"),
        visitor.get(CASE),
        visitor.get("/review/nothing"),
        nobody.get("/review"),
        visitor.post(f"{CASE}/answer", ANSWER),
        visitor.post(f"{CASE}/answer", ANSWER),
        visitor.send("DELETE", "/review"),
        nobody.get("/review/assets/review.css"),
    ]
    assert [each.status_code for each in answers] == [200, 200, 404, 401, 303, 409, 405, 200]
    for each in answers:
        assert each.headers["content-security-policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
        assert each.headers["referrer-policy"] == "no-referrer"
        assert each.headers["x-content-type-options"] == "nosniff"
    assert {each.headers["cache-control"] for each in answers[:-1]} == {"no-store"}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
def test_other_methods_are_told_which_there_are(house: House, method: str) -> None:
    came = house.visitor().send(method, "/review/login")
    assert (came.status_code, came.headers["allow"]) == (405, "GET, HEAD, POST")
    assert "GET, HEAD, POST only" in sentence(came)


def test_assets_come_by_name_only(house: House) -> None:
    nobody = house.visitor(None)
    for name in ("../door.py", "..%2fdoor.py", "htmx.LICENSE.txt", "nothing", "%00"):
        assert nobody.get(f"/review/assets/{name}").status_code == 404


def test_another_tenants_ids_are_as_if_they_did_not_exist(house: House) -> None:
    theirs, never = house.visitor(tenant="nordlys"), "/review/cases/rv_0"
    pages = [
        theirs.get(CASE),
        theirs.get(never),
        theirs.get(ONE),
        theirs.get(ONE.replace("c_9", "c_0")),
        theirs.post(f"{CASE}/answer", ANSWER),
        theirs.post(f"{never}/answer", ANSWER),
        theirs.post(f"{CASE}/undo", {"version": "1"}),
        theirs.post("/review/matches/unlink", UNLINK),
    ]
    assert {each.status_code for each in pages} == {404}
    assert len({each.text for each in pages}) == 1
    preview = theirs.post("/review/bulk", BULK)
    assert "Nordic" not in preview.text
    assert "0 cases?" in preview.text
    assert "Nordic" not in theirs.get("/review").text
    assert house.desks["acme"].cases["rv_1"].version == 1
    assert house.desks["acme"].links


@pytest.mark.parametrize("name", ["tenant", "role", "actor"])
def test_a_form_cannot_say_who_sends_it(house: House, name: str) -> None:
    came = house.visitor().post(f"{CASE}/answer", {**ANSWER, name: "nordlys"})
    assert came.status_code == 400
    assert "It has a field that this page does not know" in sentence(came)
    assert house.visitor().get(f"{CASE}?{name}=nordlys").status_code == 400


def test_the_log_holds_neither_queries_nor_ids_nor_names(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = io.StringIO()
    logger = logging.getLogger("queast")
    for name, value in (("handlers", []), ("level", logger.level), ("propagate", logger.propagate)):
        monkeypatch.setattr(logger, name, value)
    log.log_to(lines)
    visitor = house.visitor(subject="Ana Berg")
    visitor.get(f"{CASE}?candidate=h77")
    visitor.post(f"{CASE}/answer", {**ANSWER, "note": "Nordic is ours"})
    visitor.get("/review/secret-looking/path?token=abc")
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [(each["page"], each["status"]) for each in logged[1:]] == [
        ("case", 200),
        ("keys", 200),
        ("answer", 303),
        ("nothing", 404),
    ]
    assert {frozenset(each) for each in logged} == {
        frozenset(("at", "level", "event", "page", "method", "status", "tenant", "ms"))
    }
    for trace in ("h77", "Nordic", "Berg", "abc", "secret"):
        assert trace not in lines.getvalue()


def test_a_fault_of_ours_ends_in_a_sentence(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = house.visitor()

    def broken() -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(type(house.desks["acme"]), "stats", lambda _: broken())
    came = visitor.get("/review")
    assert came.status_code == 500
    assert "hunter2" not in sentence(came)
