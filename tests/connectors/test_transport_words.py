"""What of a broken exchange is kept in plain text: never a text that quotes an answer or an address."""

from __future__ import annotations

import aiohttp
import pytest
from yarl import URL

from queast_runtime.connectors.http import _said


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (aiohttp.http_exceptions.BadStatusLine("kari@acme.no"), "BadStatusLine"),
        (aiohttp.InvalidURL(URL("https://crm.example/?email=kari%40acme.no")), "InvalidURL"),
        (aiohttp.ConnectionTimeoutError("timeout to https://hooks.example/in?k=secret"), "timed out"),
        (ValueError("kari@acme.no"), "ValueError"),
        (ConnectionResetError(104, "Connection reset by peer"), "Connection reset by peer"),
    ],
)
def test_a_text_that_may_hold_a_value_is_not_kept(error: Exception, kept: str) -> None:
    """D6.3."""
    assert _said(error) == kept
    assert "acme" not in _said(error)
    assert "secret" not in _said(error)
