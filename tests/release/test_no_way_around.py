"""What would open the gate by leaving something out."""

from __future__ import annotations

from release.house import LOWER, House


def test_an_empty_token_makes_no_operator_of_anybody(house: House) -> None:
    house.environment = {**house.environment, "QMAP_TOKEN": ""}
    house.edit(*LOWER)
    assert "QMAP_TOKEN is empty" in house.fails("history", "companies", code=6)
