"""Rejected records are kept and can be written again."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from integration_tests.destination.account import Account, catalog_of, record, stream_state

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


LENT = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>lent-key</AccessKeyId><SecretAccessKey>lent-secret</SecretAccessKey><SessionToken>lent-token</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"""
DENIED = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>AccessDenied</Code><Message>Not for you</Message></Error></ErrorResponse>"""


class Bucket:
    """What a stand-in for S3 and its token service was given."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.objects: dict[str, bytes] = {}
        self.asked: list[dict[str, list[str]]] = []
        self.tokens: set[str | None] = set()
        self.refuses_role = False

    @property
    def storage(self) -> dict[str, Any]:
        """The part of a config that points here."""
        return {
            "storage_type": "S3", "s3_bucket_name": "b", "s3_bucket_region": "eu-west-1", "bucket_path": "rejected/crm",
            "access_key_id": "k", "secret_access_key": "s", "s3_endpoint": self.url,
        }  # fmt: skip


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    """A server that keeps what is put, and lends a role."""

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            found.objects[self.path] = self.rfile.read(int(self.headers["content-length"]))
            found.tokens.add(self.headers["x-amz-security-token"])
            self.answer()

        def do_HEAD(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            found.asked.append(parse_qs(self.rfile.read(int(self.headers["content-length"])).decode()))
            self.answer(403 if found.refuses_role else 200, DENIED if found.refuses_role else LENT)

        def answer(self, status: int = 200, body: str = "") -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Bucket(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()


def test_s3_keeps_objects_of_json_lines(account: Account, bucket: Bucket) -> None:
    """In a bucket each flush is an object below the path, by stream."""
    storage, objects = bucket.storage, bucket.objects
    assert account.check(object_storage_config=storage).connection_status["status"] == "SUCCEEDED"
    account.write([BAD, stream_state("persons", 1), BAD, stream_state("persons", 2)], object_storage_config=storage)

    assert len(objects) == 2
    assert all(path.startswith("/b/rejected/crm/persons/") and path.endswith(".jsonl") for path in objects)
    assert all(b'"rejection"' in body for body in objects.values())


@pytest.mark.parametrize(
    ("namespace", "sync_id", "folder"),
    [(None, None, "persons"), ("crm", None, "crm/persons"), (None, 42, "42/persons"), ("crm", 42, "42/crm/persons")],
)
def test_t57_files_are_where_the_platform_looks(
    account: Account, tmp_path: Path, namespace: str | None, sync_id: int | None, folder: str
) -> None:
    """Below the job's id, where the catalog carries one, then the namespace and the stream."""
    catalog = catalog_of("persons", **({"sync_id": sync_id} if sync_id else {}))
    catalog["streams"][0]["stream"]["namespace"] = namespace
    bad = {**BAD, "record": {**BAD["record"], "namespace": namespace}}
    account.write([bad], catalog, object_storage_config={"storage_type": "Local", "path": str(tmp_path / "r")})

    (path,) = (tmp_path / "r").rglob("*.jsonl")
    assert str(path.parent.relative_to(tmp_path / "r")) == folder


def test_a_bucket_is_reached_as_a_role(account: Account, bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role is taken on with the keys, for the platform's workspace; what is put carries what the role was lent."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", bucket.url)
    monkeypatch.setenv("AWS_ASSUME_ROLE_EXTERNAL_ID", "workspace-1")
    storage = {**bucket.storage, "role_arn": "arn:aws:iam::123456789012:role/rejects"}
    assert account.check(object_storage_config=storage).connection_status["status"] == "SUCCEEDED"
    catalog = catalog_of("persons", sync_id=7)
    account.write([BAD], catalog, object_storage_config=storage)

    assert bucket.asked[0]["RoleArn"] == ["arn:aws:iam::123456789012:role/rejects"]
    assert bucket.asked[0]["ExternalId"] == ["workspace-1"]
    (path,) = bucket.objects
    assert path.startswith("/b/rejected/crm/7/persons/")
    assert bucket.tokens == {"lent-token"}


def test_a_role_that_is_refused_is_named_by_check(
    account: Account, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the owner of the role says is in the sentence."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", bucket.url)
    bucket.refuses_role = True
    run = account.check(object_storage_config={**bucket.storage, "role_arn": "arn:aws:iam::123456789012:role/rejects"})

    assert run.connection_status["status"] == "FAILED"
    assert "AccessDenied" in run.connection_status["message"]
    assert "`/object_storage_config/role_arn`" in run.connection_status["message"]


def _catalog() -> dict[str, Any]:
    return {"streams": [{"stream": {"name": "persons", "json_schema": {}}, "destination_sync_mode": "append_dedup"}]}
