"""Custom-field definitions: key, label, type, options; and the columns they become.

Source: https://pipedrive.readme.io/docs/core-api-concepts-custom-fields
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from anyascii import anyascii

from pipedrive_client.client import PipedriveClient
from pipedrive_client.field_types import api_field_type
from pipedrive_client.once import OncePerKey
from pipedrive_client.pagination import rows

#: Object -> where its field definitions are. Leads carry the deal fields.
FIELD_PATHS = {
    "deals": "api/v2/dealFields",
    "leads": "api/v2/dealFields",
    "persons": "api/v2/personFields",
    "organizations": "api/v2/organizationFields",
    "products": "api/v2/productFields",
    "activities": "api/v2/activityFields",
    "projects": "api/v2/projectFields",
}
#: Most bytes of a column name, the least that common warehouses allow.
MAX_COLUMN_BYTES = 63
#: Variation selectors: invisible, they choose how the character before them is drawn (❤ or ❤\ufe0f).
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_APART = re.compile("[^a-z0-9]+")
_NOT_ASCII = re.compile("[^A-Za-z0-9_]")
_NO_LETTER = re.compile("[^A-Za-z]+")
_NOT_PLAIN = re.compile("[^a-z0-9]")
#: How many characters of a field's key tell equal names apart.
KEY_PREFIX = 8


@dataclass(frozen=True)
class Option:
    """One choice of an enum or set field. Custom fields have integer ids, some built-in ones text ids."""

    id: int | str
    label: str


@dataclass(frozen=True)
class Field:
    """One field definition of an object."""

    key: str
    label: str
    type: str
    is_custom: bool
    options: tuple[Option, ...] = ()

    @property
    def suffixes(self) -> tuple[str, ...]:
        """Suffixes of the columns that this field becomes."""
        return api_field_type(self.type).suffixes

    @classmethod
    def from_api(cls, row: Mapping[str, Any]) -> "Field":
        """A v2 definition as the API sends it."""
        options = row.get("options")
        return cls(
            key=str(row.get("field_code") or ""),
            label=str(row.get("field_name") or ""),
            type=str(row.get("field_type") or "varchar"),
            is_custom=bool(row.get("is_custom_field")),
            options=tuple(
                Option(option["id"], str(option.get("label") or ""))
                for option in (options if isinstance(options, list) else ())
                if isinstance(option, dict) and isinstance(option.get("id"), int | str)
            ),
        )


#: Reads all rows of a field-definition list.
Read = Callable[[str], Iterable[Mapping[str, Any]]]


class FieldCatalog:
    """Field definitions by object, read once; ``refresh`` reads them again when a name or an option is missing."""

    def __init__(self, client: PipedriveClient, read: Read | None = None) -> None:
        """``read`` (path -> rows) shares one reading of the definitions with whoever else needs them."""
        client = client.labelled("fields")
        self._read_rows: Read = read or (lambda path: rows(client, path))
        self._by_path = OncePerKey[str, tuple[Field, ...]]()

    def fields(self, object_name: str) -> tuple[Field, ...]:
        """All definitions of an object, custom and built-in, in the API's order. Raises what the client raises."""
        path = FIELD_PATHS[object_name]
        return self._by_path.get(path, lambda: self._read(path))

    def custom(self, object_name: str) -> tuple[Field, ...]:
        """The account's own fields of an object."""
        return tuple(field for field in self.fields(object_name) if field.is_custom)

    def refresh(self, object_name: str) -> tuple[Field, ...]:
        """Read an object's definitions again."""
        path = FIELD_PATHS[object_name]
        return self._by_path.renew(path, lambda: self._read(path))

    def add(self, object_name: str, field: Field) -> None:
        """Enter a definition that was just created, so that the list need not be read again."""
        self.fields(object_name)
        path = FIELD_PATHS[object_name]
        self._by_path.change(path, lambda known: (*(each for each in known if each.key != field.key), field))

    def options(self, object_name: str, key: str) -> dict[int | str, str]:
        """Option id -> label of one field; empty when the object has no such field."""
        for field in self.fields(object_name):
            if field.key == key:
                return {option.id: option.label for option in field.options}
        return {}

    def _read(self, path: str) -> tuple[Field, ...]:
        return tuple(Field.from_api(row) for row in self._read_rows(path) if row.get("field_code"))


def snake_case(label: str) -> str:
    """Lower case, letters and digits of any script kept with their marks, everything else one underscore."""
    if label.isascii():
        return _APART.sub("_", label.lower()).strip("_")
    kept = ""
    for char in unicodedata.normalize("NFC", _SELECTORS.sub("", label)).lower():
        kind = unicodedata.category(char)
        is_kept = kind[0] in "LN" or (kind in ("Mn", "Mc") and kept[-1:] not in ("", "_"))
        kept += char if is_kept else "_"
    return re.sub(r"_+", "_", kept).strip("_")


def in_latin(name: str) -> str:
    """A name that has no ASCII letter in those of ASCII: ``источник`` is ``istochnik``; any other stays as it is.

    Destinations that keep ASCII only would be left with underscores, which some take for no name at all.
    """
    if not _NO_LETTER.fullmatch(name):
        return name
    written = "".join(char if char == "_" else _NOT_PLAIN.sub("", anyascii(char).lower()) for char in name)
    return re.sub(r"_+", "_", written).strip("_")


def column_names(
    fields: Iterable[Field], built_in: Iterable[str], pinned: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Field key -> column name of each custom field. ``pinned``: key -> a name that it has whatever else is there.

    Where any two columns would share a name, here or in a destination that folds names, derived, ``built_in`` and
    pinned ones included, every other custom field concerned gets ``_`` and the first 8 characters of its key, so a
    field's name does not depend on its neighbours' order.
    """
    fixed, fields = dict(pinned or {}), tuple(fields)
    free = tuple(field for field in fields if field.key not in fixed)
    pins = (fixed[field.key] + suffix for field in fields if field.key in fixed for suffix in field.suffixes)
    taken = (*built_in, *pins)
    names = {field.key: _name(field, "") for field in free}
    for suffix_length in (KEY_PREFIX, 40):
        clashing = _clashing(free, names, taken)
        names |= {field.key: _name(field, "_" + field.key[:suffix_length]) for field in free if field.key in clashing}
    return {field.key: fixed.get(field.key) or names[field.key] for field in fields}


def _clashing(fields: tuple[Field, ...], names: Mapping[str, str], built_in: Iterable[str]) -> set[str]:
    columns = [(field.key, names[field.key] + suffix) for field in fields for suffix in field.suffixes]
    clashing: set[str] = set()
    for form in _FOLDS:
        taken = Counter(map(form, built_in)) + Counter(form(column) for _, column in columns)
        clashing |= {key for key, column in columns if taken[form(column)] > 1}
    return clashing


def are_one(column: str, other: str) -> bool:
    """Whether two columns would become one, here or in a destination that folds names."""
    return any(form(column) == form(other) for form in _FOLDS)


# Two columns whose names such a destination writes alike would become one there.


def _upper(name: str) -> str:
    """A name as destinations write it that use capital letters: ``straße`` is ``STRASSE``."""
    return name.upper()


def _underscored(name: str) -> str:
    """A name as destinations write it that put an underscore in place of each letter that is not ASCII."""
    return _NOT_ASCII.sub("_", name)


def _unaccented(name: str) -> str:
    """A name as destinations write it that take the marks off letters first: ``ö`` is ``o``, ``²`` is ``2``."""
    if name.isascii():
        return _underscored(name)
    parts = unicodedata.normalize("NFKD", name)
    return _underscored("".join(char for char in parts if unicodedata.category(char)[0] != "M"))


_FOLDS = (_upper, _underscored, _unaccented)


def _name(field: Field, ending: str) -> str:
    base = in_latin(snake_case(field.label)) or f"field_{field.key[:KEY_PREFIX]}"
    room = MAX_COLUMN_BYTES - max(len(suffix) for suffix in field.suffixes) - len(ending)
    # Again, as the letters of ASCII may stand behind the cut.
    return in_latin(base.encode()[:room].decode(errors="ignore").rstrip("_")) + ending
