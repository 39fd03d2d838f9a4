"""`value_maps`: incoming values by the names that Pipedrive has, one to one. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from destination_pipedrive.parts import Parts
from destination_pipedrive.readers import read_object
from destination_pipedrive.rules import ValueMap
from destination_pipedrive.targets import ALIAS
from destination_pipedrive.values import BadValue
from pipedrive_client.problems import all_of
from pipedrive_client.settings import ConfigError

#: Kinds whose value may be several names in one text.
LISTS = frozenset({"set", "labels", "lead_labels"})


def read_value_maps(value: Any, where: str) -> Iterator[ValueMap]:
    """The entries of a config. Raises ConfigError, also where a map is not one to one."""
    yield from all_of(lambda pair: _value_map(*pair, f"{where}/{pair[0]}"), read_object(value, where).items())


def _value_map(target: str, value: Any, where: str) -> ValueMap:
    pairs = tuple(all_of(lambda pair: _pair(pair, where), read_object(value, where).items()))
    _refuse_twice(pairs, where)
    return ValueMap(target, pairs)


def _pair(pair: tuple[str, Any], where: str) -> tuple[str, str]:
    theirs, ours = pair
    if isinstance(ours, bool) or not isinstance(ours, str | int) or not str(ours).strip():
        raise ConfigError(f"`{where}/{theirs}` must be the name or id that Pipedrive has.")
    return theirs.strip(), str(ours).strip()


def _refuse_twice(pairs: tuple[tuple[str, str], ...], where: str) -> None:
    first: dict[tuple[int, str], str] = {}
    for pair in pairs:
        for side in (0, 1):
            other = first.setdefault((side, pair[side].lower()), pair[0])
            if other != pair[0]:
                raise ConfigError(
                    f"`{where}/{pair[0]}`: `{pair[side]}` stands beside `{other}` already; value maps are one to one."
                )


@dataclass(frozen=True)
class Translation:
    """The map of one field, by values in lower case."""

    names: dict[str, str]
    kind: str

    @classmethod
    def of(cls, value_map: ValueMap, kind: str) -> "Translation":
        """The translation that an entry says."""
        return cls({theirs.lower(): ours for theirs, ours in value_map.pairs}, kind)

    def translate(self, parts: Parts) -> Parts:
        """The parts with Pipedrive's names. Raises BadValue for a name that another value is mapped to."""
        return {name: self._value(value) if name in ("", ALIAS) else value for name, value in parts.items()}

    def _value(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._value(each) for each in value]
        if isinstance(value, str) and self.kind in LISTS and "," in value and value.strip().lower() not in self.names:
            return [self._value(each) for each in value.split(",")]
        if not isinstance(value, str | int):
            return value
        found = self.names.get(str(value).strip().lower())
        if found is None and str(value).strip().lower() in {ours.lower() for ours in self.names.values()}:
            raise BadValue("is a name that `value_maps` gives to another value", "unknown_option")
        return value if found is None else found
