"""The mapping of one stream as the user wrote it, frozen. Read from a config by ``config.py``."""

from collections.abc import Iterator
from dataclasses import dataclass

from destination_pipedrive.actions import Action
from pipedrive_client.expression import Expression

OPERATIONS = ("upsert", "insert", "update", "delete", "mirror")
#: Most of the managed rows that `mirror` deletes, unless the user says otherwise.
MAX_DELETE_SHARE = 0.1
MODES = ("overwrite", "fill", "ignore")
NULLS = ("ignore", "clear")


@dataclass(frozen=True)
class FieldRule:
    """One entry of ``fields``: a column, the field it goes to, and how. ``number`` is its place in the list."""

    source: str
    target: str
    mode: str = "overwrite"
    null: str = "ignore"
    number: int = 0


@dataclass(frozen=True)
class LinkRule:
    """One entry of ``links``: the parent is found ``by`` its id, name, domain or email in column ``source``."""

    parent: str
    by: str
    source: str
    create_if_missing: bool = False


@dataclass(frozen=True)
class ValueMap:
    """One entry of ``value_maps``: incoming value -> the name or id that Pipedrive has, for one field."""

    target: str
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Rules:
    """One entry of ``mappings`` with its defaults; ``where`` is its JSON pointer.

    ``on_unknown_option`` is empty where it is not set.
    """

    stream: str
    where: str
    object_name: str = ""
    operation: str = ""
    match_on: tuple[str, ...] = ()
    require_match_key: bool = True
    create: bool = True
    update: bool = True
    on_ambiguous: str = "reject"
    on_duplicate: str = "update"
    on_gone: str = "reject"
    on_missing_parent: str = "reject"
    on_unknown_option: str = ""
    external_id_field: str = ""
    max_delete_share: float = MAX_DELETE_SHARE
    updated_at_field: str = ""
    domain_field: str = ""
    fields: tuple[FieldRule, ...] = ()
    links: tuple[LinkRule, ...] = ()
    constants: tuple[tuple[str, object], ...] = ()
    value_maps: tuple[ValueMap, ...] = ()
    owner: str = ""
    filter: Expression | None = None
    create_when: Expression | None = None
    max_records: int | None = None
    min_change: tuple[tuple[str, float], ...] = ()
    actions: tuple[Action, ...] = ()

    @property
    def conditions(self) -> Iterator[tuple[str, Expression]]:
        """Every expression on the record, with where it stands."""
        found = [("filter", self.filter), ("create_when", self.create_when)]
        found += [(f"{action.where.removeprefix(f'{self.where}/')}/when", action.when) for action in self.actions]
        yield from ((where, expression) for where, expression in found if expression)

    @property
    def condition_columns(self) -> frozenset[str]:
        """The columns that conditions use."""
        return frozenset(name for _, expression in self.conditions for name in expression.names)
