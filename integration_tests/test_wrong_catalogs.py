"""Catalogs and states with values of every wrong kind in every place: a clear message, never an unforeseen end."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from destination_pipedrive.protocol.output import UNEXPECTED
from integration_tests.harness import TOKEN, Run
from integration_tests.test_wrong_configs import files, read, server, write
from pipedrive_sandbox.server.http import SandboxServer

__all__ = ("server",)

CATALOG: dict[str, Any] = {
    "streams": [
        {
            "stream": {
                "name": "persons",
                "namespace": "crm",
                "json_schema": {
                    "type": "object",
                    "properties": {
                        "name": {"type": ["null", "string"], "maxLength": 10, "format": "date"},
                        "new": {"type": "array", "items": {"type": "string"}},
                        "other": {"oneOf": [{"type": "string"}]},
                    },
                },
                "supported_sync_modes": ["full_refresh", "incremental"],
                "source_defined_primary_key": [["id"]],
                "is_resumable": True,
            },
            "sync_mode": "incremental",
            "destination_sync_mode": "append_dedup",
            "destination_object_name": "persons",
            "primary_key": [["id"]],
            "cursor_field": ["update_time"],
            "generation_id": 1,
            "minimum_generation_id": 0,
            "sync_id": 5,
        }
    ]
}
STATE: list[Any] = [
    {
        "type": "STREAM",
        "stream": {
            "stream_descriptor": {"name": "persons", "namespace": None},
            "stream_state": {
                "version": 1,
                "lists": {"persons": {"update_time": "2026-01-01T00:00:00Z", "seen": [1], "ids": "x"}},
            },
        },
    }
]
#: One value of each kind.
KINDS: tuple[Any, ...] = (None, -1, "nul\x00", ["x"], {"a": {"b": [1]}})


def places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value inside of another."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*before, key)
        yield from places(each, (*before, key))


def spoiled(whole: Any, place: tuple[Any, ...]) -> Iterator[Any]:
    """The whole with each of the values in one place, and without it."""
    for value in (*KINDS, KeyError):
        made = copy.deepcopy(whole)
        inner = made
        for key in place[:-1]:
            inner = inner[key]
        if value is KeyError:
            del inner[place[-1]]
        else:
            inner[place[-1]] = value
        yield made


def assert_foreseen(run: Run, content: Any) -> None:
    """The command did its work, or says what is wrong with what it was given."""
    told = " ".join(each["message"] for each in run.errors())
    shown = f"{json.dumps(content)[:600]} {told[:300]}"
    assert "Unexpected failure" not in told, shown
    assert UNEXPECTED not in told, shown
    assert all("Traceback" not in text for text in run.logs()), shown
    assert bool(run.exit_code) == bool(run.errors()), shown
    assert all((each["status"] == "Error") == bool(run.exit_code) for each in run.summaries()), shown


def config(url: str) -> Mapping[str, Any]:
    """A config that can be used, with everything that looks at a catalog's schemas."""
    return {"credentials": {"auth_type": "api_token", "api_token": TOKEN}, "api_url": url}


@pytest.mark.parametrize("place", list(places(CATALOG)), ids=lambda place: ".".join(map(str, place)))
def test_a_catalog_of_the_destination(server: SandboxServer, tmp_path: Path, place: tuple[Any, ...]) -> None:
    """`write` with a catalog that is wrong in one place."""
    used = {**config(server.url), "auto_create_fields": True, "auto_create_options": True, "dry_run": True}
    for catalog in spoiled(CATALOG, place):
        assert_foreseen(write("write", files(tmp_path, used, catalog)), catalog)


@pytest.mark.parametrize("place", list(places(CATALOG)), ids=lambda place: ".".join(map(str, place)))
def test_a_catalog_of_the_source(server: SandboxServer, tmp_path: Path, place: tuple[Any, ...]) -> None:
    """`read` with a catalog that is wrong in one place."""
    for catalog in spoiled(CATALOG, place):
        assert_foreseen(read("read", files(tmp_path, config(server.url), catalog)), catalog)


@pytest.mark.parametrize("place", list(places(STATE)), ids=lambda place: ".".join(map(str, place)))
def test_a_state_of_the_source(server: SandboxServer, tmp_path: Path, place: tuple[Any, ...]) -> None:
    """`read` with a state that is wrong in one place."""
    for state in spoiled(STATE, place):
        arguments = files(tmp_path, config(server.url), CATALOG)
        (tmp_path / "state.json").write_text(json.dumps(state), encoding="utf-8")
        assert_foreseen(read("read", [*arguments, "--state", str(tmp_path / "state.json")]), state)
