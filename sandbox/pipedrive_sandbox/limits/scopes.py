"""OAuth scopes: which of them an operation asks for, any one of which is enough.

Source: the `security` of each operation, https://developers.pipedrive.com/docs/api/v1.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipedrive_sandbox.limits.errors import SHORT_HELP
from pipedrive_sandbox.messages import Refusal, refuse


def accepted_scopes(words: Iterable[str], is_read: bool) -> set[str]:
    """Scopes of which one is enough. A family has `:read` and `:full`; `r:` or `w:` limits one to reads or writes."""
    return {scope for word in words for scope in _scopes(word, is_read)}


def require_scope(words: Iterable[str], is_read: bool, granted: str) -> None:
    """Raises 403 when none of the granted scopes (joined by commas) fits."""
    if not accepted_scopes(words, is_read) & set(granted.split(",")):
        raise _mismatch()


def _scopes(word: str, is_read: bool) -> tuple[str, ...]:
    side, _, rest = word.partition(":")
    if side in ("r", "w"):
        return _scopes(rest, is_read) if (side == "r") == is_read else ()
    if ":" in word or word in ("base", "admin", "phone-integration"):
        return (word,)
    return (f"{word}:read", f"{word}:full") if is_read else (f"{word}:full",)


def _mismatch() -> Refusal:
    body = {"success": False, "error": "Scope and URL mismatch", "errorCode": 403, "error_info": SHORT_HELP}
    return refuse(403, body)
