"""What a row of the object table says, and the checks that a wrong row fails on import."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Values = dict[str, Any]
#: Completes what is about to be written from the row as it is on the server (None: it is new).
Prepare = Callable[[Values, Mapping[str, Any] | None], Values]
#: Values of a new row -> those that are sent.
NewBody = Callable[[Values], Values]


@dataclass(frozen=True)
class FieldSpec:
    """A writable built-in field. ``kind`` is the name of its type in the table of field types.

    ``nullable``: PATCH takes null; ``create_only``: POST takes it, PATCH does not
    (``update_only`` the other way round); ``on_request``: answers hold it only
    when ``include_fields`` names it; ``contact_sync``: only accounts with contact sync have it; ``by_plan``: only
    accounts of some plans have it, and nothing that can be read says so; ``detail``: only the answer about one row
    holds it, lists do not; ``hidden``: no answer holds it; ``shown_as``: its name in answers.
    """

    key: str
    kind: str = "text"
    nullable: bool = False
    create_only: bool = False
    update_only: bool = False
    longest: int | None = None
    choices: tuple[str, ...] = ()
    refers: str = ""
    on_request: bool = False
    contact_sync: bool = False
    by_plan: bool = False
    detail: bool = False
    hidden: bool = False
    shown_as: str = ""


@dataclass(frozen=True)
class Below:
    """Rows that belong to one row of another object and are listed by it.

    ``key`` is the field that holds the parent's id; ``list_path`` the list; ``param`` the query parameter that takes
    the parents (empty: the path does), ``at_once`` how many of them in one call. ``counter`` is the field of the
    parent, listed at ``parents``, that says how many rows it has.
    """

    key: str
    list_path: str
    param: str = ""
    at_once: int = 1
    parents: str = ""
    counter: str = ""


#: What may be done with rows.
EVERYTHING = frozenset({"insert", "update", "delete"})


def _by_id() -> Mapping[str, str]:
    return {"sort_by": "id", "sort_direction": "desc"}


@dataclass(frozen=True)
class ObjectSpec:
    """One writable object. The defaults describe a v2 object that is written with POST and PATCH.

    ``path`` is where rows are created, ``item`` one row, ``lists`` its lists with their parameters (empty: ``path``);
    ``item_id`` the key of a row's own id. ``match_on`` the default keys, tried in order; ``one_of`` fields of which
    a new row needs at least one, by Pipedrive's own rule or (``needs_one`` false) by ours; ``aliases`` other names of
    fields; ``also`` names that people use, where no custom field has them, of a field or of a `field.part`; ``parts``
    columns that hold one key of a field; ``read_only`` the source's other columns, never written; ``parents``
    link name -> body key; ``archived_path`` a second list that holds the archived rows; ``key_names`` what tells
    rows apart. An object without default keys has a ``fingerprint``: the text of which rows that may be the same are
    equal; they are the same when all that is mapped is. ``scopes``: OAuth scopes of which one must
    be granted in full. ``newest_first`` are the list's parameters for that order,
    ``reads_ids`` says whether it takes ``ids``, ``text_ids`` that an id is a text, ``flat_custom`` that custom fields
    stand beside the built-in ones. ``operations``: what Pipedrive takes. ``narrowed_by``: fields that, with the
    match key, tell rows apart. ``below``: whose rows these are. ``is_small``: the list is short and read whole before
    anything is written. ``reads_one``: the API shows one row. ``sent_along``: fields that every update must carry.
    ``inside``: the key under ``data`` that holds the row that was written. ``sends_form``: updates are forms, not JSON.
    ``new_body``: what of a new row's values is sent. ``read_beside``: field -> what else lists are asked for where it
    is written, because ``prepare`` looks at it.
    ``keeps_inactive``: a row whose ``active_flag`` is false is switched off, not deleted.
    ``feature``: what an account must have bought for it.
    """

    name: str
    noun: str
    path: str
    rank: int
    fields: tuple[FieldSpec, ...]
    match_on: tuple[str, ...]
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    needs_one: bool = True
    aliases: Mapping[str, str] | None = None
    also: Mapping[str, str] | None = None
    parts: Mapping[str, tuple[str, str]] | None = None
    read_only: tuple[str, ...] = ()
    parents: Mapping[str, str] | None = None
    archived_path: str = ""
    key_names: tuple[str, ...] = ()
    fingerprint: str = ""
    scopes: tuple[str, ...] = ()
    update_method: str = "PATCH"
    newest_first: Mapping[str, str] = field(default_factory=_by_id)
    reads_ids: bool = True
    text_ids: bool = False
    flat_custom: bool = False
    prepare: Prepare | None = None
    read_beside: Mapping[str, str] | None = None
    new_body: NewBody | None = None
    operations: frozenset[str] = EVERYTHING
    narrowed_by: tuple[str, ...] = ()
    below: Below | None = None
    item: str = ""
    item_id: str = "id"
    lists: tuple[tuple[str, Mapping[str, str]], ...] = ()
    is_small: bool = False
    reads_one: bool = True
    sent_along: tuple[str, ...] = ()
    inside: str = ""
    sends_form: bool = False
    keeps_inactive: bool = False
    feature: str = ""

    def __post_init__(self) -> None:
        keys = {each.key for each in self.fields}
        if not self.operations <= EVERYTHING:
            raise ValueError(f"Object `{self.name}`: operations are {', '.join(sorted(EVERYTHING))}.")
        named = (*self.required, *self.narrowed_by, *self.sent_along, *self.one_of)
        below = (self.below.key,) if self.below else ()
        for key in (
            *named,
            *below,
            *(self.aliases or {}).values(),
            *(name.split(".")[0] for name in (self.also or {}).values()),
            *(self.parents or {}).values(),
        ):
            if key not in keys:
                raise ValueError(f"Object `{self.name}`: `{key}` is not one of its fields.")

    @cached_property
    def by_key(self) -> Mapping[str, FieldSpec]:
        """The built-in fields by their body keys."""
        return {each.key: each for each in self.fields}

    def field(self, key: str) -> FieldSpec | None:
        """The built-in field of a body key, or None."""
        return self.by_key.get(key)

    def missing(self, keys: Set[str]) -> tuple[str, ...]:
        """The first required field that a new row of these fields lacks, or those of which it needs one."""
        for key in self.required:
            if key not in keys:
                return (key,)
        return () if not self.one_of or keys & set(self.one_of) else self.one_of

    @cached_property
    def item_path(self) -> str:
        """The template of one row's path."""
        return self.item or self.path + "/{id}"

    @cached_property
    def is_nested(self) -> bool:
        """True when the path of a row names its parent."""
        return "{id}" in self.path

    @cached_property
    def is_relation(self) -> bool:
        """True for rows that are only there or not, such as followers: creating one twice is never wanted."""
        return bool(self.narrowed_by) and "update" not in self.operations

    @cached_property
    def is_read_whole(self) -> bool:
        """True when all rows that a new one could be taken for are known before it is created."""
        return self.is_small or self.below is not None

    @cached_property
    def has_floor(self) -> bool:
        """True when a new row has a higher id than all rows before it, and the first page of the list shows those."""
        return bool(self.newest_first) and not self.text_ids and not self.is_read_whole

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The built-in columns of the source's stream: names that a custom field's column does not take."""
        own = (each.shown_as or each.key for each in self.fields if not each.hidden)
        return (*own, *(self.parts or {}), *self.read_only)
