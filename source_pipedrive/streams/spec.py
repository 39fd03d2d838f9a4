"""What a row of the stream table holds. A bad row fails on import with the row's name."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipedrive_client.client import PipedriveClient
from pipedrive_client.endpoints import endpoint
from pipedrive_client.field_definitions import FIELD_PATHS

Row = dict[str, Any]
Prepare = Callable[[Row], Row]
#: Rows at a path with these parameters for one parent; none when it is gone or hidden, which is counted.
Ask = Callable[[Row, str, Row], list[Row]]
#: Reads the children of up to ``size`` parents that no plain endpoint gives: yields (parent's row, child row).
ReadChildren = Callable[[PipedriveClient, list[Row], Ask], Iterator[tuple[Row, Row]]]

#: How v2 lists are walked: oldest change first, so that every page is a resume point.
V2_BY_CHANGE = {"sort_by": "update_time", "sort_direction": "asc"}
#: The same for v1 lists.
V1_BY_CHANGE = {"sort": "update_time ASC"}
#: Parents asked for in one slice, when each costs a call of its own: what a killed run may ask again.
SINGLES_A_SLICE = 10
#: Tokens of a call where children are read by several kinds of calls: those of a list of v1.
DEAREST_LIST = 20
#: Lists that can be asked for some of the custom fields. Source: `custom_fields` of the v2 operations.
TAKES_CUSTOM_FIELDS = frozenset(
    f"api/v2/{name}" for name in ("deals", "deals/archived", "persons", "organizations", "products")
)
#: Keys of a parent's row whose children are asked for daily: today's date by Pipedrive's clock, and the day of the last
#: read, None before the first.
TODAY, READ_UNTIL = "today", "read_until"


@dataclass(frozen=True)
class ListSpec:
    """One list that feeds a stream.

    ``filtered``: takes ``updated_since``. ``ordered``: rows come oldest change first, so a page is a resume point.
    ``deleted``: parameters that add deleted rows. ``include``: extras asked for with ``include_fields``.
    ``constants``: values that every row of this list has. ``shared``: small, read once a run for all streams.
    ``stamped_late``: a row that was made over the API has no change time until it is first touched.
    ``legacy_stream``: the official connector's stream that read this list; its bookmark is taken over.
    """

    path: str
    name: str = "live"
    params: Mapping[str, str] = field(default_factory=dict)
    filtered: bool = False
    ordered: bool = False
    deleted: Mapping[str, str] = field(default_factory=dict)
    include: tuple[str, ...] = ()
    constants: Mapping[str, Any] = field(default_factory=dict)
    shared: bool = False
    stamped_late: bool = False
    legacy_stream: str = ""

    @property
    def is_begun_anywhere(self) -> bool:
        """Whether the list can be begun at any change time and goes on from there in order."""
        return self.filtered and self.ordered


@dataclass(frozen=True)
class ChildSpec:
    """How rows below a parent are read.

    ``parent``: the parent's stream. ``key``: the column that holds the parent's id. ``path``: the endpoint; ``{id}``
    is the parent's id, unless ``param`` carries it, or ``batch`` up to 100 of them. ``gate``: counters of the parent;
    when all are zero there is nothing to ask for. ``needs``: further keys of the parent that ``read`` uses.
    ``read``: a named function for children without an endpoint of that kind. ``inherit``: keys of the parent that its
    children carry. ``none``: statuses that mean "nothing below this parent". ``gathers``: the parent may be in several
    of its lists, and this key gets their names. ``hints``: a column whose values below a parent help a sibling, the one
    that names this stream as ``told_by``: they are in the parent's row under this stream's name, when they are known.
    ``together``: a named function that adds to the rows below one parent what only all of them tell.
    ``daily``: they change by themselves, so that every parent is asked again once a day; its row then has ``TODAY`` and
    ``READ_UNTIL``. ``bodies``: parameters that add the bodies of emails.
    """

    parent: str
    key: str
    path: str = ""
    param: str = ""
    batch: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    gate: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    read: ReadChildren | None = None
    inherit: tuple[str, ...] = ()
    none: tuple[int, ...] = ()
    gathers: str = ""
    hints: str = ""
    told_by: str = ""
    together: Callable[[list[Row]], list[Row]] | None = None
    daily: bool = False
    bodies: Mapping[str, str] = field(default_factory=dict)
    size: int = 0

    @property
    def keys(self) -> frozenset[str]:
        """Keys of the parent that reading its children takes."""
        return frozenset(("id", "update_time", "is_deleted", *self.gate, *self.needs, *self.inherit))

    @property
    def slice_size(self) -> int:
        """How many parents one slice asks for."""
        return self.size or (100 if self.batch else SINGLES_A_SLICE)

    @property
    def is_one_call(self) -> bool:
        """Whether a slice is one call, or none, however many parents it has."""
        return bool(self.batch or self.size)

    @property
    def price(self) -> int:
        """Tokens of one call."""
        return endpoint("GET", self.path).cost if self.path else DEAREST_LIST


@dataclass(frozen=True)
class Detail:
    """One call a row for what the list leaves out: ``take`` names the keys that are copied from its answer.

    ``beside``: they are not in ``data`` but under this key of ``additional_data``.
    """

    path: str
    take: tuple[str, ...]
    beside: str = ""


@dataclass(frozen=True)
class StreamSpec:
    """One stream.

    ``cursor``: the column that tells when a row changed; None reads everything each time. ``fields``: the object whose
    custom fields the rows carry (flat in v1 rows: ``flat_fields``). ``label_list``: where names of ``label_ids`` are,
    when not among the object's field options. ``aliases``: other spellings of a column. ``drop``: keys left out on
    purpose. ``prepare``: a named function that brings a row into its documented shape. ``feature``: what the account
    needs for this stream; without it the stream ends empty with one warning. ``note``: what its page should say.
    ``schema``: the schema file, when not the one of the stream's name. ``columns``: declared otherwise than there.
    ``has_local_bookmark``: the official connector writes this stream's bookmark without a time zone. ``content``: where
    the file that a row describes is, for a platform that copies files.
    """

    name: str
    lists: tuple[ListSpec, ...] = ()
    primary_key: tuple[str, ...] = ("id",)
    cursor: str | None = None
    fields: str | None = None
    flat_fields: bool = False
    label_list: str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    prepare: Prepare | None = None
    feature: str = ""
    child: ChildSpec | None = None
    detail: Detail | None = None
    note: str = ""
    schema: str = ""
    columns: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    has_local_bookmark: bool = False
    content: str = ""

    def __post_init__(self) -> None:
        problem = next(self._problems(), "")
        if problem:
            raise ValueError(f"Stream `{self.name}`: {problem}")

    def _problems(self) -> Iterator[str]:
        paths = [part.path for part in self.lists]
        paths += [self.child.path] if self.child and self.child.path else []
        paths += [self.detail.path] if self.detail else []
        paths += [self.content] if self.content else []
        for path in paths:
            try:
                endpoint("GET", path)
            except KeyError as error:
                yield str(error.args[0])
        if self.fields and self.fields not in FIELD_PATHS:
            yield f"no field definitions for `{self.fields}`"
        if any(part.filtered for part in self.lists) and not self.cursor:
            yield "a filtered list needs a cursor"
        if len({part.name for part in self.lists}) != len(self.lists):
            yield "two lists of one name"
        if bool(self.lists) == bool(self.child):
            yield "either lists or a parent"
        if self.child and not self.child.path and not self.child.read:
            yield "a child needs a path or a function that reads it"
