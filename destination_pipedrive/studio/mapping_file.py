"""The mappings that the studio goes on with: one of them is edited, the others stay as they were written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from destination_pipedrive.config.located_yaml import Node, NotReadable, read_yaml
from pipedrive_client.config import ConfigError


@dataclass(frozen=True)
class MappingFile:
    """All entries, and the text that they are in; a list of a config has none. ``origin`` says where they are from."""

    entries: tuple[Any, ...] = ()
    text: str = ""
    lines: tuple[int, ...] = ()
    origin: str = ""

    def index_of(self, stream: str) -> int | None:
        """Which entry is a stream's: the one of its name, or the only one there is."""
        names = [str(each.get("stream", "")) if isinstance(each, Mapping) else "" for each in self.entries]
        if stream in names:
            return names.index(stream)
        is_one = len(self.entries) == 1 and isinstance(self.entries[0], Mapping) and names[0] != ""
        return 0 if is_one else None

    def with_entry(self, index: int | None, entry: str) -> str:
        """All mappings as text, with a new text for one of them; None adds it."""
        if not self.entries:
            return entry
        spliced = self._spliced(index, entry) if self.lines else ""
        return spliced if self._keeps_others(spliced, index) else self._written_anew(index, entry)

    def _spliced(self, index: int | None, entry: str) -> str:
        lines = self.text.splitlines()
        if index is None:
            return "\n".join([*_stripped(lines), "", entry])
        first = self.lines[index] - 1
        last = self.lines[index + 1] - 1 if index + 1 < len(self.lines) else len(lines)
        while last > first + 1 and (not lines[last - 1].strip() or lines[last - 1].startswith("#")):
            last -= 1
        return "\n".join([*lines[:first], entry.rstrip("\n"), *lines[last:]]) + "\n"

    def _keeps_others(self, text: str, index: int | None) -> bool:
        """Whether all other entries are as they were: an anchor that they use may be gone."""
        try:
            root, flaws = read_yaml(text)
        except NotReadable:
            return False
        found = root.value if isinstance(root.value, list) else []
        count = len(self.entries) + (index is None)
        others = [each == found[number] for number, each in enumerate(self.entries[: len(found)]) if number != index]
        return not flaws and len(found) == count and all(others)

    def _written_anew(self, index: int | None, entry: str) -> str:
        """For a text that is not one entry below the other, or a list of a config."""
        parts = [yaml.safe_dump([each], allow_unicode=True, sort_keys=False, width=100) for each in self.entries]
        if index is None:
            parts.append(entry)
        else:
            parts[index] = entry
        return "\n".join(parts)


def _stripped(lines: list[str]) -> list[str]:
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines


def mapping_file(value: Any, origin: str) -> MappingFile:
    """Of a text or a list as `mappings` takes it. Raises ConfigError for what is no list of mappings."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return MappingFile(origin=origin)
    if not isinstance(value, str):
        return MappingFile(_entries(value, origin), origin=origin)
    try:
        root, _ = read_yaml(value)
    except NotReadable as error:
        raise ConfigError(f"The mappings of {origin} cannot be read as YAML: line {error.line}: {error}.") from None
    if root.value in (None, ""):
        return MappingFile(origin=origin)
    is_plain = isinstance(root.value, list) and _is_block(root, value.splitlines())
    held = (
        root.value["mappings"] if isinstance(root.value, Mapping) and list(root.value) == ["mappings"] else root.value
    )
    lines = tuple(root.children[number].line for number in range(len(root.value))) if is_plain else ()
    return MappingFile(_entries(held, origin), value, lines, origin)


def _entries(value: Any, origin: str) -> tuple[Any, ...]:
    found = [value] if isinstance(value, Mapping) else value
    if not isinstance(found, list | tuple) or not all(isinstance(each, Mapping) for each in found):
        raise ConfigError(f"The mappings of {origin} are not a list of mappings, one per incoming stream.")
    return tuple(found)


def _is_block(root: Node, lines: list[str]) -> bool:
    """Whether each entry begins on a line of its own, with a dash in the first column."""
    numbers = [root.children[number].line for number in range(len(root.value))]
    return len(set(numbers)) == len(numbers) and all(lines[number - 1].startswith("-") for number in numbers)
