"""What answers held that had to be replaced or passed over, counted by stream or object and told once."""

import threading
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from pipedrive_client.lenient_json import BYTES, NUMBER, TEXT, Found

#: A row that is no object was left out; the key is the path of its list.
ROW: Final = "row"
#: A page whose rows are ``null`` counts as an empty one; the key is the path of its list.
PAGE: Final = "page"

_SENTENCES = {
    TEXT: ("value", "`{key}`: {some} held characters that no text takes (half an emoji, a NUL), replaced by �"),
    NUMBER: ("value", "`{key}`: {some} left null, NaN or beyond all numbers"),
    BYTES: ("answer", "{some} held bytes that are not UTF-8, read as Latin-1"),
    ROW: ("row", "GET /{key}: {some} left out, null or no object"),
    PAGE: ("answer", "GET /{key}: {some} with `data: null` each time, counted as empty"),
}


def some(count: int, noun: str) -> str:
    """``1 row``, ``2 rows``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


class Repairs:
    """Counts by label. Safe to use from several threads."""

    def __init__(self) -> None:
        self._found: defaultdict[str, Found] = defaultdict(Counter)
        self._lock = threading.Lock()

    def note(self, label: str, found: Found) -> None:
        """Count what an answer to ``label`` held; ``found`` is (key, kind) -> how often."""
        if found:
            with self._lock:
                self._found[label].update(found)

    def take(self, label: str) -> Iterable[str]:
        """One sentence for each key and kind since the last call."""
        with self._lock:
            found = self._found.pop(label, Counter())
        return [_sentence(key, kind, count) for (key, kind), count in sorted(found.items())]


def _sentence(key: str, kind: str, count: int) -> str:
    noun, text = _SENTENCES[kind]
    return text.format(key=key, some=some(count, noun))
