"""Operator settings from the environment (`QMAP_*`); nothing here can come from a tenant's files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from queast_runtime.ports import Tuning

Seconds = Annotated[float, Field(ge=0, le=86_400)]


class SettingsError(ValueError):
    """An operator setting that cannot be used; the message names the variable."""


class Settings(BaseSettings):
    """`state` holds database, keys and sandbox state; `store` overrides the database only.

    `retry_delays` (seconds, comma separated), `timeout` (seconds), `settle` (seconds before an unanswered write may be
    called absent) and `rates` (`connector=requests per second`, comma separated) replace a manifest's values.
    """

    model_config = SettingsConfigDict(env_prefix="QMAP_", env_ignore_empty=True, extra="ignore")

    state: Path = Path(".qmap")
    store: str | None = None
    sandbox_origins: str | None = None
    retry_delays: Annotated[tuple[Seconds, ...] | None, NoDecode] = None
    timeout: Annotated[float, Field(gt=0, le=300)] | None = None
    settle: Seconds | None = None
    rates: Annotated[dict[str, Annotated[float, Field(gt=0)]], NoDecode] = Field(default_factory=dict)

    @field_validator("retry_delays", mode="before")
    @classmethod
    def _delays(cls, value: object) -> object:
        return tuple(value.split(",")) if isinstance(value, str) else value

    @field_validator("rates", mode="before")
    @classmethod
    def _rates(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = (pair.partition("=") for pair in value.split(",") if pair.strip())
        return {name.strip(): rate for name, _, rate in pairs}

    @property
    def tuning(self) -> Tuning:
        return Tuning(self.retry_delays, self.timeout, self.settle, self.rates)

    @property
    def store_url(self) -> str:
        return self.store or f"sqlite:///{(self.state / 'queast.db').absolute()}"


def load_settings() -> Settings:
    """Return the settings of this process. Raises SettingsError naming the variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "QMAP_" + str(first["loc"][0]).upper()
        raise SettingsError(f"{name}: {first['msg'].lower()}") from error


def open_state(settings: Settings) -> Path:
    """Return the state folder, made with mode 0700 where it is missing. Raises SettingsError."""
    try:
        settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(settings.state, os.W_OK):
            raise PermissionError(13, "not writable")
    except OSError as error:
        raise SettingsError(f"QMAP_STATE: cannot use {settings.state}: {error.strerror}") from error
    return settings.state
