"""What the API leaves of HTML that it is sent. The documentation of notes says that it cleans them, not how.

Source: https://developers.pipedrive.com/docs/api/v1/Notes
"""

from html import escape
from html.parser import HTMLParser

ALLOWED = frozenset(
    (
        *("a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img"),
        *("li", "ol", "p", "pre", "s", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr"),
        *("u", "ul"),
    )
)
ATTRIBUTES = frozenset({"alt", "href", "src", "title"})
VOID = frozenset({"br", "hr", "img"})
#: Elements that go with all that they hold.
DROPPED = frozenset({"script", "style"})


def sanitise(content: str) -> str:
    """The content with allowed elements and attributes, everything else escaped or dropped."""
    cleaner = _Cleaner()
    cleaner.feed(content)
    cleaner.close()
    return "".join(cleaner.kept)


class _Cleaner(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.kept: list[str] = []
        self._dropped = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element opens."""
        self._dropped += tag in DROPPED
        if tag in ALLOWED and not self._dropped:
            kept = ((name, value or "") for name, value in attrs if name in ATTRIBUTES)
            said = "".join(f' {name}="{escape(value)}"' for name, value in kept if "script:" not in value.lower())
            self.kept.append(f"<{tag}{said}{' /' if tag in VOID else ''}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that is closed at once."""
        if tag not in DROPPED:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """An element closes."""
        if tag in DROPPED:
            self._dropped = max(self._dropped - 1, 0)
        elif tag in ALLOWED - VOID and not self._dropped:
            self.kept.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        """Text."""
        if not self._dropped:
            self.kept.append(escape(data, quote=False))
