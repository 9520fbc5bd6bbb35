"""Where an event of the YAML parser stands. The parser counts code points, as Python's text does."""

from __future__ import annotations

from yaml import events as ev


def start_of(event: ev.Event) -> int:
    """Return the offset of an event's first character."""
    return 0 if event.start_mark is None else event.start_mark.index


def end_of(event: ev.Event) -> int:
    """Return the offset after an event's last character."""
    return 0 if event.end_mark is None else event.end_mark.index


def column_of(event: ev.Event) -> int:
    """Return the column of an event, from 0."""
    return 0 if event.start_mark is None else event.start_mark.column
