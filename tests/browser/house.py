"""The review page on a real socket, over a desk in memory that is filled with cases as they come."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import uvicorn

from queast_runtime.web.desk import Today
from web.memory_desk import START, MemoryDesk, candidate, case_of, link_of, sample_of
from web.visiting import House, open_house


@dataclass(slots=True)
class Served:
    """`address` is where the house is reached."""

    house: House
    address: str

    @property
    def desk(self) -> MemoryDesk:
        return self.house.desks["acme"]


@contextmanager
def served() -> Iterator[Served]:
    """Serve a house on loopback for the time of the block."""
    house = open_house("acme")
    config = uvicorn.Config(house.app, host="127.0.0.1", port=0, log_config=None, access_log=False, ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Served(house, f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(timeout=20)


def fill(desk: MemoryDesk) -> None:
    """Put every kind of case, and some matches, on the desk."""
    desk.cases.clear()
    desk.steps_kept.clear()
    desk.links.clear()
    desk.rejected.clear()
    desk.today = Today(True, "review", "0.91 lies between 0.80 and 0.95, and two records are close to each other")
    desk.add(case_of("rv_551", waiting=2))
    desk.add(
        case_of(
            "rv_552",
            "Bergen Maritime Group",
            subject={"name": "Bergen Maritime Group", "domain": "bergenmaritime.no", "country": "NO", "city": "Bergen"},
            candidates=(
                candidate(
                    "h204",
                    "Bergen Maritime Group ASA",
                    ours="bergen maritime group",
                    score=0.94,
                    country="NO",
                    city="Bergen",
                ),
                candidate(
                    "h311",
                    "Bergen Maritime Japan KK",
                    ours="bergen maritime group",
                    score=0.71,
                    country="JP",
                    city="Tokyo",
                ),
                candidate("h90", "Bergens Maritime Gruppe", ours="bergen maritime group", score=0.66, country="NO"),
            ),
            reason="the record is similar, and no more than its name speaks for it",
            waiting=1,
            created_at=START - timedelta(hours=2),
        )
    )
    desk.add(sample_of("rv_553", name="Solvay SA", created_at=START - timedelta(minutes=90)))
    desk.add(
        case_of(
            "rv_554",
            "Søndre Fjord Bank",
            candidates=(),
            empty="no_candidate",
            reason="no record resembles it, and the tenant asks before a new one is made",
            created_at=START - timedelta(minutes=50),
        )
    )
    desk.add(
        case_of(
            "rv_555",
            "Hammarby Energi AB",
            connection="pipedrive-main",
            object="organizations",
            candidates=(),
            empty="look_up_failed",
            reason="the destination did not answer",
            created_at=START - timedelta(minutes=20),
        )
    )
    desk.add(
        case_of(
            "rv_556",
            "Aarhus Wind Power A/S",
            connection="pipedrive-main",
            object="organizations",
            candidates=(),
            empty="not_looked_up",
            reason="the mirror is not complete",
            created_at=START - timedelta(minutes=6),
        )
    )
    for number, (name, theirs, rule, score) in enumerate(
        (
            ("Fjordbank ASA", "Fjordbank", "name", 0.97),
            ("Nordlys Kraft AS", "Nordlys Kraft AS", "domain", None),
            ("Oslo Data Centre AS", "Oslo Data Centre", "external_id", None),
        )
    ):
        standing = "inferred" if rule == "name" else "established"
        desk.links["acct-1", "companies", f"c_{number}"] = link_of(
            f"c_{number}", f"h{number + 500}", name=name, partner_name=theirs, rule=rule, score=score, standing=standing
        )
