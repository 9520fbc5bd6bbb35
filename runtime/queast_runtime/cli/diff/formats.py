"""The formats of `qmap diff`, in a module that costs nothing to import."""

from __future__ import annotations

from enum import StrEnum


class DiffFormat(StrEnum):
    TEXT = "text"
    JSON = "json"
    MD = "md"
    GITHUB = "github"
    GITLAB = "gitlab"
    SARIF = "sarif"
    JUNIT = "junit"
