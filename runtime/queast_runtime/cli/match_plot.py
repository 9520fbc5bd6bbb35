"""Precision drawn against recall."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.targets import PNG, SVG, check_target
from queast_runtime.matching.evaluation import Point


def check(file: Path, root: Path) -> None:
    """Raise CommandError before any work is done: environment without matplotlib, usage for a place that cannot be, or
    that something else is in or under. `root` is the mappings folder."""
    if file.suffix not in (".png", ".svg"):
        raise CommandError(Exit.USAGE, f"--plot: {file} is neither .png nor .svg", "name such as curve.png")
    check_target(file, PNG if file.suffix == ".png" else SVG, "--plot", [root])
    if not file.parent.is_dir():
        raise CommandError(Exit.USAGE, f"--plot: no such folder: {file.parent}", "make it first")
    try:
        import_module("matplotlib.figure")
    except ImportError as error:
        raise CommandError(
            Exit.ENVIRONMENT,
            "--plot needs matplotlib, which is not installed",
            "pip install 'queast-integrations[bench]', or leave --plot out",
        ) from error


def draw(curves: Sequence[tuple[str, Sequence[Point]]], marks: Sequence[tuple[str, float, float]], file: Path) -> None:
    """Write the curves, and `marks` (name, precision, recall) as single points; a file that is there is replaced whole.

    Raises CommandError (environment) where it cannot be written.
    """
    figure = _figure(curves, marks)
    name = ""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=file.suffix, dir=file.parent)
        with os.fdopen(handle, "wb") as stream:
            figure.savefig(stream, format=file.suffix[1:], metadata={"Date": None} if file.suffix == ".svg" else {})
        os.chmod(name, 0o644)
        os.replace(name, file)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        raise CommandError(Exit.ENVIRONMENT, f"cannot write {file}: {error.strerror or error}") from error


def _figure(curves: Sequence[tuple[str, Sequence[Point]]], marks: Sequence[tuple[str, float, float]]) -> Any:
    # By name: it is an extra, and who checks types need not have it.
    figure = import_module("matplotlib.figure").Figure(figsize=(6.4, 4.8), dpi=90, layout="constrained")
    axes = figure.subplots()
    for name, points in curves:
        axes.plot([each.recall for each in points], [each.precision for each in points], marker=".", label=name)
    for name, precision, recall in marks:
        axes.plot([recall], [precision], linestyle="none", marker="x", label=name)
    axes.set_xlabel("recall")
    axes.set_ylabel("precision of links")
    axes.grid(visible=True, alpha=0.3)
    figure.legend(fontsize="x-small", loc="outside lower center", ncols=2)
    return figure
