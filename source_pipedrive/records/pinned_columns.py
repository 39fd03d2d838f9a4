"""The entries of `column_names` held against the account: which field each means, and that its columns are free."""

from collections.abc import Iterable, Iterator, Mapping

from pipedrive_client.config import ConfigError
from pipedrive_client.config_errors import Problems, nearest
from pipedrive_client.field_definitions import MAX_COLUMN_BYTES, Field, are_one
from pipedrive_client.normalization import text_key
from source_pipedrive.config.column_names import ColumnName

#: Object -> its custom fields. Leads are not among them: they carry those of deals.
Definitions = Mapping[str, Iterable[Field]]


def pinned(entries: Iterable[ColumnName], fields: Iterable[Field]) -> dict[str, str]:
    """Field key -> column name for an object's fields, as far as entries name one of them for certain."""
    found: dict[str, str] = {}
    for entry in entries:
        meant = _meant(entry, fields)
        if len(meant) == 1:
            found.setdefault(meant[0].key, entry.column)
    return found


def check_pinned(entries: Iterable[ColumnName], objects: Definitions, built_in: Mapping[str, set[str]]) -> None:
    """Raise ConfigError with all that stands against the entries.

    ``built_in``: object -> columns that its streams have in every account.
    """
    entries, problems = tuple(entries), Problems()
    for entry in entries:
        problems.attempt(lambda entry=entry: _check_known(entry, objects), None)  # type: ignore[misc]
    for name, fields in objects.items():
        problems.add(_problems(entries, name, tuple(fields), built_in[name]))
    problems.check()


def _meant(entry: ColumnName, fields: Iterable[Field]) -> list[Field]:
    """The fields of one object that an entry may mean: by key, by the label as it is written, by the label."""
    fields = tuple(fields)
    by_key = [field for field in fields if field.key == entry.field]
    exact = [field for field in fields if field.label.strip() == entry.field]
    return by_key or exact or [field for field in fields if text_key(field.label) == text_key(entry.field)]


def _check_known(entry: ColumnName, objects: Definitions) -> None:
    if any(_meant(entry, fields) for fields in objects.values()):
        return
    labels = {field.label: field for fields in objects.values() for field in fields}
    raise ConfigError(
        f"`{entry.place}.field`: no object has a custom field with the key or label `{entry.field}`."
        f"{nearest(entry.field, labels)}"
    )


def _problems(
    entries: tuple[ColumnName, ...], name: str, fields: tuple[Field, ...], built_in: set[str]
) -> Iterator[str]:
    """What stands against the entries in one object."""
    by_key: dict[str, ColumnName] = {}
    taken: dict[str, ColumnName] = {}
    for entry in entries:
        meant = _meant(entry, fields)
        if len(meant) > 1:
            keys = ", ".join(f"`{field.key}`" for field in meant)
            several = f"{name} have several fields labelled `{entry.field}`"
            yield f"`{entry.place}.field`: {several}; use the key of one: {keys}."
        elif meant and meant[0].key in by_key:
            yield f"`{entry.place}.field`: `{entry.field}` has a name already, by `{by_key[meant[0].key].place}`."
        elif meant:
            by_key[meant[0].key] = entry
            yield from _in_the_way(entry, name, meant[0], built_in, taken)
            taken |= {entry.column + suffix: entry for suffix in meant[0].suffixes}


def _in_the_way(
    entry: ColumnName, name: str, field: Field, built_in: set[str], taken: Mapping[str, ColumnName]
) -> Iterator[str]:
    """Why a field cannot have its columns; one reason is enough."""
    for column in (entry.column + suffix for suffix in field.suffixes):
        if len(column.encode()) > MAX_COLUMN_BYTES:
            yield f"`{entry.place}.column`: the field's column `{column}` has more than {MAX_COLUMN_BYTES} bytes."
            return
        if any(are_one(column, one) for one in built_in):
            yield f"`{entry.place}.column`: {name} have a column `{column}` already; choose another name."
            return
        other = next((taken[one].place for one in taken if are_one(column, one)), "")
        if other:
            yield f"`{entry.place}.column`: `{column}` would be a column of two fields of {name}, see `{other}`."
            return
