"""What a row of the object table says, and the checks that a wrong row fails on import."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Values = dict[str, Any]
#: Completes what is about to be written from the row as it is on the server (None: it is new).
Prepare = Callable[[Values, Mapping[str, Any] | None], Values]

#: How a built-in field is read, compared and written; a name in ``values.COERCERS``.
KINDS = frozenset(
    (
        *("text", "number", "integer", "boolean", "flag", "date", "datetime", "spaced_datetime", "clock", "choice"),
        *("enum", "visible_to", "labels", "address", "contacts", "user", "reference", "stage", "pipeline", "domain"),
        *("prices", "participants", "lead_value", "lead_labels", "visible_to_text"),
    )
)


@dataclass(frozen=True)
class FieldSpec:
    """A writable built-in field.

    ``nullable``: PATCH takes null; ``create_only``: POST takes it, PATCH does not
    (``update_only`` the other way round); ``on_request``: answers hold it only
    when ``include_fields`` names it; ``contact_sync``: only accounts with contact sync have it.
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

    @property
    def may_clear(self) -> bool:
        """True when the field can be emptied: by null, or by an empty list."""
        return self.nullable or self.kind in ("labels", "contacts")


def _by_id() -> Mapping[str, str]:
    return {"sort_by": "id", "sort_direction": "desc"}


@dataclass(frozen=True)
class ObjectSpec:
    """One writable object. The defaults describe a v2 object that is written with POST and PATCH.

    ``path`` is its list; ``match_on`` the default keys, tried in order; ``one_of`` fields of which a new row needs at
    least one; ``aliases`` other names of fields; ``read_only`` the source's other columns, never written; ``parents``
    link name -> body key; ``archived_path`` a second list that holds the archived rows; ``key_names`` what tells
    rows apart. An object without default keys has a ``fingerprint``: the text of which rows that may be the same are
    equal; they are the same when all that is mapped is. ``scopes``: OAuth scopes of which one must
    be granted in full. ``newest_first`` are the list's parameters for that order,
    ``reads_ids`` says whether it takes ``ids``, ``text_ids`` that an id is a text, ``flat_custom`` that custom fields
    stand beside the built-in ones.
    """

    name: str
    noun: str
    path: str
    rank: int
    fields: tuple[FieldSpec, ...]
    match_on: tuple[str, ...]
    required: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    aliases: Mapping[str, str] | None = None
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

    def __post_init__(self) -> None:
        keys = {each.key for each in self.fields}
        for each in self.fields:
            if each.kind not in KINDS:
                raise ValueError(f"Object `{self.name}`: field `{each.key}` has the unknown kind `{each.kind}`.")
        for key in (*self.required, *self.one_of, *(self.aliases or {}).values(), *(self.parents or {}).values()):
            if key not in keys:
                raise ValueError(f"Object `{self.name}`: `{key}` is not one of its fields.")

    def field(self, key: str) -> FieldSpec | None:
        """The built-in field of a body key, or None."""
        return next((each for each in self.fields if each.key == key), None)

    @property
    def columns(self) -> tuple[str, ...]:
        """The built-in columns of the source's stream: names that a custom field's column does not take."""
        return (*(each.key for each in self.fields), *self.read_only)
