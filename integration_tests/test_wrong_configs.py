"""Every key of both forms with values of every wrong kind: a clear message, the right exit code, no stack trace."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from destination_pipedrive.protocol.output import UNEXPECTED
from destination_pipedrive.run import main as write_main
from integration_tests.harness import ROOT, TOKEN, Run, configured, incoming, lines, record
from integration_tests.straight import serve
from pipedrive_client import clock
from pipedrive_sandbox import Sandbox
from pipedrive_sandbox.server.http import SandboxServer
from source_pipedrive.run import main as read_main

DEEP: Any = []
for _ in range(150):
    DEEP = [DEEP]
#: A value of every kind that a key may hold by mistake.
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, "", "   ", "text", "nul\x00", "Zoë ☃", "x" * 50_000, [], ["x"], [None],
    [[]], [{}], {}, {"__proto__": 1}, {"constructor": {"prototype": []}}, {"a": {"b": [1]}}, DEEP,
)  # fmt: skip
#: A message that nobody would read to its end.
MOST_CHARACTERS = 4_000
OAUTH = {"auth_type": "oauth2.0", "client_id": "i", "client_secret": "s", "refresh_token": "r"}
LOCAL = {"storage_type": "Local", "path": "rejected"}
S3 = {
    "storage_type": "S3", "s3_bucket_name": "b", "s3_bucket_region": "eu-west-1", "access_key_id": "a-key-id",
    "secret_access_key": "a-secret-key", "s3_endpoint": "http://127.0.0.1:9",
}  # fmt: skip
#: What has to be there for a key to be looked at, by the key's beginning.
AROUND: dict[tuple[Any, ...], list[Any]] = {
    ("credentials", "client_id"): [OAUTH],
    ("credentials", "client_secret"): [OAUTH],
    ("credentials", "refresh_token"): [OAUTH],
    ("selections", 0): [[{"stream": "deals", "where": "value > 1"}]],
    ("column_names", 0): [[{"field": "a", "column": "b"}]],
    ("object_storage_config", "path"): [LOCAL],
}
#: Asking a storage that is not there takes its library a while; such values are tried one by one elsewhere.
ASKS = {"s3_bucket_name", "s3_bucket_region", "bucket_path", "access_key_id", "secret_access_key", "role_arn"}


def keys_of(schema: Mapping[str, Any], before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every key of a form, those of the entries of lists with 0 for the entry."""
    for name, inner in schema.get("properties", {}).items():
        yield (*before, name)
        for one in inner.get("oneOf", [inner]):
            yield from keys_of(one, (*before, name))
            yield from keys_of(one.get("items", {}), (*before, name, 0))


def form(connector: str) -> list[tuple[Any, ...]]:
    """The keys of a connector's form."""
    spec = json.loads((ROOT / f"{connector}_pipedrive" / "spec.json").read_text(encoding="utf-8"))
    return list(dict.fromkeys(keys_of(spec["connectionSpecification"])))


def configs(key: tuple[Any, ...], url: str) -> Iterator[dict[str, Any]]:
    """Configs in which one key has each of the values."""
    for value in VALUES:
        if key[0] == "object_storage_config" and key[-1] in ASKS and isinstance(value, str | None):
            continue
        if key[-1] in ("api_url", "oauth_url") and value in (None, ""):
            continue  # Pipedrive's own address, which no test asks.
        config: dict[str, Any] = {
            "credentials": {"auth_type": "api_token", "api_token": TOKEN},
            "api_url": url,
            "oauth_url": url,
        }
        around = next((found for begin, found in AROUND.items() if key[: len(begin)] == begin), None)
        if around:
            config[key[0]] = json.loads(json.dumps(around[0]))
        elif key[0] == "object_storage_config" and len(key) > 1:
            config[key[0]] = dict(S3)
        place: Any = config
        for name in key[:-1]:
            place = place[name] if isinstance(place, list) else place.setdefault(name, {})
        place[key[-1]] = value
        yield config


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """An account without rows."""
    clock.skip_waits(True)
    with serve(Sandbox()) as running:
        running.sandbox.reset(seed=1, scale=0)
        yield running
    clock.skip_waits(False)


def files(folder: Path, config: Mapping[str, Any], catalog: Any) -> list[str]:
    """The arguments of a command, with their files."""
    for name, content in (("config", config), ("catalog", catalog)):
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    given = ["--catalog", str(folder / "catalog.json")] if catalog is not None else []
    return ["--config", str(folder / "config.json"), *given]


def read(command: str, arguments: list[str]) -> Run:
    """A command of the source."""
    out: list[str] = []
    code = read_main([command, *arguments], out.append)
    return Run([command], code, "\n".join(out), "")


def write(command: str, arguments: list[str]) -> Run:
    """A command of the destination, with one record."""
    out = io.StringIO()
    given = lines([record("persons", name="A", email="a@x.test")]).encode()
    code = write_main([command, *arguments], io.BytesIO(given), out)
    return Run([command], code, out.getvalue(), "")


def assert_clear(run: Run, config: Mapping[str, Any]) -> None:
    """Success, or a sentence of a bearable length; nothing that nobody foresaw."""
    shown = json.dumps(config)[:300]
    told = " ".join(each["message"] for each in run.errors())
    assert "Unexpected failure" not in told, shown
    assert UNEXPECTED not in told, shown
    assert all("Traceback" not in text for text in run.logs()), shown
    if run.arguments[0] == "check":
        assert run.exit_code == 0, shown
        said = [run.connection_status.get("message", "")]
        assert said[0] or run.connection_status["status"] == "SUCCEEDED", shown
    else:
        said = [each["message"] for each in run.errors()]
        assert len(said) == run.exit_code, shown
        assert {each["failure_type"] for each in run.errors()} <= {"config_error"}, shown
    assert all(len(each) <= MOST_CHARACTERS for each in said), shown


@pytest.mark.parametrize("key", form("source"), ids=lambda key: ".".join(map(str, key)))
def test_the_source(server: SandboxServer, tmp_path: Path, key: tuple[Any, ...]) -> None:
    """`check` and `read` of the source."""
    stream = {"name": "currencies", "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
    catalog = configured({"streams": [stream]})
    for config in configs(key, server.url):
        assert_clear(read("check", files(tmp_path, config, None)), config)
        assert_clear(read("read", files(tmp_path, config, catalog)), config)


@pytest.mark.parametrize("key", form("destination"), ids=lambda key: ".".join(map(str, key)))
def test_the_destination(
    server: SandboxServer, tmp_path: Path, key: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`check` and `write` of the destination."""
    monkeypatch.chdir(tmp_path)
    catalog = {"streams": [incoming("persons")]}
    for config in configs(key, server.url):
        assert_clear(write("check", files(tmp_path, config, None)), config)
        assert_clear(write("write", files(tmp_path, config, catalog)), config)


@pytest.mark.parametrize("entry", ["{stream: persons, object: persons}", "{stream: 5}", "{stream: a, unknown: 1}"])
def test_hundreds_of_wrong_mappings(server: SandboxServer, tmp_path: Path, entry: str) -> None:
    """The first problems are told, and how many more there are."""
    config = {**next(configs(("plan",), server.url)), "plan": "auto", "mappings": f"- {entry}\n" * 300}
    catalog = {"streams": [incoming("persons")]}
    for run in (write("check", files(tmp_path, config, None)), write("write", files(tmp_path, config, catalog))):
        assert_clear(run, {})
        said = run.connection_status["message"] if run.arguments[0] == "check" else run.errors()[0]["message"]
        assert "`/mappings/1" in said
        assert said.endswith(" more problems.")
