"""Debian's Chromium before the served review page; one browser for the tests of a file.

The browser lives as long as a file, not as long as the session: while it runs, nothing else in this process can run an
event loop, and the tests of other files do.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from browser.house import Served, fill, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = "QMAP_CHROMIUM"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    program = os.environ.get(CHROMIUM)
    if not program:
        pytest.skip(f"{CHROMIUM} does not say where Chromium is (.ci/run installs it where there is apt-get)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # The pages are ours and on loopback; Chromium's own sandbox cannot run as root.
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="module")
def address() -> Iterator[Served]:
    with served() as here:
        yield here


@pytest.fixture
def here(address: Served) -> Served:
    """The served house, filled anew."""
    fill(address.desk)
    return address


@pytest.fixture
def visit(chromium: Browser, here: Served) -> Iterator[Callable[..., Page]]:
    """Open a page in a context of its own, as somebody who logged in; it may complain of nothing."""
    complaints: list[str] = []
    contexts = []

    def opened(path: str = "/review", *, subject: str = "Ana Berg", logged_in: bool = True, **options: object) -> Page:
        size = {"width": 1180, "height": 900}
        context = chromium.new_context(**{"viewport": size, "base_url": here.address, **options})  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if is_trouble(said.type, said.text) else None)
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        if logged_in:
            session = here.house.visitor(subject=subject).cookies["qmap-session"]
            context.add_cookies([{"name": "qmap-session", "value": session, "url": here.address}])
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def is_trouble(kind: str, text: str) -> bool:
    """Whether a line of the console tells of a fault; that a page came with a status of 4xx is none."""
    return (
        kind in ("error", "warning")
        and "the server responded with a status of 4" not in text
        and ("Response Status Error Code 4" not in text)
    )
