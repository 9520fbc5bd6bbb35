"""One JSON object a line on stderr: what happened, to which row. Ids and counts only, never a field's value."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

Scalar = str | int | float | bool | None
_NAME = "queast"


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, Scalar] = getattr(record, "fields", {})
        line = {"at": moment, "level": record.levelname.lower(), "event": record.getMessage(), **fields}
        return json.dumps(line, separators=(",", ":"), ensure_ascii=True)


def log_to(stream: TextIO = sys.stderr, level: int = logging.INFO) -> None:
    """Send the log to `stream`. A library user who configures logging need not call this."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_JsonLines())
    logger = logging.getLogger(_NAME)
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False


def note(event: str, **fields: Scalar) -> None:
    """Log an ordinary step. Pass ids, names, counts and seconds; an entity's values have no place here."""
    logging.getLogger(_NAME).info(event, extra={"fields": fields})


def warn(event: str, **fields: Scalar) -> None:
    """Log what an operator should look at."""
    logging.getLogger(_NAME).warning(event, extra={"fields": fields})
