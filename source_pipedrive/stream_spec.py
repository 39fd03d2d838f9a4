"""What a row of the stream table holds. A bad row fails on import with the row's name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipedrive_client.endpoints import endpoint
from pipedrive_client.fields import FIELD_PATHS

Row = dict[str, Any]
Prepare = Callable[[Row], Row]

#: How v2 lists are walked: oldest change first, so that every page is a resume point.
V2_BY_CHANGE = {"sort_by": "update_time", "sort_direction": "asc"}
#: The same for v1 lists.
V1_BY_CHANGE = {"sort": "update_time ASC"}


@dataclass(frozen=True)
class ListSpec:
    """One list that feeds a stream.

    ``filtered``: takes ``updated_since``. ``ordered``: rows come oldest change first, so a page is a resume point.
    ``deleted``: parameters that add deleted rows. ``include``: extras asked for with ``include_fields``.
    ``sets``: values that every row of this list has. ``shared``: small and used by several streams, read once a run.
    ``formerly``: the official connector's stream that read this list; its bookmark is taken over.
    """

    path: str
    name: str = "live"
    params: Mapping[str, str] = field(default_factory=dict)
    filtered: bool = False
    ordered: bool = False
    deleted: Mapping[str, str] = field(default_factory=dict)
    include: tuple[str, ...] = ()
    sets: Mapping[str, Any] = field(default_factory=dict)
    shared: bool = False
    formerly: str = ""


@dataclass(frozen=True)
class StreamSpec:
    """One stream.

    ``cursor``: the column that tells when a row changed; None reads everything each time. ``fields``: the object whose
    custom fields the rows carry (flat in v1 rows: ``flat_fields``). ``label_list``: where names of ``label_ids`` are,
    when not among the object's field options. ``aliases``: other spellings of a column. ``drop``: keys left out on
    purpose. ``prepare``: a named function that brings a row into its documented shape. ``feature``: what the account
    needs for this stream; without it the stream ends empty with one warning.
    """

    name: str
    lists: tuple[ListSpec, ...]
    primary_key: tuple[str, ...] = ("id",)
    cursor: str | None = None
    fields: str | None = None
    flat_fields: bool = False
    label_list: str | None = None
    aliases: Mapping[str, str] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    prepare: Prepare | None = None
    feature: str = ""

    def __post_init__(self) -> None:
        for part in self.lists:
            try:
                endpoint("GET", part.path)
            except KeyError as error:
                raise ValueError(f"Stream `{self.name}`: {error.args[0]}") from None
        if self.fields and self.fields not in FIELD_PATHS:
            raise ValueError(f"Stream `{self.name}`: no field definitions for `{self.fields}`")
        if any(part.filtered for part in self.lists) and not self.cursor:
            raise ValueError(f"Stream `{self.name}`: a filtered list needs a cursor")
        if len({part.name for part in self.lists}) != len(self.lists):
            raise ValueError(f"Stream `{self.name}`: two lists of one name")
