"""A client of yaml-language-server over its standard streams: what an editor asks, and what it would show."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

JsonObject = dict[str, Any]
# A cold server on a busy machine takes seconds; one that hangs must still end the test.
TIMEOUT_S = 60.0
# As an editor with its defaults, but that nothing is ever fetched.
_SETTINGS: JsonObject = {
    "yaml": {
        "validate": True,
        "hover": True,
        "completion": True,
        "schemaStore": {"enable": False},
        "kubernetesCRDStore": {"enable": False},
    }
}


@dataclass(frozen=True)
class Underlined:
    """A diagnostic: the text under the wavy line, where it begins (line and column from 0), what is said."""

    text: str
    line: int
    column: int
    message: str


@dataclass(frozen=True)
class Offer:
    """One entry of the list of completions. `inserts` is what choosing it writes, `about` what is shown beside it."""

    label: str
    inserts: str
    about: str


class LanguageServer:
    """One running server. Used as `with LanguageServer(path, folder) as server:`."""

    def __init__(self, program: str, folder: Path, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            ["node", program, "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(environment),
            cwd=folder,
        )
        self._folder = folder
        self._incoming: queue.Queue[JsonObject | None] = queue.Queue()
        self._diagnostics: dict[str, list[JsonObject]] = {}
        self._last_id = 0
        self._version = 0
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> LanguageServer:
        capabilities = {
            "workspace": {"configuration": True},
            "textDocument": {"completion": {"completionItem": {"documentationFormat": ["markdown"]}}},
        }
        root = self._folder.as_uri()
        self._ask("initialize", {"processId": None, "rootUri": root, "capabilities": capabilities})
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": _SETTINGS})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._ask("shutdown", None)
                self._tell("exit", None)
                self._process.wait(10)
        finally:
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    stream.close()

    def underlined(self, path: Path, text: str) -> list[Underlined]:
        """Open `text` as the file `path` and return the diagnostics, in the file's order."""
        uri = self._open(path, text)
        while uri not in self._diagnostics:
            self._answer_one()
        lines = text.split("\n")
        found = []
        for each in self._diagnostics[uri]:
            start, end = each["range"]["start"], each["range"]["end"]
            under = "\n".join(lines[start["line"] : end["line"] + 1])
            tail = len(lines[end["line"]]) - end["character"]
            found.append(
                Underlined(
                    under[start["character"] : len(under) - tail], start["line"], start["character"], each["message"]
                )
            )
        return sorted(found, key=lambda each: (each.line, each.column))

    def offers(self, path: Path, text: str) -> list[Offer]:
        """Return what is offered where `¦` stands in `text`, which is taken out."""
        uri, position = self._at(path, text)
        answer = self._ask("textDocument/completion", {"textDocument": {"uri": uri}, "position": position})
        items = answer["items"] if isinstance(answer, dict) else answer
        return [
            Offer(
                each["label"],
                each.get("textEdit", {}).get("newText", each.get("insertText", "")),
                "\n".join(_prose(each.get(key)) for key in ("detail", "documentation")).strip(),
            )
            for each in items
        ]

    def hover(self, path: Path, text: str) -> str:
        """Return what is shown over the character after `¦` in `text`, which is taken out."""
        uri, position = self._at(path, text)
        answer = self._ask("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
        return "" if answer is None else _prose(answer["contents"])

    def _at(self, path: Path, text: str) -> tuple[str, JsonObject]:
        before, mark, after = text.partition("¦")
        assert mark, "no place is marked"
        uri = self._open(path, before + after)
        return uri, {"line": before.count("\n"), "character": len(before) - before.rfind("\n") - 1}

    def _open(self, path: Path, text: str) -> str:
        uri = path.as_uri()
        self._version += 1
        if uri in self._diagnostics or self._version > 1:
            self._tell("textDocument/didClose", {"textDocument": {"uri": uri}})
        # Closing a file clears its diagnostics with a message of its own, which must not be taken for an answer.
        self._ask("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
        self._diagnostics.pop(uri, None)
        document = {"uri": uri, "languageId": "yaml", "version": self._version, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        return uri

    def _ask(self, method: str, params: Any) -> Any:
        self._last_id += 1
        mine = self._last_id
        self._send({"id": mine, "method": method, "params": params})
        while True:
            message = self._answer_one()
            if message.get("id") == mine and "method" not in message:
                assert "error" not in message, message
                return message.get("result")

    def _tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def _answer_one(self) -> JsonObject:
        """Take the next message; answer it where the server asks something."""
        message = self._incoming.get(timeout=TIMEOUT_S)
        assert message is not None, "the server has ended"
        match message.get("method"):
            case "textDocument/publishDiagnostics":
                self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
            case "workspace/configuration":
                wanted = [item.get("section", "") for item in message["params"]["items"]]
                self._send({"id": message["id"], "result": [_SETTINGS.get(section) for section in wanted]})
            case str() if "id" in message:
                self._send({"id": message["id"], "result": None})
            case _:
                pass
        return message

    def _send(self, message: JsonObject) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
        self._process.stdin.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        try:
            while header := stream.readline():
                length = int(header.partition(b":")[2])
                while stream.readline().strip():
                    pass
                self._incoming.put(json.loads(stream.read(length)))
        except ValueError:
            pass  # the stream was closed under us
        self._incoming.put(None)


def _prose(value: Any) -> str:
    match value:
        case str():
            return value
        case dict():
            return str(value["value"])
        case list():
            return "\n".join(_prose(each) for each in value)
        case _:
            return ""
