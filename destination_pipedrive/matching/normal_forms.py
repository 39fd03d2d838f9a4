"""The forms in which two spellings of a key are one, by kind of field. Pure.

What stands for "nothing" (`n/a`, `-`, `0`) is no key.
"""

import string
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, InvalidOperation
from typing import Any, Literal

from destination_pipedrive.fields.types import contact_key
from destination_pipedrive.matching.shared_hosts import company_domain
from pipedrive_client.normal import text_key

#: How strictly texts are compared: a ``key`` in any case, an ``external_id`` letter by letter, both never by a
#: placeholder; ``content`` is what a row says, whatever that is.
Form = Literal["key", "external_id", "content"]
#: Words that stand for "no value", in lower case. So does a text of nothing but punctuation.
PLACEHOLDERS = frozenset({"0", "n/a", "n.a.", "#n/a", "null", "(null)", "nan", "unknown", "undefined"})
_PUNCTUATION = frozenset(string.punctuation + string.whitespace + "–—…·•¿¡")
#: More digits than a number has that JSON or Pipedrive carries.
_EXACT = Context(prec=1_000)


def normal_forms(
    kind: str, value: Any, key: str = "", form: Form = "key", ignored: frozenset[str] = frozenset()
) -> list[str]:
    """The forms of a value; more than one where a field holds several, such as the e-mails of a person."""
    if kind == "contacts":
        given = (entry.get("value") for entry in value if isinstance(entry, Mapping))
        return list(dict.fromkeys(filter(None, (_contact(each, key) for each in given))))
    if kind == "participants":
        return [str(entry["person_id"]) for entry in value if isinstance(entry, Mapping) and entry.get("person_id")]
    if kind == "domain":
        single = company_domain(value, ignored)
    elif kind in WORDS:
        single = _word(_plain(value), form)
    else:
        single = FORMS.get(kind, _text)(value)
    return [single] if single else []


def is_placeholder(text: str) -> bool:
    """True for what people write where they have no value: `n/a`, `-`, `0`, `unknown`."""
    return text.strip().lower() in PLACEHOLDERS or (text[:1] in _PUNCTUATION and _PUNCTUATION.issuperset(text))


def number_key(value: Any) -> str | None:
    """One spelling of a number, exact at any size: 1, 1.0 and "1" are one number."""
    try:
        number = Decimal(_plain(value).strip())
        return format(number.normalize(_EXACT), "f") if number else "0"
    except InvalidOperation:
        return None


def _contact(value: Any, key: str) -> str | None:
    form = contact_key(value, key)
    if is_placeholder(form) or (key == "phones" and not any(char in "123456789" for char in form)):
        return None
    return form


def _word(given: str, form: Form) -> str | None:
    folded = text_key(given)
    if form == "content":
        return folded
    if not folded or is_placeholder(folded):
        return None
    return unicodedata.normalize("NFC", given).strip() if form == "external_id" else folded


def _text(value: Any) -> str | None:
    return text_key(_plain(value))


def _day(value: Any) -> str | None:
    return _plain(value).strip()[:10] or None


def _plain(value: Any) -> str:
    """A value as text; of an object its id."""
    return str(value.get("id", value.get("value")) if isinstance(value, Mapping) else value)


#: Kinds that people fill with words.
WORDS = frozenset({"text", "folded"})
FORMS: dict[str, Callable[[Any], str | None]] = {"number": number_key, "integer": number_key, "date": _day}
