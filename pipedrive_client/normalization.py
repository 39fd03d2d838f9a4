"""Normal forms of the keys by which people and companies are recognised. Pure."""

import re
import string
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import idna

_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*://|^//|^mailto:", re.IGNORECASE)
_END = re.compile(r"[/?#\\\s]")
_PORT = re.compile(r":\d*$")
#: Two labels at least: a placeholder such as ``n/a`` or ``none`` must not become a key.
_DOMAIN = re.compile(r"[^\s.:@\[\]]+(\.[^\s.:@\[\]]+)+")


#: Characters without width that copying leaves in texts: they make no other key.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff]")
#: What people write where there is nothing. Such a value is no key, and neither is a text of nothing but punctuation.
PLACEHOLDERS = frozenset(
    (
        *("0", "n/a", "n.a.", "n. a.", "#n/a"),
        *("nan", "null", "(null)", "undefined", "unknown"),
    )
)
_PUNCTUATION = frozenset(string.punctuation + string.whitespace + "–—…·•¿¡")
#: A number of fewer digits is a placeholder such as ``0`` or ``-``.
FEWEST_DIGITS = 3
#: The prefix of an international call in most countries. Source: ITU-T E.164.
_INTERNATIONAL = re.compile(r"\s*00(?=[\s(]*[1-9])")
_PHONES_KEPT = 100_000


def composed(text: str) -> str:
    """The text with its accents in one spelling (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def is_placeholder(text: str) -> bool:
    """True for ``n/a``, ``-``, ``0``, ``unknown`` and the like, which stand for nothing."""
    return text.strip().lower() in PLACEHOLDERS or (text[:1] in _PUNCTUATION and _PUNCTUATION.issuperset(text))


def _folded(text: str) -> str:
    """Lower case, accents in one spelling."""
    return text.lower() if text.isascii() else composed(_INVISIBLE.sub("", text)).lower()


def email_key(text: object) -> str | None:
    """An email address trimmed and in lower case; dots and ``+tag`` count. None when there is nothing."""
    key = _folded(text).strip() if isinstance(text, str) else ""
    return key or None


def text_key(text: object) -> str | None:
    """A name trimmed, in lower case, inner spaces folded to one. None when there is nothing."""
    key = " ".join(_folded(text).split()) if isinstance(text, str) else ""
    return key or None


def phone_key(text: object, country: str = "") -> str | None:
    """A phone number in one form: ``+49301234`` where its country is written or is ``country`` (an ISO code).

    Else its digits as they are; an extension follows. None for what holds fewer than three digits.
    """
    return _phone_key(text, country) if isinstance(text, str) else None


def is_country(code: str) -> bool:
    """True for the two-letter ISO code of a country that has phone numbers, in capitals."""
    import phonenumbers

    return code in phonenumbers.SUPPORTED_REGIONS


@lru_cache(_PHONES_KEPT)
def _phone_key(text: str, country: str) -> str | None:
    plain = unicodedata.normalize("NFKC", text).strip().removeprefix("tel:")
    digits = "".join(char for char in plain if char.isdecimal())
    if len(digits) < FEWEST_DIGITS or not digits.strip("0"):
        return None
    if not country:
        plain = _INTERNATIONAL.sub("+", plain)
    if not country and not plain.startswith("+"):
        return digits
    # Loading it takes a while, and most runs compare no phones.
    import phonenumbers

    try:
        number = phonenumbers.parse(plain, country or None)
    except phonenumbers.NumberParseException:
        return ("+" if plain.startswith("+") else "") + digits
    extension = f";ext={number.extension}" if number.extension else ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) + extension


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
    """The normal form of a person's primary email address, or of the first one when none is marked."""
    emails = person.get("emails")
    return _primary(emails) if isinstance(emails, list) else None


def _primary(emails: Iterable[Any]) -> str | None:
    entries = [entry for entry in emails if isinstance(entry, Mapping) and email_key(entry.get("value"))]
    marked = next((entry for entry in entries if entry.get("primary")), entries[0] if entries else None)
    return email_key(marked["value"]) if marked else None
