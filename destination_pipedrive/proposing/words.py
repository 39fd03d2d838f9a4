"""Names of columns in a form in which spellings of one name are equal: case, accents, umlauts, filler words. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

#: Words that carry no meaning in a name: `date d'échéance`, `nombre de la empresa`.
_FILLERS = frozenset(
    "of the de del della di do da dos das du des d l la le les el los der die van het een in".split()  # noqa: SIM905
)
#: What tools put around the names of their columns.
_WRAPPERS = re.compile(
    r"^(properties|property|custom_fields|custom|fields|attributes|data|hs|sf|src|stg|dim)[_.]+", re.I
)
_ENDINGS = re.compile(r"__(c|pc|r)$", re.I)
#: Units behind a name: `Amount (EUR)`, `Umsatz in EUR`, `Last activity date (CET)`.
_BRACKETS = re.compile(r"\s*[\(\[][^)\]]*[\)\]]\s*")
_CURRENCY = re.compile(r"[\s_]+(in[\s_]+)?(eur|usd|gbp|chf|€|\$|£)$|[€$£]", re.I)
_CAMEL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Þ])|(?<=[A-Z])(?=[A-Z][a-z])")
#: What stands between two names of one thing: `Firma / Organisation`, `Phone or mobile`.
_BETWEEN = re.compile(r"\s*[/|&;,]\s*|\s+(?:and|or|und|oder|et|ou|y|o|e|en|of)\s+", re.I)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


@dataclass(frozen=True)
class Words:
    """A name's words; ``heads`` is what stands before them, as `Person` does in `Person - Email`."""

    words: tuple[str, ...]
    heads: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The words as one: `first_name`, `First Name` and `firstName` are `firstname`."""
        return "".join(self.words)

    @property
    def bag(self) -> str:
        """The words in the order of the alphabet."""
        return " ".join(sorted(self.words))


@lru_cache(50_000)
def words_of(name: str) -> Words:
    """The words of a column's name; `Person - Email - Work` has the head `person`."""
    text = _CURRENCY.sub("", _BRACKETS.sub(" ", _ENDINGS.sub("", _WRAPPERS.sub("", name.strip()))).strip())
    *heads, rest = [part for part in re.split(r"\s+-\s+|:\s+|(?<=\w)\.(?=\w)", text) if part.strip()] or [name]
    if len(heads) > 1:  # `Person - Email - Work`: the last part says which of several
        heads, rest = heads[:1], " ".join([*heads[1:], rest])
    return Words(_split(rest), tuple("".join(_split(head)) for head in heads))


def _split(text: str) -> tuple[str, ...]:
    plain = anyascii(text) if not text.isascii() else text
    spaced = _CAMEL.sub(" ", plain)
    found = [word for word in re.split(r"[^a-z0-9]+", spaced.lower()) if word]
    kept = [word for word in found if word not in _FILLERS]
    return tuple(kept or found)


def spellings(alias: str) -> Iterator[Words]:
    """An alias as people write it, with umlauts as two letters too."""
    yield words_of(alias)
    spelled = alias.translate(_UMLAUTS)
    if spelled != alias:
        yield words_of(spelled)


def names_in(name: str) -> tuple[str, ...]:
    """The names that a head offers for one column, as `Company / Account` does; none when it is a single name."""
    found = tuple(part for part in _BETWEEN.split(_BRACKETS.sub(" ", name).strip()) if part)
    return found if len(found) > 1 else ()


def without(words: Words, prefixes: frozenset[str]) -> Words | None:
    """The rest of a name behind a word such as `contact`; None when it does not begin or end with one."""
    for length in (2, 1):
        first, last = "".join(words.words[:length]), "".join(words.words[-length:])
        if len(words.words) > length and first in prefixes:
            return Words(words.words[length:])
        if len(words.words) > length and last in prefixes:
            return Words(words.words[:-length])
    return None
