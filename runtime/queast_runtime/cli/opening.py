"""Opens what operating commands work on: settings, the state folder, the store; every failure is exit 5."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import say
from queast_runtime.ports.store import Store
from queast_runtime.settings import Settings, SettingsError, load_settings, open_state


def settings_for(store_url: str | None, state: Path | None = None) -> tuple[Settings, Path]:
    """Return the settings (with `--store` applied) and the state folder, made where it is missing."""
    settings = _settings(store_url, state)
    try:
        return settings, open_state(settings)
    except SettingsError as error:
        raise CommandError(Exit.ENVIRONMENT, str(error)) from error


def state_to_read() -> Path:
    """Return the state folder for a command that only reads. Where there is none, that is said, and none is made: the
    name in QMAP_STATE may be a slip."""
    state = _settings(None, None).state
    if not state.exists():
        say(f"there is no state folder {state}: check QMAP_STATE, or publish first")
    elif not state.is_dir():
        raise CommandError(Exit.ENVIRONMENT, f"QMAP_STATE: cannot use {state}: it is no folder")
    return state


def _settings(store_url: str | None, state: Path | None) -> Settings:
    try:
        settings = load_settings()
        if store_url is not None:
            settings = settings.model_copy(update={"store": store_url})
        if state is not None:
            settings = settings.model_copy(update={"state": state})
        return settings
    except SettingsError as error:
        raise CommandError(Exit.ENVIRONMENT, str(error)) from error


@contextmanager
def opened_store(store_url: str | None, state: Path | None = None) -> Iterator[tuple[Settings, Path, Store]]:
    """Open the store for the time of the block. `state` stands in for QMAP_STATE."""
    from queast_runtime.security.sealing import open_sealer
    from queast_runtime.store.open import open_store
    from queast_runtime.worker.clock import SystemClock

    settings, home = settings_for(store_url, state)
    with _told_of_the_database():
        try:
            store = open_store(settings.store_url, open_sealer(home, SystemClock()))
        except (ValueError, OSError) as error:
            raise CommandError(Exit.ENVIRONMENT, f"cannot open the store: {error}") from error
        try:
            yield settings, home, store
        finally:
            store.close()


@contextmanager
def _told_of_the_database() -> Iterator[None]:
    """Turn what the database itself refuses (damage, a full disk, a server that is away) into exit 5."""
    from queast_runtime.ports.edge import Unsealable
    from queast_runtime.store.dialects import complaint

    try:
        yield
    except Unsealable as error:
        raise CommandError(
            Exit.ENVIRONMENT,
            f"what is stored cannot be opened with the keys of this state folder: {error}",
            "check QMAP_STATE: a database and its keys belong together",
        ) from error
    except Exception as error:
        reason = complaint(error)
        if reason is None:
            raise
        raise CommandError(
            Exit.ENVIRONMENT,
            f"the database cannot be used: {reason}",
            "check QMAP_STATE, or the address in --store or QMAP_STORE",
        ) from error
