"""Normal forms of the keys by which people and companies are recognised. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import idna

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://|^//|^mailto:", re.IGNORECASE)
_END = re.compile(r"[/?#\\\s]")
_PORT = re.compile(r":\d*$")
#: Two labels at least: a placeholder such as ``n/a`` or ``none`` must not become a key.
_DOMAIN = re.compile(r"[^\s.:@\[\]]+(\.[^\s.:@\[\]]+)+")


def _folded(text: str) -> str:
    """Lower case, accents in one spelling."""
    return unicodedata.normalize("NFC", text).lower()


def email_key(text: object) -> str | None:
    """An e-mail address trimmed and in lower case; dots and ``+tag`` count. None when there is nothing."""
    key = _folded(text).strip() if isinstance(text, str) else ""
    return key or None


def text_key(text: object) -> str | None:
    """A name trimmed, in lower case, inner spaces folded to one. None when there is nothing."""
    key = " ".join(_folded(text).split()) if isinstance(text, str) else ""
    return key or None


def domain_of(website: object) -> str | None:
    """The domain of a web address: no scheme, user, ``www.``, path or port; lower case; punycode read as letters.

    None when there is nothing that could be a domain.
    """
    if not isinstance(website, str):
        return None
    host = _END.split(_SCHEME.sub("", _folded(website).strip(), count=1), maxsplit=1)[0]
    host = _PORT.sub("", host.rsplit("@", 1)[-1]).rstrip(".")
    host = host.removeprefix("www.")
    return _letters(host) if _DOMAIN.fullmatch(host) else None


def _letters(host: str) -> str:
    try:
        return idna.decode(host) if "xn--" in host else host
    except idna.IDNAError:
        return host


def primary_email(person: Mapping[str, Any]) -> str | None:
    """The normal form of a person's primary e-mail address, or of the first one when none is marked."""
    emails = person.get("emails")
    return _primary(emails) if isinstance(emails, list) else None


def _primary(emails: Iterable[Any]) -> str | None:
    entries = [entry for entry in emails if isinstance(entry, Mapping) and email_key(entry.get("value"))]
    marked = next((entry for entry in entries if entry.get("primary")), entries[0] if entries else None)
    return email_key(marked["value"]) if marked else None
