"""What the platform asks before it writes: spec, check, discover; and what a wrong call or config is answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema

from .adapter import Adapter, Json, main_mode
from .messages import catalog, lines, record, state
from .registry import check
from .running import Printed, attempt, run

SYNC_MODES = {"append", "overwrite", "append_dedup", "update", "soft_delete"}


@check()
def spec_is_a_form(adapter: Adapter) -> None:
    """One SPEC: a valid schema that takes the config, marks its secrets, and names the sync modes."""
    done = run(adapter, "spec")
    assert done.code == 0, done
    spec = done.only("SPEC")
    form = spec["connectionSpecification"]

    jsonschema.Draft7Validator.check_schema(form)
    assert form["type"] == "object"
    assert str(spec.get("documentationUrl", "")).startswith("https://")
    modes = set(spec["supported_destination_sync_modes"])
    assert adapter.modes <= modes <= SYNC_MODES, f"supported_destination_sync_modes: {sorted(modes)}"
    for config in (adapter.config(), adapter.refused_config()):
        jsonschema.validate(config, form)
        open_values = set(unmarked(form, config))
        assert not open_values & set(adapter.secrets), "a secret is not marked airbyte_secret"


def unmarked(schema: Mapping[str, Any], config: Any) -> Iterator[str]:
    """Texts of a config that no schema marks as secret."""
    if isinstance(config, str) and not schema.get("airbyte_secret"):
        yield config
    if isinstance(config, Mapping):
        choices = [each for each in schema.get("oneOf", ()) if jsonschema.Draft7Validator(each).is_valid(config)]
        properties = {
            name: each for choice in (schema, *choices) for name, each in choice.get("properties", {}).items()
        }
        for name, value in config.items():
            yield from unmarked(properties.get(name, {}), value)


@check()
def check_succeeds(adapter: Adapter) -> None:
    """A config that works: one CONNECTION_STATUS, SUCCEEDED, exit code 0."""
    done = run(adapter, "check", config=adapter.config())

    assert done.code == 0, done
    assert done.only("CONNECTION_STATUS")["status"] == "SUCCEEDED", done


@check()
def a_failed_check_is_work_done(adapter: Adapter) -> None:
    """A config that the target refuses, and one that cannot be read: FAILED with an error message, exit code 0."""
    for config in (adapter.refused_config(), adapter.wrong_config()):
        done = run(adapter, "check", config=config)

        assert done.code == 0, done
        status = done.only("CONNECTION_STATUS")
        assert status["status"] == "FAILED", done
        assert len(status["message"].split()) > 2, f"no sentence: {status['message']!r}"


@check()
def discover_names_what_can_be_written(adapter: Adapter) -> None:
    """One DESTINATION_CATALOG; each operation has a valid schema, and keys in it where rows are found by key."""
    done = run(adapter, "discover", config=adapter.config())
    assert done.code == 0, done
    operations = done.only("DESTINATION_CATALOG")["operations"]
    supported = set(run(adapter, "spec").only("SPEC")["supported_destination_sync_modes"])

    names = [(each["object_name"], each["sync_mode"]) for each in operations]
    assert names, "no operations"
    assert len(set(names)) == len(names), "two operations of one object and mode"
    assert {mode for _, mode in names} <= supported, "a sync mode that the spec does not name"
    for each in operations:
        check_operation(each)


def check_operation(operation: Json) -> None:
    """One operation of the catalog."""
    where = f"{operation['object_name']}/{operation['sync_mode']}"
    schema, keys = operation["json_schema"], operation.get("matching_keys") or []

    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["type"] == "object", where
    assert schema["properties"], where
    assert set(schema.get("required", ())) <= set(schema["properties"]), f"{where}: required, but no property"
    assert all(isinstance(key, list) and key for key in keys), f"{where}: matching_keys is a list of lists"
    assert {name for key in keys for name in key} <= set(schema["properties"]), (
        f"{where}: a matching key is no property"
    )
    if operation["sync_mode"] in ("append_dedup", "update", "soft_delete"):
        assert keys, f"{where}: rows are found by key, and there is none"


@check()
def discover_refuses_a_wrong_config(adapter: Adapter) -> None:
    """Without a catalog there is an error of the type config_error and exit code 1."""
    for config in (adapter.refused_config(), adapter.wrong_config()):
        expect_config_error(run(adapter, "discover", config=config))


@check()
def a_wrong_command_line_is_usage(adapter: Adapter) -> None:
    """Unknown commands and missing files: exit code 2, nothing on standard output."""
    calls: list[tuple[str, Json]] = [("frobnicate", {}), ("check", {}), ("write", {"config": adapter.config()})]
    for command, files in calls:
        done = run(adapter, command, "", **files)

        assert done.code == 2, f"{command}: {done}"
        assert not done.messages, command


@check()
def a_wrong_config_stops_the_write(adapter: Adapter) -> None:
    """An unreadable, a wrong or a refused config: config_error, exit code 1, no state, nothing written."""
    mode = main_mode(adapter)
    for config in (adapter.wrong_config(), adapter.refused_config()):
        done = attempt(adapter, [record(adapter, 1), state(adapter, 1)], mode, config)

        expect_config_error(done)
        assert not done.states(), "a state of what was not written"
    expect_config_error(run(adapter, "write", config="{", catalog=catalog(adapter, mode)))
    assert adapter.held() == []


@check()
def a_wrong_catalog_stops_the_write(adapter: Adapter) -> None:
    """A catalog that cannot be read: an error and exit code 1, before anything is written."""
    given = lines([record(adapter, 1), state(adapter, 1)])
    for text in ("{", '{"streams": [{}]}'):
        expect_config_error(run(adapter, "write", given, config=adapter.config(), catalog=text))
    assert adapter.held() == []


def expect_config_error(done: Printed) -> None:
    """One TRACE error of the right type with a sentence for the user: the platform tries anything else again."""
    assert done.code == 1, done
    assert len(done.errors()) == 1, f"{len(done.errors())} errors, wanted one\n{done}"
    error = done.errors()[0]
    assert error["failure_type"] == "config_error", error
    assert len(error["message"].split()) > 2, f"no sentence: {error['message']!r}"
    assert "Traceback" not in error["message"]
