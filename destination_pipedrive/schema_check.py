"""What the schema of an incoming stream shows before the first record: columns that are not there, types that differ.

A schema may be narrower than its records, so these are warnings; records that do not fit are rejected one by one.
"""

from collections.abc import Iterator, Mapping

from destination_pipedrive.configured import ConfiguredStream, json_types
from destination_pipedrive.mapping import ColumnMap
from destination_pipedrive.rules import Rules
from destination_pipedrive.targets import nearest

_TIMES = frozenset({"date", "datetime", "spaced_datetime", "clock", "daterange", "time", "timerange"})
_WORDS = frozenset({"text", "folded", "currency", "domain", "choice"})
_NUMBERS = frozenset({"number", "integer", "visible_to", "visible_to_text"})
_IDS = frozenset({"stage", "pipeline", "user", "reference", "monetary"})
#: JSON type -> kinds of fields that take no value of it.
REFUSED: Mapping[str, frozenset[str]] = {
    "object": frozenset({"boolean", "flag", "date", "datetime", "spaced_datetime", "clock"}) | _WORDS | _NUMBERS,
    "array": frozenset({"boolean", "flag", "enum"}) | _TIMES | _WORDS | _NUMBERS | _IDS,
    "boolean": frozenset({"contacts", "address"}) | _TIMES | _WORDS | _NUMBERS | _IDS,
    "number": _TIMES,
    "integer": _TIMES,
}


def warnings(stream: ConfiguredStream, rules: Rules, columns: ColumnMap) -> Iterator[str]:
    """One sentence for each column of a mapping that the stream lacks, and for each whose type its field refuses."""
    for where, name in _named(rules) if stream.columns else ():
        if name not in stream.columns:
            hint = nearest(name, stream.columns)
            yield f"`{rules.where}/{where}`: the schema of stream `{rules.stream}` has no column `{name}`.{hint}"
    for name, schema in stream.schemas.items():
        types = json_types(schema)
        for field, kind in columns.takers(name):
            if types and all(kind in REFUSED.get(each, ()) for each in types):
                told = " or ".join(sorted(types))
                yield (
                    f"Stream `{rules.stream}`: column `{name}` holds values of the type {told}, and `{field}` takes "
                    f"{kind}; records that have such a value are rejected."
                )


def _named(rules: Rules) -> Iterator[tuple[str, str]]:
    yield from ((f"fields/{rule.number}/source", rule.source) for rule in rules.fields)
    yield from ((f"links/{rule.parent}/from", rule.source) for rule in rules.links)
    yield from [("updated_at_field", rules.updated_at_field)] if rules.updated_at_field else ()
