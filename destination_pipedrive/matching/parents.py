"""Which parents a row can have, and by what each can be found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from destination_pipedrive.fields.directory import FieldDirectory, directory_of
from destination_pipedrive.flow import MappedRecord, Reference
from destination_pipedrive.matching.keys import ID, MatchKey, match_keys
from destination_pipedrive.objects.records import OBJECTS
from pipedrive_client.config import ConfigError
from pipedrive_client.field_definitions import FieldCatalog
from pipedrive_client.normalization import domain_of, email_key, text_key

#: Link name -> object of the parent, in the order in which they are found and created.
PARENTS = {
    "organization": "organizations",
    "linked_organization": "organizations",
    "person": "persons",
    "product": "products",
    "deal": "deals",
}
#: Link name -> how the parent is known -> name of its field, in the order in which they are tried.
KNOWN_BY: dict[str, dict[str, str]] = {
    "organization": {"domain": "domain", "name": "name"},
    "linked_organization": {"domain": "domain", "name": "name"},
    "person": {"email": "email", "name": "name"},
    "product": {"code": "code", "name": "name"},
    "deal": {"name": "title"},
}
#: Parent that is created -> the other parents of its child that it belongs to, and the field that says so.
BELONGS_TO = {"person": {"organization": "org_id"}, "deal": {"organization": "org_id", "person": "person_id"}}
#: How a parent is known -> the normal form in which two spellings are the same.
NORMAL_FORMS: dict[str, Callable[[str], str | None]] = {"domain": domain_of, "email": email_key}


@dataclass(frozen=True)
class KnownBy:
    """The keys of a parent by how it is known; ``tried``: those by which some references know it, in their order."""

    keys: Mapping[str, MatchKey]
    tried: tuple[MatchKey, ...]


class ParentKeys:
    """The match keys of parents. ``directories``: the fields of the objects that this run writes, by object."""

    def __init__(
        self, fields: FieldCatalog, directories: Mapping[str, FieldDirectory], ignored_domains: frozenset[str]
    ) -> None:
        self._fields = fields
        self._directories = {name: built_in_directory(name) for name in PARENTS.values()} | dict(directories)
        self._ignored = ignored_domains
        self._built_in = {parent: self._built_in_keys(parent) for parent in PARENTS}
        self._found: dict[tuple[str, tuple[str, ...]], KnownBy] = {}

    def of(self, parent: str, kinds: tuple[str, ...] = ()) -> KnownBy:
        """The keys of a parent that is known by some kinds; custom fields among them come first. Raises ConfigError."""
        place = (parent, kinds)
        if place not in self._found:
            keys: dict[str, MatchKey] = {"id": ID} if "id" in kinds else {}
            own = [kind for kind in kinds if kind not in KNOWN_BY[parent] and kind != "id"]
            keys |= {kind: self.own_key(parent, kind, "") for kind in own}
            keys |= self._built_in[parent]
            self._found[place] = KnownBy(keys, tuple(key for kind, key in keys.items() if kind in kinds))
        return self._found[place]

    def _built_in_keys(self, parent: str) -> dict[str, MatchKey]:
        directory = self.directory(parent)
        return {
            kind: replace(match_keys((name,), directory, "", ignored=self._ignored)[0], name=kind)
            for kind, name in KNOWN_BY[parent].items()
            if directory.find(name)
        }

    def own_key(self, parent: str, name: str, where: str) -> MatchKey:
        """The key of a field that holds your external ID. Raises ConfigError naming ``where``."""
        spec = OBJECTS[PARENTS[parent]]
        if not self.directory(parent).definitions:
            self._directories[spec.name] = directory_of(self._fields, spec, "", where)
        key = match_keys((name,), self.directory(parent), where, form="external_id")[0]
        if key.is_id or not key.type.is_text:
            raise ConfigError(f"{where}: `{name}` must be a text field of {spec.name} to hold your external ID.")
        return key

    def directory(self, parent: str) -> FieldDirectory:
        """The fields of a parent; of one that is not written in this run only the built-in ones, unless asked for."""
        return self._directories[PARENTS[parent]]


@lru_cache
def built_in_directory(name: str) -> FieldDirectory:
    """The built-in fields of an object."""
    return FieldDirectory(OBJECTS[name], ())


def as_record(reference: Reference, keys: Mapping[str, MatchKey]) -> MappedRecord:
    """The parent's values: its name is the name given, else its domain, email address or your external ID."""
    values: dict[str, Any] = {}
    row_id = None
    for kind, value in reference.by:
        if kind == "id":
            row_id = int(value)
            continue
        key = keys[kind]
        # A company that is known by somebody's email address has that address's domain as its website.
        own = domain_of(value) or value if kind == "domain" and "@" in value else value
        values[key.key] = [{"value": own, "primary": True, "label": "work"}] if kind == "email" else own
    name = keys["name"].key
    if name not in values:
        kind, value = reference.by[0]
        values[name] = normal_form(kind, value) if kind in NORMAL_FORMS else value
    return MappedRecord(values, row_id)


def normal_form(kind: str, value: str) -> str:
    """What two spellings of one parent have in common."""
    return NORMAL_FORMS.get(kind, text_key)(value) or value.strip().lower()
