#!/usr/bin/env python3
"""Stands on PATH as `curl`: keeps the comments of one change in a file, and every call that was made."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

STATE = Path(os.environ["STUB_STATE"])


def main(arguments: list[str]) -> int:
    state: dict[str, Any] = json.loads(STATE.read_text())
    method, url, body, config = "GET", "", None, ""
    rest = iter(arguments)
    for each in rest:
        if each in ("--request", "--max-time", "--retry", "--header", "--config", "--data-binary", "--data-urlencode"):
            value = next(rest)
            if each == "--request":
                method = value
            if each == "--config":
                config = Path(value).read_text()
            if each == "--data-binary":
                body = json.loads(Path(value.removeprefix("@")).read_text())["body"]
            if each == "--data-urlencode":
                name, _, file = value.partition("@")
                body = Path(file).read_text() if name == "body" else None
        elif not each.startswith("--"):
            url = each
    parts = urlsplit(url)
    state["calls"].append([method, parts.path, " ".join(arguments)])
    state["authorised"] = config.strip() == f'header = "{state["header"]}"'
    answer = respond(state, method, parts.path, parse_qs(parts.query), body)
    STATE.write_text(json.dumps(state))
    if answer is None:
        print("curl: (22) the requested URL returned error: 403", file=sys.stderr)
        return 22
    print(json.dumps(answer))
    return 0


def respond(state: dict[str, Any], method: str, path: str, query: dict[str, list[str]], body: str | None) -> Any:
    if state["refuses"] and method != "GET":
        return None
    if path.endswith("/user"):
        return {"id": 7}
    comments = state["comments"]
    last = path.rpartition("/")[2]
    if method == "GET":
        page = int(query["page"][0])
        return comments[100 * (page - 1) : 100 * page]
    if method == "POST":
        comments.append({"id": 1000 + len(comments), "body": body, **state["me"]})
    elif method == "DELETE":
        comments[:] = [each for each in comments if each["id"] != int(last)]
    else:
        next(each for each in comments if each["id"] == int(last))["body"] = body
    return {}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
