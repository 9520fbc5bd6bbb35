"""Under which policy a release is made: the platform's, which stands until its admin sets another (D2.4, D6.5)."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from queast_compiler.plan.canonical import digest
from queast_compiler.plan.dsse import EnvelopeRefused
from queast_dsl.loading.source import MAX_BYTES
from queast_runtime.cli.exits import CommandError, Exit
from queast_runtime.cli.output import say
from queast_runtime.cli.releases.acting import Acting, is_pipeline
from queast_runtime.security.keys import KeyUnusable, development_key, trusted_keys
from queast_runtime.security.policies import StandingPolicy, keep_policy, read_policies
from queast_runtime.security.roles import may

FILE: Final = "policy.yaml"


@dataclass(frozen=True, slots=True)
class Held:
    """The policy that a release is held to, by its file's bytes. `is_new` is whether it stands from this release on."""

    data: bytes
    is_new: bool

    @property
    def digest(self) -> str:
        return digest(self.data)


def standing_policy(state: Path) -> StandingPolicy | None:
    """Return the policy that stands, None where none ever did.

    Raises CommandError: refused where a record was altered or is gone, environment where they cannot be read.
    """
    found = all_policies(state)
    return found[-1] if found else None


def all_policies(state: Path) -> tuple[StandingPolicy, ...]:
    """Return the policies that stood, oldest first. Raises CommandError as `standing_policy` does."""
    try:
        found, damaged = read_policies(state, trusted_keys(state))
    except (KeyUnusable, OSError) as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot tell which policy stands: {error}") from error
    for each in damaged:
        path = state / "policy" / f"{each.sequence}.json"
        raise CommandError(
            Exit.REFUSED,
            f"the record of policy {each.sequence} does not count: {each.why}",
            f"put back {path} as it was written, or move {path.parent} away: then the admin sets the policy anew",
        )
    return found


def policy_of_today(state: Path) -> Held:
    """Return the policy that stands. Raises CommandError (refused) where none does."""
    stands = standing_policy(state)
    if stands is None:
        raise _none_stands()
    return Held(stands.text.encode(), is_new=False)


def policy_for(state: Path, sources: Path, who: Acting) -> Held:
    """Return the policy that a release is held to: the one that stands, whatever lies beside the sources.

    Where none stands yet, the file beside the operator's sources does from this release on. Raises CommandError
    (refused): where there is none, where the operator's file is another one than the one that stands, and where a
    pipeline would set the first one without a word.
    """
    path = sources / FILE
    stands = standing_policy(state)
    is_operator = may(who.role, "policy.set")
    if stands is None:
        if not is_operator:
            raise _none_stands()
        return _first(path, who)
    if is_operator and path.exists() and read_policy_file(path) != stands.text.encode():
        raise CommandError(
            Exit.REFUSED,
            f"{path} is another policy than the platform's, which counts",
            f'let it stand: qmap policy set {path} --reason "..."; or take the platform\'s: qmap policy show --text',
        )
    return Held(stands.text.encode(), is_new=False)


def differs(held: Held, sources: Path) -> bool:
    """Say whether what lies beside the sources is another policy than the one that counts, or is none."""
    try:
        return read_policy_file(sources / FILE) != held.data
    except CommandError:
        return True


def _first(path: Path, who: Acting) -> Held:
    if not path.is_file():
        raise CommandError(
            Exit.REFUSED,
            f"no {FILE} lies in {path.parent}, and no policy of the platform stands: a release is made under one only",
            "put the policy beside the tenants' folders, or name their folder with --sources",
        )
    refuse_unmeant(path, who)
    return Held(read_policy_file(path), is_new=True)


def refuse_unmeant(path: Path, who: Acting) -> None:
    """Raise CommandError (refused) where a pipeline would set a policy: whoever can change a file in its repository is
    not the platform's admin for it."""
    if is_pipeline() and not who.is_said:
        raise CommandError(
            Exit.REFUSED,
            f"nobody who sits here says that {path} shall be the platform's policy",
            "the platform's own pipeline says so: --as-operator",
        )


def let_stand(state: Path, held: Held, who: Acting, reason: str | None) -> None:
    """Record that a policy stands from now on, where it is a new one. The caller holds `alone`. Raises CommandError
    (environment)."""
    if not held.is_new:
        return
    now = datetime.now(UTC).replace(microsecond=0)
    try:
        keep_policy(state, StandingPolicy(held.data.decode(), now, who.actor, reason), development_key(state))
    except (KeyUnusable, EnvelopeRefused, OSError) as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot record which policy stands: {error}") from error
    say(f"the platform's policy is {held.digest[:19]} from now on")


def set_policy(state: Path, path: Path, who: Acting, reason: str | None) -> Held:
    """Let a file stand where another one does, or none. The caller holds `alone`. Raises CommandError: refused in a
    pipeline where nobody said so, environment for what cannot be read or written."""
    found, stands = read_policy_file(path), standing_policy(state)
    held = Held(found, is_new=stands is None or stands.text.encode() != found)
    if held.is_new:
        refuse_unmeant(path, who)
    let_stand(state, held, who, reason)
    return held


def refuse_since(state: Path, was: str, id: str) -> None:
    """Raise CommandError (refused) where another policy stands than the one, by digest, that a waiting release was held
    to."""
    if policy_of_today(state).digest != was:
        raise CommandError(
            Exit.REFUSED,
            f"another policy stands than the one that {id} was held to",
            "publish it again, under the policy of today: qmap policy show",
        )


def read_policy_file(path: Path) -> bytes:
    """Return the bytes of a policy file; no link is followed. Raises CommandError: environment where it cannot be read,
    refused where it is no policy's text at all."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise CommandError(Exit.REFUSED, f"{path} is no file", "a policy is a short file")
            data = file.read(MAX_BYTES + 1)
        data.decode()
    except OSError as error:
        raise CommandError(Exit.ENVIRONMENT, f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(Exit.REFUSED, f"{path} is no UTF-8 text", "write it in UTF-8") from error
    if len(data) > MAX_BYTES:
        raise CommandError(Exit.REFUSED, f"{path} has more than {MAX_BYTES} bytes", "a policy is a short file")
    return data


def _none_stands() -> CommandError:
    return CommandError(
        Exit.REFUSED,
        "no policy of the platform stands here yet: a release is made under one only",
        "its admin sets it: qmap policy set mappings/policy.yaml",
    )
