"""Fields that this account's plan does not have: after one refusal no further record is sent with such a field.

Which fields those are is documented, whether an account has them is not readable: only a write shows it.
"""

import re
import threading
from collections.abc import Collection

from destination_pipedrive.flow import Rejected
from destination_pipedrive.objects.spec import ObjectSpec
from pipedrive_client.errors import PipedriveError, Refused, TransientError

#: Statuses of a refusal for what the account has not bought, and words by which Pipedrive says so.
STATUSES = frozenset({402, 403, 415})
NOT_BOUGHT = re.compile(
    r"\b(features?|plans?|subscription|upgrade|add-?on|suites?|not (available|enabled)|contact sync)\b", re.IGNORECASE
)


class RefusedFields:
    """The fields of one object that were refused in this run. Safe to share between threads."""

    def __init__(self, spec: ObjectSpec) -> None:
        self._spec = spec
        self._names = {each.key: _named(each.key) for each in spec.fields if each.by_plan or each.contact_sync}
        #: Field -> why it was refused.
        self.reasons: dict[str, str] = {}
        self._lock = threading.Lock()

    def check(self, sent: Collection[str]) -> None:
        """Raises Rejected when one of these fields was refused before."""
        with self._lock:
            found = next(((key, self.reasons[key]) for key in self.reasons if key in sent), None)
        if found:
            raise Rejected("feature_limit", found[1], found[0])

    def learn(self, error: Refused, sent: Collection[str]) -> None:
        """Raises Rejected when a field is what was refused, and remembers it; any other refusal is left alone."""
        if error.status not in STATUSES and not NOT_BOUGHT.search(error.said):
            return
        key = next((key for key, name in self._names.items() if key in sent and name.search(error.said)), None)
        if key is None:
            return
        reason = (
            f"the account does not have the field `{key}` of {self._spec.name}; leave it out with the mode `ignore` in "
            f"`fields` (Pipedrive said: {error.said.rstrip('.')}, status {error.status})."
        )
        with self._lock:
            self.reasons[key] = reason
        raise Rejected("feature_limit", reason, key) from None


def _named(key: str) -> re.Pattern[str]:
    """The field's key, or its words, as a message spells them."""
    return re.compile(rf"\b{re.escape(key).replace('_', '[ _]?')}\b", re.I)


def parent_not_found(key: str) -> Rejected:
    """The rejection of a row whose parent does not exist."""
    return Rejected("parent_not_found", f"no row has the id that `{key}` names.", key)


#: Method of a request that keeps failing -> what is known of its effect.
AFTERWARDS = {"GET": "", "POST": " The list shows no new row."}


class RefusedRecord(Rejected):
    """What Pipedrive did not take of a record, with the request that showed it."""


class KeepsFailing(TransientError):
    """A write that fails however often it is sent. That of a change may have been applied all the same."""

    def __init__(self, method: str, error: PipedriveError) -> None:
        asked = f"{method} /{error.path}"
        super().__init__(f"{asked}: {error.message}", status=error.status, path=error.path, said=error.said)
        self.asked = asked


def rejected(error: Refused, method: str = "GET") -> RefusedRecord:
    """Pipedrive's refusal of one record as its rejection."""
    said = error.said or "no reason was given"
    if error.status in (402, 415) or "limit" in said.lower() or (error.status == 403 and NOT_BOUGHT.search(said)):
        code = "feature_limit"
    else:
        code = "permission_denied" if error.status == 403 else "refused_by_pipedrive"
    asked = f", {method} /{error.path}" if error.path else ""
    return RefusedRecord(code, f"Pipedrive said: {said.rstrip('.')} (status {error.status}{asked}).")


def failing(error: TransientError) -> RefusedRecord:
    """The rejection of a record on which Pipedrive keeps failing while others go through."""
    asked = error.asked if isinstance(error, KeepsFailing) else f"GET /{error.path}"
    status = f"status {error.status}" if error.status else "no usable answer"
    so = AFTERWARDS.get(asked.split(" ", 1)[0], " It may have been applied all the same.")
    return RefusedRecord("refused_by_pipedrive", f"{asked} keeps failing ({status}) while others go through.{so}")
