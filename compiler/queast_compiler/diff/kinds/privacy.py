"""PRIVACY: which personal data goes where, on what ground, until when."""

from __future__ import annotations

from typing import Final

from queast_compiler.diff.model import ChangeKind

PERSON_PATH_STARTS: Final = ChangeKind(
    "person-path-starts",
    "PRIVACY",
    "block",
    "personal data starts to flow",
    "Checks that no path of a person begins to leave by a route unseen.",
    "What has left is out of our hands: stopping it later takes nothing back.",
    second=True,
    undo="What was sent stays with the receiver, whatever is changed later.",
)
PERSON_PATH_STOPS: Final = ChangeKind(
    "person-path-stops",
    "PRIVACY",
    "info",
    "personal data stops to flow",
    "Checks that it is told when a path of a person no longer leaves through a mapping.",
    "Values that were sent stay at the destination.",
    stays=True,
)
PERSON_PATH_GRANTED: Final = ChangeKind(
    "person-path-granted",
    "PRIVACY",
    "block",
    "may flow",
    "Checks that no path of a person is released which nothing reads yet.",
    "From now on a change of one field is enough to send it.",
    second=True,
)
PERSON_PATH_WITHDRAWN: Final = ChangeKind(
    "person-path-withdrawn",
    "PRIVACY",
    "info",
    "may not flow any more",
    "Checks that it is told when a path of a person that nothing read is no longer released.",
    "Nothing that leaves changes.",
)
PERSON_PATH_NEW_HOST: Final = ChangeKind(
    "person-path-new-host",
    "PRIVACY",
    "block",
    "personal data goes elsewhere",
    "Checks that paths of persons that leave already do not go to another account or address unseen.",
    "Another recipient needs a ground of its own; what the old one holds stays there.",
    second=True,
    undo="What was sent stays with the receiver, whatever is changed later.",
)
PERSON_REACH_WIDENED: Final = ChangeKind(
    "person-reach-widened",
    "PRIVACY",
    "block",
    "personal data of more persons",
    "Checks that paths of persons that leave already do not leave about more persons than before.",
    "A scope, a condition, a trigger or a further route that lets more through lets their data through.",
    second=True,
    undo="What was sent stays with the receiver, whatever is changed later.",
)
PURPOSE_CHANGED: Final = ChangeKind(
    "purpose-changed",
    "PRIVACY",
    "block",
    "another purpose",
    "Checks that the purpose which a mapping names for personal data stays the same.",
    "Data that was taken for one purpose may not serve another by itself.",
    second=True,
)
BASIS_CHANGED: Final = ChangeKind(
    "basis-changed",
    "PRIVACY",
    "block",
    "another lawful basis",
    "Checks that the lawful basis which a mapping names for personal data stays the same.",
    "Each basis has duties of its own; persons may have been told of the old one.",
    second=True,
)
GRANT_EXTENDED: Final = ChangeKind(
    "grant-extended",
    "PRIVACY",
    "block",
    "grant lasts longer",
    "Checks that what leaves by a grant of the platform does not leave longer than before.",
    "Until the new day the engine goes on sending.",
    second=True,
)
GRANT_SHORTENED: Final = ChangeKind(
    "grant-shortened",
    "PRIVACY",
    "warn",
    "grant ends sooner",
    "Checks that the day is told from which a grant of the platform no longer holds.",
    "From that day on nothing leaves that needs it.",
)
FREE_TEXT_STARTS: Final = ChangeKind(
    "free-text-starts",
    "PRIVACY",
    "warn",
    "free text starts to flow",
    "Checks that no title, summary or description begins to leave by a route unseen.",
    "Free text may contain names; those of persons whom a mapping has no grant for are replaced where they are known.",
    undo="What was sent stays with the receiver, whatever is changed later.",
)
FREE_TEXT_UNREPLACED: Final = ChangeKind(
    "free-text-unreplaced",
    "PRIVACY",
    "block",
    "free text with names starts to flow",
    "Checks that no free text begins to leave by a route in which names of persons are not replaced.",
    "Free text may contain names, and a mapping that may send `person.full_name` sends them as they stand there.",
    second=True,
    undo="What was sent stays with the receiver, whatever is changed later.",
)

ALL: Final = (
    *(PERSON_PATH_STARTS, PERSON_PATH_STOPS, PERSON_PATH_GRANTED, PERSON_PATH_WITHDRAWN, PERSON_PATH_NEW_HOST),
    *(PERSON_REACH_WIDENED, PURPOSE_CHANGED, BASIS_CHANGED, GRANT_EXTENDED, GRANT_SHORTENED),
    *(FREE_TEXT_STARTS, FREE_TEXT_UNREPLACED),
)
