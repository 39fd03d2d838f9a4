"""What a reader sees of a text in HTML. Pipedrive cleans notes and does not say how, so only this can be compared.

Source: https://developers.pipedrive.com/docs/api/v1/Notes ("Subject to sanitization on the back-end").
"""

from html.parser import HTMLParser

from pipedrive_client.normalization import composed

#: Elements whose content nobody sees.
HIDDEN = frozenset({"script", "style", "template"})
#: Where a link may lead that survives any cleaning.
_SCHEMES = ("http://", "https://", "mailto:", "tel:")
#: The names of elements; what looks like another one, such as `<ann@acme.test>`, may be text that was not escaped.
_ELEMENTS = frozenset(
    (
        *("a", "abbr", "address", "article", "aside", "audio", "b", "blockquote", "body", "br", "button", "caption"),
        *("center", "cite", "code", "col", "colgroup", "dd", "del", "details", "div", "dl", "dt", "em", "embed"),
        *("figcaption", "figure", "font", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr"),
        *("html", "i", "img", "input", "ins", "kbd", "label", "li", "link", "main", "mark", "meta", "nav", "ol"),
        *("option", "p", "pre", "q", "s", "section", "select", "small", "span", "strike", "strong", "sub", "summary"),
        *("sup", "svg", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "time", "title", "tr", "tt", "u"),
        *("ul", "video", "wbr", *HIDDEN),
    )
)


def visible_texts(content: object) -> frozenset[str]:
    """The ways in which a text can be seen: without spaces, with the targets of its links, accents in one spelling.

    There are several where the content of a script, or what is in angle brackets and no element of HTML, may be shown
    or dropped.
    """
    if not isinstance(content, str):
        return frozenset()
    if "<" not in content and "&" not in content:
        return frozenset({_squeezed(content)})
    reader = _Reader()
    reader.feed(content)
    reader.close()
    return frozenset(_squeezed("".join(each)) for each in (reader.kept, reader.shown, reader.bare))


def _squeezed(text: str) -> str:
    return "".join(composed(text).split())


class _Reader(HTMLParser):
    """Gathers the text: ``shown`` with what is no element of HTML, ``kept`` without it, ``bare`` with scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.shown: list[str] = []
        self.kept: list[str] = []
        self.bare: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element opens."""
        self._hidden += tag in HIDDEN
        target = dict(attrs).get("href") or "" if tag == "a" else ""
        if target.lower().startswith(_SCHEMES):
            self._add(f"({target})")
        elif tag not in _ELEMENTS and not self._hidden:
            self.shown.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that is closed at once."""
        if tag not in HIDDEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """An element closes."""
        if tag in HIDDEN:
            self._hidden = max(self._hidden - 1, 0)

    def handle_data(self, data: str) -> None:
        """Text."""
        self._add(data)

    def _add(self, text: str) -> None:
        self.bare.append(text)
        if not self._hidden:
            self.shown.append(text)
            self.kept.append(text)
