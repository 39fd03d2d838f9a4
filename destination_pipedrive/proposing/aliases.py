"""What columns are called: the tables of ``aliases.yaml``, read once, by the normal forms of their names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from destination_pipedrive.proposing.words import spellings

FILE = Path(__file__).with_name("aliases.yaml")


@dataclass(frozen=True)
class Aliases:
    """The tables as they stand in the file."""

    content: Mapping[str, Any]

    @cached_property
    def fields(self) -> dict[str, dict[str, str]]:
        """Object -> name in its normal form -> the field's name in a mapping; the first row that has a name counts."""
        found: dict[str, dict[str, str]] = {}
        for row in self.content["fields"]:
            for name in row["objects"]:
                for key in _forms(row["names"]):
                    found.setdefault(name, {}).setdefault(key, row["target"])
        return found

    @cached_property
    def updated_at(self) -> frozenset[str]:
        """Names of the time of a change."""
        return frozenset(_forms(self.content["updated_at"]))

    @cached_property
    def external_ids(self) -> frozenset[str]:
        """Names of keys of another system."""
        return frozenset(_forms(self.content["external_ids"]))

    @cached_property
    def parents(self) -> dict[str, frozenset[str]]:
        """Link -> names of the parent."""
        return {link: frozenset(_forms(names)) for link, names in self.content["parents"].items()}

    @cached_property
    def known_by(self) -> dict[str, frozenset[str]]:
        """How a parent is known -> the words that say so."""
        return {by: frozenset(_forms(names)) for by, names in self.content["known_by"].items()}

    @cached_property
    def objects(self) -> dict[str, frozenset[str]]:
        """Object -> names of its tables."""
        return {name: frozenset(_forms(names)) for name, names in self.content["objects"].items()}

    @cached_property
    def prefixes(self) -> dict[str, frozenset[str]]:
        """Object -> words before its fields' names, its own name among them."""
        more = {name: frozenset(_forms(names)) for name, names in self.content["prefixes"].items()}
        return {name: own | more[name] for name, own in self.objects.items()}

    @cached_property
    def telling(self) -> dict[str, frozenset[str]]:
        """Object -> the fields that tell what a table is about."""
        return {name: frozenset(fields) for name, fields in self.content["telling"].items()}

    @cached_property
    def values(self) -> dict[str, frozenset[str]]:
        """Pipedrive's value -> what tables write for it."""
        return {value: frozenset(_forms(names)) for value, names in self.content["values"].items()}


def _forms(names: str) -> Iterable[str]:
    """The names in both normal forms: as one word, and as words in the order of the alphabet."""
    for name in filter(None, (name.strip() for name in names.split(","))):
        for words in spellings(name):
            yield words.key
            yield words.bag


@lru_cache
def aliases() -> Aliases:
    """The tables."""
    return Aliases(yaml.safe_load(FILE.read_text(encoding="utf-8")))
