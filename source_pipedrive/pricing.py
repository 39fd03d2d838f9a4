"""What reading a stream costs, in words, from its row and the prices of the endpoints it uses."""

from collections.abc import Iterator
from itertools import groupby

from pipedrive_client.endpoints import MAX_IDS, endpoint
from source_pipedrive.stream_spec import ListSpec, StreamSpec

#: Children that a function reads: the operation it uses, and its price in words; ``{cost}`` is the operation's.
BY_FUNCTION = {
    "deal_persons": (
        "api/v2/persons",
        f"{{cost}} per {MAX_IDS} deals with a person + {{cost}} per deal with participants",
    ),
    "organization_persons": ("api/v2/persons", "nothing beyond the listing of persons"),
}
#: What a counter counts, where its name is not the word for it.
COUNTED = {"email_messages_count": "e-mails", "assignment_count": "assignments"}


def price(spec: StreamSpec) -> str:
    """What a full read costs."""
    if spec.child:
        return _child_price(spec)
    parts = [*_list_prices(spec.lists)]
    if spec.detail:
        parts.append(f"{endpoint('GET', spec.detail.path).cost} per row")
    return " + ".join(parts)


def unchanged(spec: StreamSpec) -> str:
    """What an incremental sync costs when nothing changed."""
    if spec.child:
        return "no call" if spec.cursor else "as a full read"
    whole = [part for part in spec.lists if not (part.filtered or part.ordered)]
    if whole:
        return "the full listing and details" if spec.detail and not spec.cursor else "the full listing"
    # A list that is only sorted by change time is read from its newest row down to the bookmark.
    calls = [str(endpoint("GET", part.path).cost) for part in spec.lists]
    return f"{' + '.join(calls)} (one call{' a list' if len(calls) > 1 else ''})"


def _list_prices(lists: tuple[ListSpec, ...]) -> Iterator[str]:
    for path, group in groupby(lists, key=lambda part: part.path):
        parts = list(group)
        row = endpoint("GET", path)
        per = f"{row.cost} per {row.max_limit} " if row.paging in ("cursor", "offset") else f"{row.cost} for all "
        if len(parts) == 1:
            yield per + ("rows" if parts[0].name == "live" else f"{parts[0].name} rows")
        else:
            yield f"{per}rows, for each of {', '.join(part.name for part in parts)}"


def _child_price(spec: StreamSpec) -> str:
    assert spec.child is not None
    if not spec.child.path:
        path, words = BY_FUNCTION.get(spec.name, ("", spec.note))
        return words.format(cost=endpoint("GET", path).cost) if path else words
    parents = spec.child.parent.replace("_", " ")
    counted = [COUNTED.get(name, name.removesuffix("_count").replace("_", " ")) for name in spec.child.gate]
    gate = f" with {' or '.join(counted)}" if counted else ""
    per = f"{MAX_IDS} {parents}" if spec.child.batch else parents.removesuffix("s")
    return f"{endpoint('GET', spec.child.path).cost} per {per}{gate}"
