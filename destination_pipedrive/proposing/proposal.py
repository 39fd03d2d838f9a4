"""What a proposal is made of: one entry of `mappings`, and why each part of it is as it is."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class MappedColumn:
    """A column that goes to a field. ``options`` are the rule's other keys; ``why`` and ``notes`` are for people."""

    column: str
    target: str
    type: str
    why: str
    options: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def rule(self) -> dict[str, Any]:
        """Its entry in `fields`."""
        return {"source": self.column, "target": self.target, **self.options}


@dataclass(frozen=True)
class LeftOut:
    """A column that goes nowhere. ``nearest`` is a field that it may be for; ``is_ignored``: a rule must say so."""

    column: str
    why: str
    nearest: str = ""
    is_ignored: bool = False


@dataclass(frozen=True)
class LinkedColumn:
    """A column that tells to which parent a row belongs."""

    link: str
    by: str
    column: str
    why: str
    create_if_missing: bool = True

    def rule(self) -> dict[str, Any]:
        """Its entry in `links`."""
        return {"by": self.by, "from": self.column, **({"create_if_missing": True} if self.create_if_missing else {})}


@dataclass(frozen=True)
class Proposal:
    """The mapping of one stream. ``notes`` are sentences on the whole, ``more`` any other keys of the entry."""

    stream: str
    object_name: str
    why_object: str = ""
    match_on: tuple[Any, ...] = ()
    why_key: str = ""
    external_id_field: str = ""
    updated_at_field: str = ""
    fields: tuple[MappedColumn, ...] = ()
    links: tuple[LinkedColumn, ...] = ()
    value_maps: dict[str, dict[str, str]] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()
    more: dict[str, Any] = field(default_factory=dict)

    def entry(self) -> dict[str, Any]:
        """The entry as a config holds it."""
        ignored = [{"source": each.column, "mode": "ignore"} for each in self.left_out if each.is_ignored]
        whole: dict[str, Any] = {
            "stream": self.stream,
            "object": self.object_name,
            "match_on": [list(key) if isinstance(key, tuple) else key for key in self.match_on],
            "external_id_field": self.external_id_field,
            "updated_at_field": self.updated_at_field,
            "fields": [each.rule() for each in self.fields] + ignored,
            "links": {each.link: each.rule() for each in self.links},
            "value_maps": self.value_maps,
            "constants": self.constants,
            **self.more,
        }
        return {key: value for key, value in whole.items() if value}
