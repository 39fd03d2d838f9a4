"""Problems of a config, gathered so that a person reads all of them at once."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from pipedrive_client.errors import WordedError

T = TypeVar("T")
S = TypeVar("S")

#: Characters of all problems together; nobody would read more.
MOST_TOLD = 3_500
#: What a sentence quotes. Nobody would read a value of more characters.
_QUOTED, MOST_QUOTED = re.compile(r"`([^`]*)`"), 200


class ConfigError(WordedError):
    """The config cannot be used; the message is one sentence that names the key, or several."""

    def __init__(self, message: str) -> None:
        super().__init__(_QUOTED.sub(_shortened, message), "config_error")


def _shortened(found: re.Match[str]) -> str:
    # All that is quoted is matched, or the text between two quotations would count as one.
    return found[0] if len(found[1]) < MOST_QUOTED else f"`{found[1][:80]}… ({len(found[1])} characters)`"


class Problems:
    """Sentences of what could not be read. Levels nest: ``check`` raises one error, which the level above takes on."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was found so far, each once."""
        return tuple(self._sentences)

    def add(self, sentences: Iterable[str]) -> None:
        """Take on what was found elsewhere."""
        self._sentences |= dict.fromkeys(sentences)

    def attempt(self, read: Callable[[], T], otherwise: S) -> T | S:
        """What ``read`` returns; after a ConfigError its sentence is kept and ``otherwise`` is returned."""
        try:
            return read()
        except ConfigError as error:
            self._sentences[str(error)] = None
            return otherwise

    def each(self, read: Callable[[T], S], values: Iterable[T]) -> list[S]:
        """What ``read`` makes of each value, without those that have a problem."""
        found = []
        for value in values:
            try:
                found.append(read(value))
            except ConfigError as error:
                self._sentences[str(error)] = None
        return found

    def check(self) -> None:
        """Raises ConfigError with all sentences, if there are any."""
        if self._sentences:
            raise ConfigError(together(self._sentences))


def together(problems: Iterable[str]) -> str:
    """Sentences one behind the other, as far as a person reads them, and how many more there are."""
    told: list[str] = []
    rest = list(problems)
    while rest and (not told or sum(map(len, told)) + len(rest[0]) <= MOST_TOLD):
        told.append(rest.pop(0))
    return " ".join([*told, *[f"There are {len(rest)} more problems."] * bool(rest)])


def nearest(name: str, known: Mapping[str, object] | Iterable[str], most: int = 3) -> str:
    """Names like this one, worded for the end of a sentence; empty when nothing is alike."""
    from difflib import get_close_matches

    spelled = {each.lower(): each for each in sorted(map(str, known), reverse=True)}
    close = [spelled[each] for each in get_close_matches(name.lower(), spelled, n=most, cutoff=0.6)]
    return f" Did you mean {' or '.join(f'`{each}`' for each in close)}?" if close else ""


def others(name: str, known: Iterable[str]) -> str:
    """The nearest names, worded for the end of a sentence; none for a name that is known, but that of several."""
    known = tuple(known)
    return "" if name.strip().lower() in (each.strip().lower() for each in known) else nearest(name, known)
