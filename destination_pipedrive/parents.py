"""Which rows may be parents, by what they are known, and whether a mapping names them rightly."""

from collections.abc import Iterable

from destination_pipedrive.draft import Link
from destination_pipedrive.keys import ID, MatchKey, match_keys
from destination_pipedrive.object_spec import ObjectSpec
from destination_pipedrive.object_targets import targets_of
from destination_pipedrive.objects import OBJECTS
from destination_pipedrive.rules import Rules
from destination_pipedrive.services import Services
from destination_pipedrive.targets import Targets
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

    def __init__(self, services: Services, targets: dict[str, Targets]) -> None:
        self._services = services
        self._targets = targets

    def of(self, parent: str, links: Iterable[Link]) -> dict[str, MatchKey]:
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
                found[kind] = MatchKey(kind, place.target.key, place.target.kind, place.target.custom)
        return found

    def own_key(self, parent: str, name: str, where: str) -> MatchKey:
        """The key of a field that holds the sender's own id. Raises ConfigError naming ``where``."""
        spec = OBJECTS[PARENTS[parent]]
        if not self.targets_of(parent).definitions:
            self._targets[spec.name] = targets_of(self._services, spec, "", where)
        key = match_keys((name,), self.targets_of(parent), where)[0]
        if key.kind != "text":
            raise ConfigError(f"{where}: `{name}` must be a text field of {spec.name} to hold the sender's own id.")
        return key

    def targets_of(self, parent: str) -> Targets:
        """The fields of a parent; of one that is not written in this run only the built-in ones, unless asked for."""
        name = PARENTS[parent]
        if name not in self._targets:
            self._targets[name] = Targets(OBJECTS[name], ())
        return self._targets[name]


def check_links(services: Services, rules: Rules, spec: ObjectSpec) -> None:
    """Raises ConfigError for a link that the object does not have, or that names an unknown field of the parent."""
    keys = ParentKeys(services, {})
    for rule in rules.links:
        where = f"`{rules.where}/links/{rule.parent}"
        if rule.parent not in (spec.parents or {}):
            has = ", ".join(f"`{name}`" for name in spec.parents or {}) or "none"
            raise ConfigError(f"{where}`: {spec.name} have no link to one; their links are {has}.")
        if rule.by != "id" and rule.by not in KNOWN_BY[rule.parent]:
            keys.own_key(rule.parent, rule.by, f"{where}/by`")
