"""What the demo prints: headings, sentences, tables and progress. In a terminal with bars, elsewhere as plain lines."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.padding import Padding
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

WIDEST_CELL = 42
LONGEST_BAR = 40
#: Columns of output that is no terminal.
PLAIN_WIDTH = 120
#: Seconds between two looks at the progress, and between two lines of it where nothing can be drawn.
LOOK_SECONDS, LINE_SECONDS = 0.25, 3.5
INDENT = 3
#: Requests and tokens so far.
Meter = Callable[[], dict[str, int]]


class Screen:
    """One console. Its file is chosen at the start: others redirect ``sys.stdout`` while progress is shown."""

    def __init__(self, console: Console | None = None) -> None:
        width = None if sys.stdout.isatty() else PLAIN_WIDTH
        self.console = console or Console(file=sys.stdout, width=width, highlight=False, emoji=False, markup=False)
        #: No progress is shown.
        self.quiet = False
        self._count = 0

    def heading(self, text: str) -> None:
        """Start the next step."""
        self._count += 1
        self.console.print()
        self.console.print(Text(f"{self._count}. {text}", style="bold cyan"))
        self.console.print()

    def say(self, text: str = "", style: str = "") -> None:
        """One sentence."""
        self.console.print(Padding.indent(Text(text, style=style), INDENT) if text else "")

    def code(self, text: str) -> None:
        """Something to copy: never broken into lines."""
        self.console.print(Text(f"   {text}", style="green"), soft_wrap=True)

    def lines(self, lines: Iterable[str]) -> None:
        """Output of a command; what does not fit is cut."""
        for line in lines:
            self.console.print(Text(f"   {line}", style="dim"), no_wrap=True, overflow="ellipsis", crop=True)

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Any]], styles: Sequence[str] = ()) -> None:
        """Rows under column names; numbers to the right, long text cut."""
        rows = [list(row) for row in rows]
        looks: dict[str, Any] = {"box": box.SIMPLE_HEAD, "pad_edge": False, "show_edge": False, "header_style": "bold"}
        table = Table(**looks, show_header=any(columns))
        for index, name in enumerate(columns):
            is_number = bool(rows) and all(isinstance(row[index], int | float | Decimal) for row in rows)
            style = styles[index] if index < len(styles) else ""
            widest = max((cell_len(_text(row[index])) for row in rows), default=0) if is_number else None
            justify: JustifyMethod = "right" if is_number else "left"
            table.add_column(name, justify=justify, style=style, no_wrap=True, min_width=widest)
        for row in rows:
            table.add_row(*(Text(_text(value)) for value in row))
        self.console.print(Padding.indent(table, INDENT))

    def bars(self, figures: Sequence[tuple[str, int]]) -> None:
        """Numbers with a bar each, the longest as a whole."""
        longest = max(1, *(number for _, number in figures))
        rows = [(name, number, "█" * max(1, round(LONGEST_BAR * number / longest))) for name, number in figures]
        self.table(("", "tokens", ""), rows, ("", "", "cyan"))

    @contextmanager
    def working(self, text: str, meter: Meter, total: int | None = None) -> Iterator[None]:
        """Show while something runs what it has spent. ``total``: the tokens that it is known to take."""
        if self.quiet:
            yield
            return
        before = meter()
        done = threading.Event()
        show = self._draw if self.console.is_terminal else self._tell
        watcher = threading.Thread(target=show, args=(text, meter, before, total, done), daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()

    def _draw(self, text: str, meter: Meter, before: dict[str, int], total: int | None, done: threading.Event) -> None:
        columns = (
            SpinnerColumn(),
            TextColumn(text),
            BarColumn(),
            TextColumn("{task.fields[spent]}"),
            TimeElapsedColumn(),
        )
        options: dict[str, Any] = {"transient": True, "redirect_stdout": False, "redirect_stderr": False}
        with Progress(*columns, console=self.console, **options) as progress:
            task = progress.add_task(text, total=total, spent="")
            while not done.wait(LOOK_SECONDS):
                requests, tokens = spent(meter, before)
                progress.update(task, completed=tokens, spent=f"{requests:,} requests, {tokens:,} tokens")

    def _tell(self, text: str, meter: Meter, before: dict[str, int], total: int | None, done: threading.Event) -> None:
        of = f" of {total:,}" if total else ""
        started = time.monotonic()
        self.say(f"{text} …")
        while not done.wait(LINE_SECONDS):
            requests, tokens = spent(meter, before)
            so_far = f"{requests:,} requests, {tokens:,}{of} tokens" if requests else "starting"
            self.say(f"… {time.monotonic() - started:.0f} s, {so_far}")


def spent(meter: Meter, before: dict[str, int]) -> tuple[int, int]:
    """Requests and tokens since ``before``."""
    now = meter()
    return now["requests"] - before["requests"], now["tokens"] - before["tokens"]


def _text(value: Any) -> str:
    text = "" if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value)
    text = text.rstrip("0").rstrip(".") if isinstance(value, Decimal) and "." in text else text
    return text if len(text) <= WIDEST_CELL else text[: WIDEST_CELL - 1] + "…"
