"""Parents of rows: found by name, domain or e-mail, created when missing and allowed, before their children."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from destination_pipedrive.chains import chains, run_chains
from destination_pipedrive.draft import Draft, Link
from destination_pipedrive.keys import MatchKey
from destination_pipedrive.objects import OBJECTS
from destination_pipedrive.results import Rejected
from destination_pipedrive.services import Services
from destination_pipedrive.targets import Targets
from pipedrive_client.normal import domain_of, email_key, text_key

#: Link name -> object of the parent.
PARENTS = {"organization": "organizations", "person": "persons"}
#: How a parent is known -> name of its field, in the order in which they are tried.
KNOWN_BY = {"domain": "domain", "email": "email", "name": "name"}
#: How a parent is known -> the normal form in which two spellings are the same.
NORMAL_FORMS: dict[str, Callable[[str], str | None]] = {"domain": domain_of, "email": email_key, "name": text_key}


class Awaited(Exception):
    """The parent is not there, and may still come in this run."""


def _never(_object_name: str) -> bool:
    return False


class Parents:
    """Finds and creates the parents of a batch. Remembers refusals, so that each is asked for once."""

    def __init__(self, services: Services, targets: dict[str, Targets]) -> None:
        self._services = services
        self._targets = targets
        self._known: dict[tuple[str, Any], int | Rejected | None] = {}
        self.may_come: Callable[[str], bool] = _never

    def resolve(self, drafts: Iterable[Draft]) -> None:
        """Find, and create where allowed, all parents that these drafts name."""
        links = [link for draft in drafts for link in draft.links]
        all_links = {(link.parent, link.by): link for link in sorted(links, key=_creates)}
        self._known = {ref: found for ref, found in self._known.items() if isinstance(found, Rejected)}
        for parent in PARENTS:
            new = [link for ref, link in all_links.items() if ref[0] == parent and ref not in self._known]
            if new:
                self._resolve_kind(parent, new)

    def id_of(self, link: Link, on_missing: str) -> int | None:
        """The id of a resolved parent; None to write without it. Raises Rejected, or Awaited when it may still come."""
        found = self._known.get((link.parent, link.by))
        if found is None and self.may_come(PARENTS[link.parent]):
            raise Awaited
        if isinstance(found, Rejected) and found.result.code == "ambiguous_match":
            raise Rejected("ambiguous_match", found.result.reason, link.parent)
        if isinstance(found, Rejected):
            raise Rejected("parent_rejected", f"its {link.parent} was rejected: {found.result.reason}", link.parent)
        if found is None and on_missing != "null":
            how = " or ".join(f"`{kind}`" for kind, _ in link.by)
            raise Rejected("parent_not_found", f"no {link.parent} has this {how}.", link.parent)
        return found

    def _resolve_kind(self, parent: str, links: list[Link]) -> None:
        finder = self._services.finder(OBJECTS[PARENTS[parent]])
        keys = self._keys(parent)
        finder.want((), keys.values())
        finder.prepare([self._draft(link) for link in links], tuple(keys.values()))

        def settle(link: Link) -> None:
            self._known[link.parent, link.by] = self._find_or_create(link, keys)

        run_chains(self._services.pool, chains(links, _values), settle)

    def _find_or_create(self, link: Link, keys: dict[str, MatchKey]) -> int | Rejected | None:
        spec = OBJECTS[PARENTS[link.parent]]
        draft = self._draft(link)
        match = self._services.finder(spec).find(draft, tuple(keys[kind] for kind in KNOWN_BY if kind in dict(link.by)))
        if len(match.ids) > 1:
            ids = ", ".join(map(str, sorted(match.ids)[:10]))
            return Rejected("ambiguous_match", f"{len(match.ids)} {spec.name} have the same `{match.key}` (ids {ids}).")
        if match.ids:
            return match.ids[0]
        return self._create(link, draft) if link.create_if_missing else None

    def _create(self, link: Link, draft: Draft) -> int | Rejected:
        spec = OBJECTS[PARENTS[link.parent]]
        targets = self._targets_of(link.parent)
        values = {**self._services.defaults(spec), **draft.values}
        known = {key: target for key in values if (target := targets.by_key(key))}
        try:
            row = self._services.sender(spec).create(values, known)
        except Rejected as error:
            return error
        self._services.results.add_parent(spec.name, "created")
        return int(row["id"])

    def _draft(self, link: Link) -> Draft:
        """The parent's values: its name is the name given, else its domain or e-mail address."""
        by = dict(link.by)
        other = next((_normal(kind, by[kind]) for kind in ("domain", "email") if kind in by), None)
        values: dict[str, Any] = {"name": by.get("name") or other}
        if "domain" in by:
            values[self._keys(link.parent)["domain"].key] = by["domain"]
        if "email" in by:
            values["emails"] = [{"value": by["email"], "primary": True, "label": "work"}]
        return Draft(values)

    def _keys(self, parent: str) -> dict[str, MatchKey]:
        targets = self._targets_of(parent)
        found = {kind: targets.find(name) for kind, name in KNOWN_BY.items()}
        return {
            kind: MatchKey(kind, place.target.key, place.target.kind, place.target.custom)
            for kind, place in found.items()
            if place
        }

    def _targets_of(self, parent: str) -> Targets:
        name = PARENTS[parent]
        if name not in self._targets:
            self._targets[name] = Targets(OBJECTS[name], ())
        return self._targets[name]


def _creates(link: Link) -> bool:
    return link.create_if_missing


def _values(link: Link) -> Iterator[Any]:
    """What two links must not share to be settled at the same time: one parent in two spellings is one parent."""
    for kind, value in link.by:
        yield kind, _normal(kind, value)


def _normal(kind: str, value: str) -> str:
    return NORMAL_FORMS[kind](value) or value.strip().lower()
