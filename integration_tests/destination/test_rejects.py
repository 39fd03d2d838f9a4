"""Rejected records are kept and can be written again."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from integration_tests.destination.account import Account, record, stream_state

GOOD = record("persons", name="Ann", email="ann@acme.test")
BAD = record("persons", name="Bob", email="bob@acme.test", owner_id="nobody")


def kept(folder: Path) -> list[str]:
    """All lines of all files, which are JSON lines only."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} <= {".jsonl"}
    return [line for path in files for line in path.read_text(encoding="utf-8").splitlines()]


def test_t18_t20_a_rejected_line_is_written_once_after_the_fix(account: Account, tmp_path: Path) -> None:
    """T18, T20: the line is the record as it came plus why; fed back after the fix it is one row."""
    storage = {"storage_type": "Local", "path": str(tmp_path / "rejected")}
    bad = json.loads(json.dumps(BAD))
    bad["record"]["namespace"] = None
    bad["record"]["meta"] = {"changes": []}
    account.write([GOOD, bad, stream_state("persons", 1)], object_storage_config=storage)
    (line,) = kept(tmp_path / "rejected")
    message = json.loads(line)
    rejection = message.pop("rejection")

    assert message == bad
    assert rejection.keys() == {"code", "message", "field", "object"}
    assert (rejection["code"], rejection["field"], rejection["object"]) == ("invalid_value", "owner_id", "persons")

    account.put("users", name="nobody", email="nobody@acme.test")
    for created in (1, 0):
        run = account.write([line], catalog=_catalog(), object_storage_config=storage)
        assert run.summary["objects"]["persons"]["created"] == created
    assert sorted(row["name"] for row in account.rows("persons")) == ["Ann", "Bob"]
    assert len(kept(tmp_path / "rejected")) == 1


def test_t50_a_kept_line_holds_no_secret(account: Account, tmp_path: Path) -> None:
    """T50: what Pipedrive said is kept, the token is not."""
    account.sandbox.set_faults({"kind": "status", "status": 400, "method": "POST", "body": {"error": "bad name"}})
    account.write([GOOD], object_storage_config={"storage_type": "Local", "path": str(tmp_path / "r")})
    (line,) = kept(tmp_path / "r")

    assert "bad name" in line
    assert '"sandbox"' not in line


def test_rejections_are_on_disk_before_the_state_is_out(account: Account, tmp_path: Path) -> None:
    """A state that counts a rejected record comes after its line."""
    run = account.write(
        [BAD, stream_state("persons", 1), BAD],
        object_storage_config={"storage_type": "Local", "path": str(tmp_path / "r")},
    )

    assert len(kept(tmp_path / "r")) == 2
    assert run.states()[0]["destinationStats"]["rejectedRecordCount"] == 1.0


@pytest.mark.parametrize(
    ("storage", "said"),
    [
        ({"storage_type": "Local"}, "`/object_storage_config/path`"),
        ({"storage_type": "Tape"}, "`/object_storage_config/storage_type`"),
        ({"storage_type": "S3", "s3_bucket_name": "b"}, "`/object_storage_config/s3_bucket_region`"),
        ({"storage_type": "Local", "path": "/dev/null/x"}, "`/object_storage_config/path`"),
    ],
)
def test_check_looks_at_the_storage(account: Account, storage: dict[str, Any], said: str) -> None:
    """A place that cannot be used is found before anything is written."""
    run = account.check(object_storage_config=storage)

    assert run.connection_status["status"] == "FAILED"
    assert said in run.connection_status["message"]


@pytest.fixture
def bucket() -> Iterator[tuple[str, dict[str, bytes]]]:
    """A server that keeps what is put, and its address."""
    objects: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            objects[self.path] = self.rfile.read(int(self.headers["content-length"]))
            self.answer()

        def do_HEAD(self) -> None:
            self.answer()

        def answer(self) -> None:
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", objects
    server.shutdown()


def test_s3_keeps_objects_of_json_lines(account: Account, bucket: tuple[str, dict[str, bytes]]) -> None:
    """In a bucket each flush is an object below the path, by stream."""
    url, objects = bucket
    storage = {
        "storage_type": "S3", "s3_bucket_name": "b", "s3_bucket_region": "eu-west-1", "bucket_path": "rejected/crm",
        "access_key_id": "k", "secret_access_key": "s", "s3_endpoint": url,
    }  # fmt: skip
    assert account.check(object_storage_config=storage).connection_status["status"] == "SUCCEEDED"
    account.write([BAD, stream_state("persons", 1), BAD, stream_state("persons", 2)], object_storage_config=storage)

    assert len(objects) == 2
    assert all(path.startswith("/b/rejected/crm/persons/") and path.endswith(".jsonl") for path in objects)
    assert all(b'"rejection"' in body for body in objects.values())


def _catalog() -> dict[str, Any]:
    return {"streams": [{"stream": {"name": "persons", "json_schema": {}}, "destination_sync_mode": "append_dedup"}]}
