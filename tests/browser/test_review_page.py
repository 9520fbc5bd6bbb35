"""The review page in Chromium: by keyboard alone, without JavaScript, two people at one case, and without barriers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from browser.house import Served
from web.memory_desk import case_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

    Visit = Callable[..., Page]

AXE = "QMAP_AXE"
SCREENSHOTS = "QMAP_SCREENSHOTS"
# Between them they have everything that has a colour.
IN_DARK = ("login-refused", "case", "decided", "match", "notice", "preview")
ONE = "/review/matches/one?account=acct-1&object=companies&id=c_0"


def heading(page: Page, says: str) -> None:
    """Wait until the page's heading says so, and has the focus if the page came in place of another."""
    page.locator("h1", has_text=says).wait_for()


def told(page: Page, says: str) -> None:
    """Wait until those who listen are told so: it is said a moment after the page came."""
    page.locator("#live", has_text=says).wait_for(state="attached")


def answers(here: Served) -> dict[str, tuple[str, str | None]]:
    return {each.id: (each.answer.choice, each.answer.partner_id) for each in here.desk.cases.values() if each.answer}


def test_the_whole_flow_by_keyboard_alone(visit: Visit, here: Served) -> None:
    page = visit(logged_in=False)
    press = page.keyboard.press
    heading(page, "Log in")
    press("Tab")
    while page.evaluate("document.activeElement.id") != "token":
        press("Tab")
    page.keyboard.insert_text(here.house.token(subject="Ana Berg"))
    press("Tab")
    press("Enter")
    heading(page, "Matches to decide")
    for _ in range(3):
        press("j")
    press("k")
    assert "Bergen" in page.evaluate("document.activeElement.textContent")
    press("k")
    press("Enter")
    heading(page, "Which record is Nordic Data AS?")
    assert page.evaluate("document.activeElement.tagName") == "H1"

    press("2")
    page.locator('[aria-current][data-key="2"]').wait_for()
    assert "Nordisk Data AB" in page.evaluate("document.activeElement.textContent")
    press("1")
    page.locator('[aria-current][data-key="1"]').wait_for()
    press("a")
    heading(page, "Bergen Maritime Group")
    assert answers(here) == {"rv_551": ("link", "h1")}
    told(page, "Linked to h1")

    press("z")
    heading(page, "Nordic Data AS")
    assert answers(here) == {}
    press("r")
    page.locator(".notice >> text=1 candidates are left").wait_for()
    assert here.desk.rejected == {"rv_551": {"h1"}}
    press("j")
    heading(page, "Bergen Maritime Group")
    press("k")
    heading(page, "Nordic Data AS")
    press("c")
    heading(page, "Bergen Maritime Group")
    press("s")
    heading(page, "Solvay SA")
    press("u")
    heading(page, "Søndre Fjord Bank")
    assert answers(here) == {"rv_551": ("create", None)}
    assert [each.id for each in here.desk.cases.values() if each.put_off_at] == ["rv_552", "rv_553"]
    assert here.desk.cases["rv_553"].unsure_by == "web:Ana Berg"

    press("?")
    page.locator("dialog[open]").wait_for()
    press("c")
    press("Escape")
    page.locator("dialog:not([open])").wait_for(state="attached")
    assert "rv_554" not in answers(here), "a key in the window of keys is no answer"
    while page.evaluate("document.activeElement.textContent") != "Log out":
        press("Tab")
    press("Enter")
    heading(page, "Log in")
    page.goto("/review")
    heading(page, "Log in")


def test_keys_are_left_alone_in_fields_and_with_modifiers(visit: Visit, here: Served) -> None:
    page = visit("/review/cases/rv_551")
    for key in ("Control+a", "Alt+r", "Meta+c", "Shift+S", "Control+Shift+u"):
        page.keyboard.press(key)
    page.focus("input[name=note]")
    page.keyboard.type("acrsuz? 12")
    page.wait_for_timeout(100)
    assert page.input_value("input[name=note]") == "acrsuz? 12"
    assert [each.version for each in here.desk.cases.values()] == [1] * 6
    page.keyboard.press("Enter")
    heading(page, "Bergen Maritime Group")
    assert here.desk.cases["rv_551"].answer is not None
    assert here.desk.cases["rv_551"].answer.note == "acrsuz? 12"


def test_keys_can_be_switched_off_and_stay_off(visit: Visit, here: Served) -> None:
    page = visit("/review/cases/rv_551")
    page.keyboard.press("?")
    page.uncheck("#keys-on")
    page.click("dialog >> text=Close")
    page.reload()
    for key in ("a", "s", "?", "j"):
        page.keyboard.press(key)
    page.wait_for_timeout(100)
    heading(page, "Nordic Data AS")
    assert page.locator("dialog[open]").count() == 0
    assert answers(here) == {}
    page.click("nav >> text=Keys")
    page.check("#keys-on")
    page.click("dialog >> text=Close")
    page.keyboard.press("a")
    heading(page, "Bergen Maritime Group")


def test_everything_works_without_javascript(visit: Visit, here: Served) -> None:
    page = visit(java_script_enabled=False)
    page.select_option("select[name=connection]", "hubspot-main")
    page.click("text=Show")
    page.click("text=Start deciding")
    page.click("text=Nordisk Data AB")
    page.fill("input[name=note]", "the Swedish branch")
    page.click("button[value=link]")
    heading(page, "Bergen Maritime Group")
    assert page.url.endswith("/review/cases/rv_552?connection=hubspot-main")
    assert answers(here) == {"rv_551": ("link", "h77")}
    page.click("text=Undo")
    heading(page, "Nordic Data AS")
    assert answers(here) == {}
    page.goto("/review")
    page.check("input[value='rv_551:3']")
    page.check("input[value='rv_554:1']")
    page.select_option("select[name=choice]", "unsure")
    page.click("text=Preview")
    heading(page, "Mark as unsure: 2 cases?")
    page.click("button.primary")
    heading(page, "Mark as unsure: 2 of 2 done")
    page.click("nav >> text=Matches")
    page.click("text=Fjordbank ASA")
    page.check("input[name=revert]")
    page.click("text=Take it down")
    page.locator("text=3 fields are restored").wait_for()
    assert ("acct-1", "companies", "c_0") not in here.desk.links
    page.click("nav >> text=History")
    heading(page, "History")
    page.click("nav >> text=Keys")
    heading(page, "Keys")
    page.click("text=Log out")
    heading(page, "Log in")


@pytest.mark.parametrize("scripts", [True, False])
def test_two_people_at_one_case_get_one_answer(visit: Visit, here: Served, scripts: bool) -> None:
    ana = visit("/review/cases/rv_551", java_script_enabled=scripts)
    ben = visit("/review/cases/rv_551", subject="Ben", java_script_enabled=scripts)
    ben.click("text=Nordisk Data AB")
    ben.locator('[aria-current][data-key="2"]').wait_for()
    ben.click("button[value=link]")
    heading(ben, "Bergen Maritime Group")
    with ana.expect_response("**/answer*") as came:
        ana.click("button[value=create]")
    assert came.value.status == 409
    heading(ana, "Somebody was faster")
    assert "web:Ben answered Nordic Data AS just now: accepted Nordisk Data AB" in ana.inner_text("main")
    assert answers(here) == {"rv_551": ("link", "h77")}
    ana.click("text=Next case")
    heading(ana, "Bergen Maritime Group")


def test_a_script_in_a_name_never_runs(visit: Visit, here: Served) -> None:
    bad = '<img src=x onerror="alert(1)"><script>alert(2)</script><b hx-get="/review" hx-trigger="load">'
    here.desk.cases["rv_551"] = case_of("rv_551", bad, reason=bad, connection=bad)
    page = visit("/review")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    heading(page, "onerror")
    page.wait_for_timeout(200)
    assert page.locator("main img, main script, main [hx-get]").count() == 0


def test_going_back_shows_the_page_as_it_is_now(visit: Visit, here: Served) -> None:
    page = visit("/review")
    page.click("text=Nordic Data AS")
    heading(page, "Nordic Data AS")
    page.keyboard.press("a")
    heading(page, "Bergen Maritime Group")
    page.go_back()
    page.locator("text=Undo this answer").wait_for()
    assert page.evaluate("Object.values(sessionStorage).join().includes('Nordic')") is False
    assert page.evaluate("Object.keys(localStorage).join()") == ""


def test_a_link_from_another_site_finds_who_is_logged_in(visit: Visit, here: Served) -> None:
    """The cookie is strictly for this site; to a browser, localhost is another one than 127.0.0.1."""
    page = visit("/review")
    page.goto(here.address.replace("127.0.0.1", "localhost") + "/review/login")
    page.evaluate("to => { location.href = to }", f"{here.address}/review/cases/rv_552")
    heading(page, "Bergen Maritime Group")
    stranger = visit(logged_in=False)
    stranger.goto(here.address.replace("127.0.0.1", "localhost") + "/review/login")
    stranger.evaluate("to => { location.href = to }", f"{here.address}/review/cases/rv_552")
    stranger.locator('input[name=to][value="/review/cases/rv_552"]').wait_for(state="attached")
    heading(stranger, "Log in")


def pages(here: Served, visit: Visit, **options: object) -> Iterator[tuple[str, Page]]:
    """Every page there is, in each of its states."""
    page = visit("/review/cases/rv_551", logged_in=False, **options)
    yield "login", page
    page.fill("#token", "nonsense")
    page.click("button.primary")
    yield "login-refused", page
    page = visit("/review", **options)
    yield "queue", page
    page.click("nav >> text=Keys")
    yield "keys-window", page
    for name, path in (
        ("nothing-fits", "/review?kind=inbound"),
        ("keys", "/review/keys"),
        ("case", "/review/cases/rv_551"),
        ("blind", "/review/cases/rv_553"),
        ("no-candidate", "/review/cases/rv_554"),
        ("look-up-failed", "/review/cases/rv_555"),
        ("not-looked-up", "/review/cases/rv_556"),
        ("matches", "/review/matches"),
        ("match", ONE),
        ("history", "/review/history"),
        ("nothing-there", "/review/cases/rv_0"),
    ):
        page.goto(path)
        yield name, page
    page.goto("/review/cases/rv_552")
    page.click("button[value=unsure]")
    heading(page, "Solvay")
    yield "notice", page
    page.goto("/review/cases/rv_552")
    yield "unsure", page
    page.click("button[value=link]")
    page.goto("/review/cases/rv_552")
    yield "decided", page
    page.goto("/review")
    page.click("text=Pick all")
    page.select_option("select[name=choice]", "link")
    page.click("text=Preview")
    heading(page, "Accept the only candidate")
    yield "preview", page
    page.goto("/review/cases/rv_551")
    here.desk.cases["rv_551"] = case_of("rv_551", version=7)
    page.click("button[value=create]")
    heading(page, "Somebody was faster")
    yield "stale", page


def test_no_page_has_a_barrier_that_axe_knows(visit: Visit, here: Served) -> None:
    """WCAG 2.1 AA and axe's best practices, on every page; contrast in both colour schemes."""
    source = os.environ.get(AXE)
    if not source:
        pytest.skip(f"{AXE} does not say where axe.min.js is (.ci/run installs it where there is npm)")
    axe = Path(source).read_text(encoding="utf-8")
    found: dict[str, Any] = {}
    seen = []
    for name, page in pages(here, visit, reduced_motion="reduce"):
        page.evaluate(axe)
        came = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert len(came["passes"]) > 10, "axe looked at the page"
        dark: dict[str, Any] = {"violations": []}
        if name in IN_DARK:
            page.emulate_media(color_scheme="dark")
            dark = page.evaluate("axe.run(document, {runOnly: ['color-contrast'], resultTypes: ['violations']})")
            page.emulate_media(color_scheme="light")
        barriers = [
            (each["id"], [node["html"] for node in each["nodes"]])
            for each in (*came["violations"], *dark["violations"])
        ]
        if barriers:
            found[name] = barriers
        seen.append(name)
    assert found == {}
    assert len(seen) == 20


@pytest.mark.parametrize("width", [320, 760])
def test_nothing_is_cut_off_on_a_narrow_screen(visit: Visit, here: Served, width: int) -> None:
    here.desk.cases["rv_551"] = case_of("rv_551", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 2)
    page = visit("/review", viewport={"width": width, "height": 700})
    for path in ("/review", "/review/cases/rv_551", "/review/cases/rv_552", "/review/matches", ONE, "/review/history"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_pictures_are_taken_when_asked_for(visit: Visit, here: Served) -> None:
    folder = os.environ.get(SCREENSHOTS)
    if not folder:
        pytest.skip(f"{SCREENSHOTS} names no folder for pictures")
    for name, page in pages(here, visit):
        page.screenshot(path=Path(folder) / f"{name}.png")
    assert (Path(folder) / "case.png").stat().st_size > 10_000
