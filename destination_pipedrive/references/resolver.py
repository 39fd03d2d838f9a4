"""Parents of rows: found by name, domain, e-mail or the sender's id, created when missing and allowed, before them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from destination_pipedrive.fields.directory import FieldDirectory, directory_of
from destination_pipedrive.flow import MappedRecord, Reference, Rejected
from destination_pipedrive.matching.keys import ID, MatchKey, match_keys
from destination_pipedrive.objects.records import OBJECTS
from destination_pipedrive.planning.diff import require
from destination_pipedrive.session import Session
from destination_pipedrive.writing.ordering import conflict_groups, run_groups
from pipedrive_client.normal import domain_of, email_key, text_key
from pipedrive_client.settings import ConfigError

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


class ParentKeys:
    """The match keys of parents. ``targets``: the fields of the objects that this run writes, by object."""

    def __init__(self, session: Session, targets: dict[str, FieldDirectory]) -> None:
        self._session = session
        self._targets = targets

    def of(self, parent: str, links: Iterable[Reference]) -> dict[str, MatchKey]:
        """How parents are known -> key; custom fields that these links name come first. Raises ConfigError."""
        known = KNOWN_BY[parent]
        named = dict.fromkeys(kind for link in links for kind, _ in link.by)
        own = [kind for kind in named if kind not in known and kind != "id"]
        found = {"id": ID} if "id" in named else {}
        found |= {kind: self.own_key(parent, kind, "") for kind in own}
        targets = self.targets_of(parent)
        for kind, name in known.items():
            place = targets.find(name)
            if place:
                found[kind] = MatchKey.of(kind, place.field)
        return found

    def own_key(self, parent: str, name: str, where: str) -> MatchKey:
        """The key of a field that holds the sender's own id. Raises ConfigError naming ``where``."""
        spec = OBJECTS[PARENTS[parent]]
        if not self.targets_of(parent).definitions:
            self._targets[spec.name] = directory_of(self._session.fields, spec, "", where)
        key = match_keys((name,), self.targets_of(parent), where)[0]
        if key.is_id or not key.type.is_text:
            raise ConfigError(f"{where}: `{name}` must be a text field of {spec.name} to hold the sender's own id.")
        return key

    def targets_of(self, parent: str) -> FieldDirectory:
        """The fields of a parent; of one that is not written in this run only the built-in ones, unless asked for."""
        name = PARENTS[parent]
        if name not in self._targets:
            self._targets[name] = FieldDirectory(OBJECTS[name], ())
        return self._targets[name]


#: How a parent is known -> the normal form in which two spellings are the same.
NORMAL_FORMS: dict[str, Callable[[str], str | None]] = {"domain": domain_of, "email": email_key}
#: Parent that is created -> the other parents of its child that it belongs to, and the field that says so.
BELONGS_TO = {"person": {"organization": "org_id"}, "deal": {"organization": "org_id", "person": "person_id"}}


class Awaited(Exception):
    """The parent is not there, and may still come in this run."""


def _never(_object_name: str) -> bool:
    return False


class ReferenceResolver:
    """Finds and creates the parents of a batch. Remembers refusals, so that each is asked for once."""

    def __init__(self, session: Session, targets: dict[str, FieldDirectory]) -> None:
        self._session = session
        self._keys = ParentKeys(session, targets)
        self._known: dict[tuple[str, Any], int | Rejected | None] = {}
        self._beside: dict[tuple[str, Any], MappedRecord] = {}
        self._rejected: set[tuple[str, str, str]] = set()
        self.may_come: Callable[[str], bool] = _never

    def resolve(self, drafts: Iterable[MappedRecord]) -> None:
        """Find, and create where allowed, all parents that these drafts name."""
        drafts = list(drafts)
        links = [link for draft in drafts for link in draft.links]
        all_links = {(link.parent, link.by): link for link in sorted(links, key=_creates)}
        self._beside = {(link.parent, link.by): draft for draft in drafts for link in draft.links}
        self._known = {ref: found for ref, found in self._known.items() if isinstance(found, Rejected)}
        for parent in PARENTS:
            new = [link for ref, link in all_links.items() if ref[0] == parent and ref not in self._known]
            if new:
                self._resolve_kind(parent, new)

    def id_of(self, link: Reference, on_missing: str) -> int | None:
        """The id of a resolved parent; None to write without it. Raises Rejected, or Awaited when it may still come."""
        found = self._known.get((link.parent, link.by))
        if found is None and self.may_come(PARENTS[link.parent]):
            raise Awaited
        if isinstance(found, Rejected) and found.result.code == "ambiguous_match":
            raise Rejected("ambiguous_match", found.result.reason, link.parent)
        if isinstance(found, Rejected):
            raise Rejected("parent_rejected", f"its {link.parent} was rejected: {found.result.reason}", link.parent)
        if found is None and self._is_rejected(link):
            raise Rejected("parent_rejected", f"its {link.parent} was rejected in this run.", link.parent)
        if found is None and on_missing != "null":
            how = " or ".join(f"`{kind}`" for kind, _ in link.by)
            raise Rejected("parent_not_found", f"no {link.parent} has this {how}.", link.parent)
        return found

    def reject(self, object_name: str, draft: MappedRecord) -> None:
        """Remember a row that was rejected, so that its children say so."""
        for parent, name in PARENTS.items():
            if name == object_name:
                matcher = self._session.matcher(OBJECTS[name])
                for key in self._keys.of(parent, ()).values():
                    self._rejected.update((name, key.key, value) for value in matcher.key_values(key, draft))

    def _is_rejected(self, link: Reference) -> bool:
        name, keys = PARENTS[link.parent], self._keys.of(link.parent, (link,))
        draft, matcher = self._draft(link, keys), self._session.matcher(OBJECTS[name])
        known = [keys[kind] for kind, _ in link.by if kind != "id"]
        return any(
            (name, key.key, value) in self._rejected for key in known for value in matcher.key_values(key, draft)
        )

    def _resolve_kind(self, parent: str, links: list[Reference]) -> None:
        matcher = self._session.matcher(OBJECTS[PARENTS[parent]])
        keys = self._keys.of(parent, links)
        matcher.want((), keys.values())
        matcher.prepare([self._draft(link, keys) for link in links], tuple(keys.values()))

        def settle(link: Reference) -> None:
            self._known[link.parent, link.by] = self._find_or_create(link, keys)

        run_groups(self._session.pool, conflict_groups(links, _values), settle)

    def _find_or_create(self, link: Reference, keys: dict[str, MatchKey]) -> int | Rejected | None:
        spec = OBJECTS[PARENTS[link.parent]]
        draft = self._draft(link, keys)
        by = dict(link.by)
        match = self._session.matcher(spec).find(draft, tuple(key for kind, key in keys.items() if kind in by))
        if len(match.ids) > 1:
            ids = ", ".join(map(str, sorted(match.ids)[:10]))
            return Rejected("ambiguous_match", f"{len(match.ids)} {spec.name} have the same `{match.key}` (ids {ids}).")
        if match.ids:
            return match.ids[0]
        return self._create(link, draft) if link.create_if_missing and "id" not in by else None

    def _create(self, link: Reference, draft: MappedRecord) -> int | Rejected:
        spec = OBJECTS[PARENTS[link.parent]]
        targets = self._keys.targets_of(link.parent)
        values = {**self._session.defaults(spec), **draft.values, **self._belongings(link)}
        known = {key: target for key in values if (target := targets.by_key(key))}
        try:
            require(spec, {key for key, value in values.items() if value is not None})
            row = self._session.executor(spec).create(values, known)
        except Rejected as error:
            return error
        self._session.results.add_parent(spec.name, "created")
        return int(row["id"])

    def _belongings(self, link: Reference) -> dict[str, Any]:
        """What a new parent belongs to itself: the company of the same record, for a deal the person too."""
        child = self._beside.get((link.parent, link.by))
        found: dict[str, Any] = {}
        for other, key in BELONGS_TO.get(link.parent, {}).items() if child else ():
            assert child is not None
            named = next((each for each in child.links if each.parent == other), None)
            row_id = self._known.get((other, named.by)) if named else child.values.get(key)
            if isinstance(row_id, int):
                found[key] = row_id
        return found

    def _draft(self, link: Reference, keys: dict[str, MatchKey]) -> MappedRecord:
        """The parent's values: its name is the name given, else its domain, e-mail address or the sender's id."""
        values: dict[str, Any] = {}
        row_id = None
        for kind, value in link.by:
            if kind == "id":
                row_id = int(value)
                continue
            key = keys[kind]
            values[key.key] = [{"value": value, "primary": True, "label": "work"}] if kind == "email" else value
        name = keys["name"].key
        if name not in values:
            kind, value = link.by[0]
            values[name] = _normal(kind, value) if kind in NORMAL_FORMS else value
        return MappedRecord(values, row_id)


def _creates(link: Reference) -> bool:
    return link.create_if_missing


def _values(link: Reference) -> Iterator[Any]:
    """What two links must not share to be settled at the same time: one parent in two spellings is one parent."""
    for kind, value in link.by:
        yield kind, _normal(kind, value)


def _normal(kind: str, value: str) -> str:
    return NORMAL_FORMS.get(kind, text_key)(value) or value.strip().lower()
