"""Secrets that no log, error, trace or file may show, in whatever form they come back.

A server may quote what it was sent: trimmed, in quotes, in a URL, in a header of basic authentication. Whoever prints
through a list of its own, as the CDK does, follows this one with ``follow``.
"""

import json
import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

HIDDEN = "****"
#: Shorter texts are not hidden: they are no secrets, and are part of many words.
SHORTEST = 4
#: Shorter parts of a secret with spaces or line breaks in it are not hidden by themselves.
SHORTEST_PART = 8
#: How many texts are hidden at most, the latest ones: an OAuth run of days has ever new tokens.
MOST = 2_000

_lock = threading.Lock()
_hidden: dict[str, None] = {}
_longest_first: tuple[str, ...] = ()
_followers: list[Callable[[list[str]], None]] = []


def follow(follower: Callable[[list[str]], None]) -> None:
    """Hand every new list of hidden texts, the longest first, to ``follower``."""
    if follower not in _followers:
        _followers.append(follower)


def hide(*secrets: Any) -> None:
    """Hide more secrets from now on: texts, and whatever texts are inside of other values."""
    _take(dict.fromkeys(form for secret in secrets for text in _texts(secret) for form in _forms(text)))


def forget() -> None:
    """Hide nothing any more: another config is read."""
    _hidden.clear()
    _take({})


def filter_secrets(text: str) -> str:
    """The text with ``****`` in the place of every secret."""
    for each in _longest_first:
        if each in text:
            text = text.replace(each, HIDDEN)
    return text


def _take(forms: Mapping[str, None]) -> None:
    global _longest_first
    with _lock:
        _hidden.update(forms)
        for each in list(_hidden)[:-MOST]:
            del _hidden[each]
        _longest_first = tuple(sorted(_hidden, key=len, reverse=True))
        for follower in _followers:
            follower(list(_longest_first))


def _texts(secret: Any) -> Iterator[str]:
    if isinstance(secret, str):
        yield secret
    elif isinstance(secret, Mapping):
        for each in secret.values():
            yield from _texts(each)
    elif isinstance(secret, list | tuple):
        for each in secret:
            yield from _texts(each)
    elif isinstance(secret, int | float) and not isinstance(secret, bool):
        yield str(secret)


def _forms(secret: str) -> Iterator[str]:
    """The spellings of a secret, and of what is left of it when it is trimmed or cut at spaces."""
    parts = (part for part in secret.split() if len(part) >= SHORTEST_PART)
    for text in dict.fromkeys((secret, secret.strip(), *parts)):
        yield from (form for form in _spellings(text) if len(form) >= SHORTEST)


def _spellings(text: str) -> Iterable[str]:
    if len(text.strip()) < SHORTEST:
        return ()
    content = text.encode(errors="replace")
    encoded = [b64encode(content).decode(), urlsafe_b64encode(content).decode()]
    escaped = [quote(content, safe=""), quote_plus(content)]
    lower = [_lower_escapes(each) for each in escaped]
    quoted = [json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]]
    return (text, *quoted, *escaped, *lower, *encoded, *(each.rstrip("=") for each in encoded))


def _lower_escapes(text: str) -> str:
    first, *others = text.split("%")
    return "".join([first, *(f"%{each[:2].lower()}{each[2:]}" for each in others)])
