"""Where `qmap run` reads its events: files, pipes and standard input, to their end or as they grow."""

from __future__ import annotations

import asyncio
import os
import queue
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from queast_runtime.cli.exits import CommandError, Exit

_POLL_S: Final = 0.2
_CHUNK: Final = 1 << 16
_CHUNKS_AHEAD: Final = 16
# Longer than an event may be: what is cut off here is refused for its length when it is read as an event.
_LONGEST_LINE: Final = 1 << 19


def check(files: Sequence[Path]) -> None:
    """Raise CommandError (usage) for a source that is not there or that cannot hold events."""
    for file in files:
        if str(file) == "-":
            continue
        if file.is_dir():
            raise CommandError(Exit.USAGE, f"{file} is a folder", f"name its files, e.g. {file}/*.jsonl")
        if not file.exists():
            raise CommandError(Exit.USAGE, f"no such file: {file}", "events are JSON lines; - reads standard input")


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines of a source as they follow each other, blank ones left out, each with its number in it (from 1)."""

    file: Path
    lines: list[tuple[int, bytes]]


async def batches(files: Sequence[Path], *, follow: bool, stop: asyncio.Event) -> AsyncIterator[Batch]:
    """Yield lines as they are read, a few dozen at a time, until all sources end or `stop` is set.

    Sources are read one after the other; with `follow` side by side and on as they grow, and a line counts once its
    end is there. Waiting for a pipe never keeps `stop` from being heard. Raises CommandError (environment) for a
    source that cannot be read.
    """
    try:
        if follow:
            async for batch in _growing(files, stop):
                yield batch
            return
        for file in files:
            async for batch in _to_the_end(file, stop):
                yield batch
    except OSError as error:
        raise CommandError(
            Exit.ENVIRONMENT, f"cannot read {error.filename or 'the events'}: {error.strerror or error}"
        ) from error


async def _to_the_end(file: Path, stop: asyncio.Event) -> AsyncIterator[Batch]:
    if _is_plain(file):
        tail = _Tail(file)
        while not stop.is_set() and not tail.at_end:
            if lines := tail.read():
                yield Batch(file, lines)
        if not stop.is_set() and (lines := tail.lines.end()):
            yield Batch(file, lines)
        return
    pipe = _Pipe(file)
    pipe.start()
    while not stop.is_set() and not pipe.at_end:
        await pipe.more(stop)
        if lines := pipe.read():
            yield Batch(file, lines)


async def _growing(files: Sequence[Path], stop: asyncio.Event) -> AsyncIterator[Batch]:
    sources: list[_Tail | _Pipe] = [_Tail(file) if _is_plain(file) else _Pipe(file) for file in files]
    for source in sources:
        if isinstance(source, _Pipe):
            source.start()
    while not stop.is_set():
        found = False
        for source in sources:
            if lines := source.read():
                found = True
                yield Batch(source.file, lines)
        if not found:
            await _pause(stop, _POLL_S)


async def _pause(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _is_plain(file: Path) -> bool:
    return str(file) != "-" and file.is_file()


@dataclass(slots=True)
class _Lines:
    """Cuts bytes into lines; of one that is too long the beginning is kept and the rest passed over."""

    _rest: bytes = b""
    _passing_over: bool = False
    _ended: int = 0

    def feed(self, chunk: bytes) -> list[tuple[int, bytes]]:
        """Return the lines that `chunk` completes, blank ones left out, each with its number."""
        *whole, rest = (self._rest + chunk).split(b"\n")
        found: list[tuple[int, bytes]] = []
        for line in whole:
            self._ended += 1
            if self._passing_over:
                self._passing_over = False
            elif line.strip():
                found.append((self._ended, line[:_LONGEST_LINE]))
        if self._passing_over:
            rest = b""
        elif len(rest) > _LONGEST_LINE:
            if rest.strip():
                found.append((self._ended + 1, rest[:_LONGEST_LINE]))
            rest, self._passing_over = b"", True
        self._rest = rest
        return found

    def end(self) -> list[tuple[int, bytes]]:
        """Return what stands after the last line break."""
        rest, self._rest = self._rest, b""
        return [(self._ended + 1, rest)] if rest.strip() else []


@dataclass(slots=True)
class _Tail:
    """A file, read on from `place` (bytes). One that became shorter was replaced and is read from its start."""

    file: Path
    place: int = 0
    at_end: bool = False
    lines: _Lines = field(default_factory=_Lines)

    def read(self) -> list[tuple[int, bytes]]:
        try:
            stream = self.file.open("rb")
        except FileNotFoundError:
            if self.place == 0:
                raise
            # Between a log's removal and its next beginning there is no file; that is no error while following.
            self.at_end = True
            return []
        with stream:
            if os.fstat(stream.fileno()).st_size < self.place:
                self.place, self.lines = 0, _Lines()
            stream.seek(self.place)
            chunk = stream.read(_CHUNK)
        self.place += len(chunk)
        self.at_end = not chunk
        return self.lines.feed(chunk)


class _Pipe:
    """A source that may keep its reader waiting: read by a thread, so that the loop goes on meanwhile.

    The thread is a daemon on the bare descriptor: a read that never returns holds up neither a signal nor the end.
    """

    def __init__(self, file: Path) -> None:
        self.at_end = False
        self.file = file
        self._lines = _Lines()
        self._chunks: queue.Queue[bytes | OSError] = queue.Queue(_CHUNKS_AHEAD)
        self._arrived = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def start(self) -> None:
        threading.Thread(target=self._follow, name=f"read {self.file}", daemon=True).start()

    def read(self) -> list[tuple[int, bytes]]:
        """Return what has arrived, without waiting."""
        try:
            chunk = self._chunks.get_nowait()
        except queue.Empty:
            self._arrived.clear()
            return []
        if isinstance(chunk, OSError):
            raise chunk
        if chunk:
            return self._lines.feed(chunk)
        self.at_end = True
        return self._lines.end()

    async def more(self, stop: asyncio.Event) -> None:
        """Return once something arrived or `stop` is set."""
        while self._chunks.empty() and not stop.is_set():
            await _pause(self._arrived, _POLL_S)

    def _follow(self) -> None:
        try:
            descriptor = 0 if str(self.file) == "-" else os.open(self.file, os.O_RDONLY)
            while chunk := os.read(descriptor, _CHUNK):
                self._put(chunk)
            self._put(b"")
        except OSError as error:
            self._put(error)

    def _put(self, item: bytes | OSError) -> None:
        self._chunks.put(item)
        with suppress(RuntimeError):  # the loop is closed: nobody reads on
            self._loop.call_soon_threadsafe(self._arrived.set)
