"""A plan as text for a terminal."""

from collections.abc import Iterator, Mapping, Sequence

from destination_pipedrive.results.plan_report import Line, Plan, shown

HEAD = ("ACTION", "OBJECT", "ROW", "WHAT")


def table(plan: Plan) -> str:
    """The lines of a plan in columns, then the counts, what is left out, the warnings and, last, the price."""
    lines = [*_columns([HEAD, *map(_cells, plan.lines)])]
    if plan.unlisted:
        lines.append(f"… and {plan.unlisted} more; the lines above are a sample, the counts below are exact.")
    lines += (f"{name}: {_counts(counts)}" for name, counts in plan.objects.items())
    if plan.besides:
        made = ", ".join(f"{count} {name}" for name, count in plan.besides.items())
        lines.append(f"Created along the way, because records need them: {made}.")
    lines += _section("Left out:", plan.left_out)
    lines += _section("Warnings:", plan.warnings)
    lines.append(_price(plan))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _columns(rows: Sequence[tuple[str, str, str, str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])


def _cells(line: Line) -> tuple[str, str, str, str]:
    """A record is named by its number, its stream where that has another name, and its key as it was sent."""
    key = ", ".join(f"{column}={shown(value)}" for column, value in line.key.items())
    stream = line.stream if line.stream != line.object_name else ""
    row = " ".join(part for part in (stream, line.row, key) if part)
    columns = ", ".join(f"`{column}`" for column in line.columns)
    about = f"column {columns}: " if columns else ""
    code = f"[{line.code}] " if line.code else ""
    return line.action, line.object_name, row, f"{code}{about}{line.what}"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items() if count)


def _section(title: str, sentences: Sequence[str]) -> Iterator[str]:
    if sentences:
        yield title
        yield from (f"  {sentence}" for sentence in sentences)


def _price(plan: Plan) -> str:
    left = "" if plan.tokens_left is None else f" Tokens left today: {plan.tokens_left}."
    total = plan.spent + plan.planned
    return f"Price: {total} tokens ({plan.spent} spent on look-ups, {plan.planned} to write).{left}"
