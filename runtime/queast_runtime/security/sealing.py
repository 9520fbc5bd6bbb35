"""Sealing of what is stored: AES-256-GCM with a data key per tenant and day, wrapped by a master key.

A sealed value is `b"QS" | version 1 | key id, 16 bytes | nonce, 12 bytes | ciphertext and tag`. Header, tenant and
place are authenticated with it, so a value moved to another row, column or tenant does not open. Data keys lie beside
the master key as one small file each, wrapped the same way: destroying the file destroys what it sealed, in every
copy of the database. (Deriving data keys from the master key was rejected: a derived key cannot be destroyed.)
"""

from __future__ import annotations

import os
import re
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from queast_runtime.ports.edge import Clock, Unsealable

_MAGIC = b"QS\x01"
_KEY_ID_BYTES = 16
_NONCE_BYTES = 12
_TAG_BYTES = 16
_KEY_BYTES = 32
_HEADER_BYTES = len(_MAGIC) + _KEY_ID_BYTES + _NONCE_BYTES
_LENGTH = struct.Struct(">I").pack
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def bind(*parts: bytes) -> bytes:
    """Join parts so that no two different lists give the same bytes: each is preceded by its length."""
    return b"".join([_LENGTH(len(part)) + part for part in parts])


@dataclass(frozen=True, slots=True)
class DataKey:
    """`id` names the key in sealed values; `cipher` seals with it."""

    id: bytes
    cipher: AESGCM


@dataclass(slots=True)
class Keyring:
    """Data keys of all tenants, one a day, in `directory` (kept at mode 0700; files 0600).

    Several processes may share the directory: the first to write a day's key wins and the others use it.
    """

    directory: Path
    _master: AESGCM = field(init=False, repr=False)
    _by_day: dict[tuple[str, date], DataKey] = field(default_factory=dict, init=False, repr=False)
    _by_id: dict[tuple[str, bytes], DataKey] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.directory / "sealing.key"
        master = _read_or_create(path, os.urandom(_KEY_BYTES))
        if len(master) != _KEY_BYTES:
            raise ValueError(f"{path} is not a sealing key: it has {len(master)} bytes, a key has {_KEY_BYTES}")
        if path.stat().st_mode & 0o077:
            raise PermissionError(f"{path} can be read by others; run chmod 600 on it")
        self._master = AESGCM(master)

    def current(self, tenant: str, day: date) -> DataKey:
        """The tenant's key of that day, made if there is none."""
        key = self._by_day.get((tenant, day))
        if key is not None:
            return key
        with self._lock:
            path = self._folder(tenant) / f"{day.isoformat()}.key"
            id_, secret = os.urandom(_KEY_ID_BYTES), os.urandom(_KEY_BYTES)
            key = self._unwrap(tenant, _read_or_create(path, self._wrap(tenant, id_, secret)))
            self._by_day[tenant, day] = self._by_id[tenant, key.id] = key
            return key

    def with_id(self, tenant: str, key_id: bytes) -> DataKey:
        """Raises Unsealable if the tenant has no such key (any more)."""
        key = self._by_id.get((tenant, key_id))
        if key is not None:
            return key
        with self._lock:
            for path in sorted(self._folder(tenant).glob("*.key"), reverse=True):
                wrapped = path.read_bytes()
                if wrapped[len(_MAGIC) : len(_MAGIC) + _KEY_ID_BYTES] == key_id:
                    key = self._unwrap(tenant, wrapped)
                    self._by_id[tenant, key_id] = key
                    return key
        raise Unsealable("a stored value was sealed with a key that is not here")

    def destroy(self, tenant: str, day: date) -> bool:
        """Destroy a day's key, and with it everything of the tenant that was sealed on that day."""
        with self._lock:
            key = self._by_day.pop((tenant, day), None)
            path = self._folder(tenant) / f"{day.isoformat()}.key"
            if not path.exists():
                return False
            id_ = path.read_bytes()[len(_MAGIC) : len(_MAGIC) + _KEY_ID_BYTES] if key is None else key.id
            self._by_id.pop((tenant, id_), None)
            path.unlink()
            _sync_directory(path.parent)
            return True

    def _folder(self, tenant: str) -> Path:
        if not _NAME.fullmatch(tenant):
            raise ValueError("a tenant's name is lower-case letters and digits in words joined by hyphens")
        folder = self.directory / "sealing" / tenant
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _wrap(self, tenant: str, id_: bytes, secret: bytes) -> bytes:
        header = _MAGIC + id_ + os.urandom(_NONCE_BYTES)
        bound = bind(b"data key", header, tenant.encode())
        return header + self._master.encrypt(header[-_NONCE_BYTES:], secret, bound)

    def _unwrap(self, tenant: str, wrapped: bytes) -> DataKey:
        header, sealed = wrapped[:_HEADER_BYTES], wrapped[_HEADER_BYTES:]
        try:
            secret = self._master.decrypt(header[-_NONCE_BYTES:], sealed, bind(b"data key", header, tenant.encode()))
        except (InvalidTag, ValueError) as error:
            raise Unsealable("a data key does not open: another master key, or altered") from error
        return DataKey(header[len(_MAGIC) : len(_MAGIC) + _KEY_ID_BYTES], AESGCM(secret))


@dataclass(frozen=True, slots=True)
class AesGcmSealer:
    """The `Sealer` port over a keyring. The clock says which day's key seals."""

    keyring: Keyring
    clock: Clock

    def seal(self, tenant: str, place: tuple[str, ...], plain: bytes) -> bytes:
        key = self.keyring.current(tenant, self.clock.now().date())
        # 96 random bits are safe for 2**32 values a key; a tenant does not reach that in a day.
        header = _MAGIC + key.id + os.urandom(_NONCE_BYTES)
        return header + key.cipher.encrypt(header[-_NONCE_BYTES:], plain, _bound(header, tenant, place))

    def open(self, tenant: str, place: tuple[str, ...], sealed: bytes) -> bytes:
        if len(sealed) < _HEADER_BYTES + _TAG_BYTES or not sealed.startswith(_MAGIC):
            raise Unsealable("a stored value is not a sealed one of a known version")
        header = sealed[:_HEADER_BYTES]
        key = self.keyring.with_id(tenant, header[len(_MAGIC) : len(_MAGIC) + _KEY_ID_BYTES])
        try:
            return key.cipher.decrypt(header[-_NONCE_BYTES:], sealed[_HEADER_BYTES:], _bound(header, tenant, place))
        except InvalidTag as error:
            raise Unsealable(f"a stored value at {place[0]} does not open: altered, or moved from elsewhere") from error


@dataclass(frozen=True, slots=True)
class PassingSealer:
    """The `Sealer` port with a key that no file holds: what it sealed is lost with it."""

    _cipher: AESGCM = field(default_factory=lambda: AESGCM(os.urandom(_KEY_BYTES)), repr=False)
    # The key seals in one process only, so that counting gives no nonce twice.
    _sealed: Iterator[int] = field(default_factory=count, repr=False)

    def seal(self, tenant: str, place: tuple[str, ...], plain: bytes) -> bytes:
        nonce = next(self._sealed).to_bytes(_NONCE_BYTES, "big")
        return nonce + self._cipher.encrypt(nonce, plain, self._place(tenant, place))

    def open(self, tenant: str, place: tuple[str, ...], sealed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], self._place(tenant, place))
        except (InvalidTag, ValueError) as error:
            raise Unsealable(f"a value at {place[0]} was not sealed here") from error

    @staticmethod
    def _place(tenant: str, place: tuple[str, ...]) -> bytes:
        # Only what this process sealed is ever opened, so nobody could make two places run together.
        return "\0".join((tenant, *place)).encode()


def open_sealer(state: Path, clock: Clock) -> AesGcmSealer:
    """The sealer whose keys lie in `state`/keys. Raises PermissionError if others can read the master key."""
    return AesGcmSealer(Keyring(state / "keys"), clock)


def _bound(header: bytes, tenant: str, place: tuple[str, ...]) -> bytes:
    return bind(header, tenant.encode(), *[part.encode() for part in place])


def _read_or_create(path: Path, content: bytes) -> bytes:
    """The file's bytes; if there is none, `content` becomes it, whole and durable, unless another was faster."""
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        _sync_directory(path.parent)
    return path.read_bytes()


def _sync_directory(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
