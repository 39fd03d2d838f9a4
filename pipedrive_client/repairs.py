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
    TEXT: "`{key}` held characters that no text can hold (half an emoji, a NUL) in {count} values; each is now \ufffd",
    NUMBER: "`{key}` was no number (NaN, Infinity) in {count} values and is null there",
    BYTES: "{count} answers held bytes that are not UTF-8; they were read as Latin-1",
    ROW: "GET /{key}: {count} rows were no objects and were left out",
    PAGE: "GET /{key}: {count} answers held `data: null` although asked for again, and count as empty pages",
}


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
        return [_SENTENCES[kind].format(key=key, count=count) for (key, kind), count in sorted(found.items())]
