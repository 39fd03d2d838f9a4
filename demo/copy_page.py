"""The comparison of two accounts as one page that needs nothing else. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from demo.comparison import Comparison
from demo.limits import cells, not_restored

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 68rem; padding: 0 1rem; color: #1f2328 }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 2rem }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #d8dee4; vertical-align: top }
th { border-bottom-width: 2px } td.number { text-align: right; font-variant-numeric: tabular-nums }
tr.differs td { background: #fff8e5 } code { font-size: .9em }
@media (prefers-color-scheme: dark) {
  body { background: #0d1117; color: #e6edf3 } th, td { border-color: #30363d } tr.differs td { background: #2b2410 }
}
"""
TITLE = "An account and its copy"


def page(columns: Sequence[str], lines: Iterable[Sequence[Any]], found: Iterable[Comparison]) -> str:
    """The page: a line for each object, one example of each field that differs, and what no copy restores."""
    compared = _table(columns, lines, lambda line: bool(line[4] or line[6]))
    examples = _table(("object", "field", "rows", "in the account", "in its copy"), _examples(found))
    limits = _table(
        ("what", "columns or streams", "why"), ((what, ", ".join(names), why) for what, names, why in cells())
    )
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{TITLE}</title>\n'
        f'<meta name="viewport" content="width=device-width">\n<style>{STYLE}</style></head><body>\n'
        f"<h1>{TITLE}</h1>\n{compared}\n<h2>Fields that differ</h2>\n{examples}\n"
        f"<h2>What a copy does not restore</h2>\n{limits}\n</body></html>\n"
    )


def _examples(found: Iterable[Comparison]) -> Iterable[Sequence[Any]]:
    for each in found:
        for name, count in each.fields.most_common():
            before, after = each.examples[name]
            known = "" if not_restored(each.stream, name) else " (unexpected)"
            yield each.stream, name + known, count, _short(before), _short(after)


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _table(columns: Sequence[str], lines: Iterable[Sequence[Any]], is_marked: Any = lambda _: False) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    rows = "\n".join(_line(line, is_marked(line)) for line in lines)
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"


def _line(line: Sequence[Any], is_marked: bool) -> str:
    kind = ' class="differs"' if is_marked else ""
    return f"<tr{kind}>{''.join(map(_cell, line))}</tr>"


def _cell(value: Any) -> str:
    kind = ' class="number"' if isinstance(value, int) else ""
    return f"<td{kind}>{escape(str(value))}</td>"
