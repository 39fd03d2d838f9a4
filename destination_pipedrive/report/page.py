"""Renders a report as one HTML file that loads nothing: no script, and one style that its own policy names."""

import os
import re
import tempfile
from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from destination_pipedrive.report.model import Report, RowGroup
from destination_pipedrive.results.plan_report import FIRST_LISTED, Line, shown
from pipedrive_client.config import ConfigError

FOLDER = Path(__file__).parent
#: Rows that a group shows at most, and how large a page may be in bytes; a larger one shows fewer rows.
MOST_ROWS, MOST_BYTES = 200, 1_900_000
#: Groups of more rows than these begin folded.
MOST_OPEN = 25
#: What spreadsheets take for the beginning of a formula when a cell is pasted into them; numbers are none.
_FORMULA = re.compile(r"^[=+\-@\t\r](?![\d.,\s]*$)")
#: Characters that change how the text around them is shown: controls, and those that turn its direction.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
#: Names of built-in fields that are references, or that have several words.
_API_NAME, _ID = re.compile(r"[a-z]+(_[a-z]+)+"), re.compile(r"_ids?$")
WORD_JOINER = "\u2060"


def page(report: Report, now: datetime | None = None) -> str:
    """The whole page. ``now``: when it is made, in UTC."""
    most = MOST_ROWS
    while True:
        text = _rendered(report, now or datetime.now(UTC), most)
        if len(text.encode()) <= MOST_BYTES or most == 1:
            return text
        most = max(1, most // 2)


def write_page(path: str, report: Report) -> None:
    """Write the page at once as a whole, for its owner's eyes only. Raises ConfigError when that is not possible."""
    target = Path(path)
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(page(report))
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise _unwritable(path, error.strerror or type(error).__name__) from None


def check_writable(path: str) -> None:
    """Raises ConfigError when no file can be put there: before a plan spends tokens."""
    target = Path(path)
    if target.is_dir():
        raise _unwritable(path, "it is a folder")
    if not target.parent.is_dir():
        raise _unwritable(path, f"there is no folder {target.parent}")
    if not os.access(target.parent, os.W_OK):
        raise _unwritable(path, f"the folder {target.parent} may not be written to")


def _unwritable(path: str, why: str) -> ConfigError:
    return ConfigError(f"The page {path} (`--html`) cannot be written: {why}.")


def _rendered(report: Report, now: datetime, most: int) -> str:
    css = (FOLDER / "page.css").read_text(encoding="utf-8")
    return _template().render(
        report=report,
        made_at=now.strftime("%Y-%m-%d %H:%M UTC"),
        css=Markup(css),
        css_hash=Markup(b64encode(sha256(css.encode()).digest()).decode()),
        rows=lambda group: chosen(group.lines, most),
        is_open=lambda group: group.count <= MOST_OPEN,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_plain,
    )
    environment.filters |= {"number": _number, "label": _label, "shown": shown, "rejects": _rejects}
    environment.filters |= {"prose": _prose, "field_name": _field_name}
    return environment.get_template("page.html.jinja")


def _plain(value: object) -> object:
    """A text as it may stand on the page, harmless also when it is copied into a spreadsheet."""
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    text = _UNSEEN.sub("\ufffd", value)
    return WORD_JOINER + text if _FORMULA.match(text) else text


def _number(value: int) -> Markup:
    """A count with thousands apart."""
    return Markup(f"{value:,}")


def _label(name: str) -> str:
    """An object's name for people."""
    return name.replace("_", " ").capitalize()


def _prose(text: str) -> Markup:
    """A sentence with what it quotes in backticks as code."""
    parts = str(_plain(text)).split("`")
    if len(parts) % 2 == 0:
        return Markup.escape("`".join(parts))
    tagged = (
        Markup("<code>{}</code>").format(part) if number % 2 else Markup.escape(part)
        for number, part in enumerate(parts)
    )
    return Markup("").join(tagged)


def _field_name(name: str) -> str:
    """A field's name for people: `owner_id` is the owner, `label_ids` are the labels."""
    if not _API_NAME.fullmatch(name):
        return name
    return _ID.sub(lambda found: "s" if found[0] == "_ids" else "", name).replace("_", " ")


def _rejects(groups: Sequence[RowGroup]) -> int:
    return sum(group.count for group in groups)


def chosen(lines: Sequence[Line], most: int) -> list[Line]:
    """The first rows of a group and, where there are more than ``most``, some of the rest at equal distances."""
    if len(lines) <= most:
        return list(lines)
    first = min(FIRST_LISTED, most // 2)
    rest, room = lines[first:], most - first
    return [*lines[:first], *(rest[number * len(rest) // room] for number in range(room))]
