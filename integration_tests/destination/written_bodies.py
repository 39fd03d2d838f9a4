"""What a run writes and what its dry run would: the bodies of both in one form, names in the place of new ids."""

import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from destination_pipedrive.flow import Create
from destination_pipedrive.objects.records import OBJECTS
from destination_pipedrive.writing.dry_run import DryRunExecutor
from destination_pipedrive.writing.executor import HttpExecutor
from destination_pipedrive.writing.object_writer import ObjectWriter
from destination_pipedrive.writing.placeholders import PlannedIds
from destination_pipedrive.writing.provisioning import PlannedOption, Provisioning

#: Body key -> the object whose id it holds.
REFERS = {f"{spec.noun}_id": name for name, spec in OBJECTS.items()} | {"org_id": "organizations"}


class WrittenBodies:
    """Watches what the executors are given. A new id reads `(new) name`, planned or given by Pipedrive."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self._found: list[str] = []
        #: Object, or key of a field with options, and the id of a new row or option -> its name.
        self._names: dict[tuple[str, Any], str] = {}
        self._lock = threading.Lock()
        self._planned: PlannedIds | None = None
        for executor in (DryRunExecutor, HttpExecutor):
            self._watch(executor, "create", self._create)
            self._watch(executor, "update", self._update)
            self._watch(executor, "delete", self._update)
        self._watch_new_rows()
        self._watch_new_options()

    def taken(self) -> list[str]:
        """What was written since, each as one text, in an order that does not depend on threads."""
        found, self._found, self._names = self._found, [], {}
        return sorted(found)

    def _create(self, executor: Any, values: Mapping[str, Any], *_: Any) -> list[Any]:
        return [self._named(executor, values, "")]

    def _update(self, executor: Any, row_id: Any, values: Mapping[str, Any] | None = None, *_: Any) -> list[Any]:
        return [self._named(executor, row_id, executor._spec.name), self._named(executor, values, "")]

    def _watch(self, owner: type[Any], action: str, said: Callable[..., list[Any]]) -> None:
        act = getattr(owner, action)

        def watched(executor: Any, *arguments: Any) -> Any:
            done = act(executor, *arguments)
            with self._lock:
                content = [executor._spec.name, action, *said(executor, *arguments)]
                self._found.append(json.dumps(content, sort_keys=True))
            return done

        self._patch.setattr(owner, action, watched)

    def _watch_new_rows(self) -> None:
        create = ObjectWriter.create

        def watched(writer: ObjectWriter, change: Create, fields: Any) -> Any:
            name, row_id = writer.ids.name(change.row_id), create(writer, change, fields)
            with self._lock:
                self._names[writer.spec.name, row_id] = str(name)
            return row_id

        self._patch.setattr(ObjectWriter, "create", watched)

    def _watch_new_options(self) -> None:
        create = Provisioning._create

        def watched(provisioning: Provisioning, number: int, option: PlannedOption) -> None:
            create(provisioning, number, option)
            with self._lock:
                self._names[option.field.key, provisioning._ids.realized(number)] = f"(new) {option.label}"

        self._patch.setattr(Provisioning, "_create", watched)

    def _named(self, executor: Any, value: Any, key: str) -> Any:
        """The value with names in the place of new ids; ``key`` is the body key, or the object, that it stands at."""
        if isinstance(value, Mapping):
            return {name: self._named(executor, each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [self._named(executor, each, key) for each in value]
        planned = executor._ids.name(value) if isinstance(executor, DryRunExecutor) else None
        return planned or self._names.get((REFERS.get(key, key), value), value)
