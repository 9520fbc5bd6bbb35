"""A state folder with a release of its own and cases in it, and `qmap` over it without a process of its own."""

from __future__ import annotations

from dataclasses import dataclass

from reviewing.desk import Desk
from typed import Typist


@dataclass
class Terminal(Typist):
    """Types `qmap ARGUMENTS` in a folder, as somebody called anna."""

    desk: Desk
