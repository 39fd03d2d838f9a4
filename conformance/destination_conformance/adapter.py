"""What the checks have to know of a destination. One subclass a destination."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

Json = dict[str, Any]
#: A row of the target: its number, and which version of it.
Held = tuple[int, int]


class Adapter(ABC):
    """A destination and its target. The checks write rows that have a number, the key, and a version, the content."""

    #: How it is started, without the command of the protocol: ``["destination-x"]`` or ``["docker", "run", …]``.
    command: Sequence[str]
    #: The stream that is written; without a mapping in ``config`` the name of an object.
    stream: str
    #: Properties of the stream's JSON schema.
    properties: Mapping[str, Any]
    #: Column that identifies a row.
    key: str
    #: Sync modes to check: of append, append_dedup, update, soft_delete.
    modes: frozenset[str]
    #: Texts that must not appear in any output.
    secrets: Sequence[str] = ()
    #: Added to the environment of the process.
    environment: Mapping[str, str] = {}
    #: How long a command may take, and a stop or a state after the last record.
    patience: float = 120.0

    @abstractmethod
    def config(self) -> Json:
        """A config that works."""

    @abstractmethod
    def refused_config(self) -> Json:
        """A well-formed config that the target refuses, such as one with a wrong token."""

    @abstractmethod
    def wrong_config(self) -> Json:
        """A config that cannot be read, such as one without credentials."""

    @abstractmethod
    def reset(self) -> None:
        """Empty the target."""

    @abstractmethod
    def held(self) -> list[Held]:
        """Every row that the target holds now, in any order. Asked while the destination writes."""

    @abstractmethod
    def put(self, rows: Iterable[Held]) -> None:
        """Store rows behind the destination's back."""

    @abstractmethod
    def row(self, number: int, version: int = 0) -> Json:
        """The data of a record. The version changes the content, never the key."""

    def entry(self, mode: str) -> Json:
        """More keys of the configured stream, such as ``destination_object_name``."""
        return {} if mode == "append" else {"primary_key": [[self.key]]}

    # What follows is for destinations that can do it; the checks of the others are skipped.

    def bad_row(self) -> Json | None:
        """The data of a record that is rejected, alone, without an end to the run."""
        return None

    def rejects_config(self, folder: Path) -> Json | None:
        """A config with which rejected records are kept in files below a folder."""
        return None

    def repaired_config(self) -> Json | None:
        """A config with which the bad row is accepted."""
        return None

    def failing(self, after: int) -> AbstractContextManager[None] | None:
        """While it lasts the target takes so many rows, and then refuses all."""
        return None

    def recognising_config(self) -> Json | None:
        """A config with which append knows a record that comes a second time."""
        return None


def main_mode(adapter: Adapter) -> str:
    """The mode in which the checks write when any will do."""
    return "append_dedup" if "append_dedup" in adapter.modes else min(adapter.modes)
