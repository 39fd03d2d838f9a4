"""Rejected records are kept and can be written again."""

import errno
import json
import os
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from destination_pipedrive.results.dead_letters import store_of
from destination_pipedrive.results.private_files import append_privately
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
    """T50: what Pipedrive said is kept; the token is not."""
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


S3 = {
    "storage_type": "S3", "s3_bucket_name": "b", "s3_bucket_region": "eu-west-1", "access_key_id": "k",
    "secret_access_key": "s",
}  # fmt: skip


@pytest.mark.parametrize(
    ("storage", "said"),
    [
        ({"storage_type": "Local"}, "`/object_storage_config/path`"),
        ({"storage_type": "Tape"}, "`/object_storage_config/storage_type`"),
        ({"storage_type": "S3", "s3_bucket_name": "b"}, "`/object_storage_config/s3_bucket_region`"),
        ({"storage_type": "Local", "path": "/dev/null/x"}, "`/object_storage_config/path`"),
        ({"storage_type": "Local", "path": "a\x00b"}, "`/object_storage_config/path`"),
        ({"storage_type": "Local", "path": "/tmp/../etc"}, "`/object_storage_config/path` must not hold `..`"),
        ({"storage_type": "Local", "path": ["x"]}, "`/object_storage_config/path` must be text"),
        ({"storage_type": "Local", "path": "x" * 5_000}, "`/object_storage_config/path`"),
        ({"storage_type": ["Local"]}, "`/object_storage_config/storage_type`"),
        ({"storage_type": []}, "`/object_storage_config/storage_type`"),
        ({"storage_type": 0}, "`/object_storage_config/storage_type`"),
        ({"storage_type": {"Local": 1}}, "`/object_storage_config/storage_type`"),
        ([], "`/object_storage_config` must be an object"),
        ("Local", "`/object_storage_config` must be an object"),
        ({**S3, "bucket_path": "a/../../b"}, "`/object_storage_config/bucket_path` must not hold `..`"),
        ({**S3, "bucket_path": 5}, "`/object_storage_config/bucket_path` must be text"),
        ({**S3, "s3_bucket_name": "a/b"}, "`/object_storage_config/s3_bucket_name`"),
        ({**S3, "s3_bucket_region": "eu west"}, "`/object_storage_config/s3_bucket_region`"),
        ({**S3, "access_key_id": {"a": 1}}, "`/object_storage_config/access_key_id` must be text"),
        ({**S3, "secret_access_key": None}, "`/object_storage_config/secret_access_key` is missing"),
        ({**S3, "s3_endpoint": ["https://x"]}, "`/object_storage_config/s3_endpoint` must be text"),
        ({**S3, "s3_endpoint": "x"}, "`/object_storage_config/s3_endpoint` must be an address"),
        *[
            ({**S3, "s3_endpoint": endpoint}, "`/object_storage_config/s3_endpoint` must")
            for endpoint in (
                "http://169.254.169.254/latest",
                "http://10.0.0.1:9000",
                "https://192.168.1.1",
                "http://172.16.0.1",
                "http://0.0.0.0",
                "http://[fe80::1]",
                "http://[fd00::1]:9000",
                "http://[::ffff:10.0.0.1]",
                "http://2852039166",
                "http://0xa9fea9fe",
                "http://10.1",
                "http://100.64.0.1",
                "http://224.0.0.1",
                "https://k:secret@storage.example.com",
                "file:///etc/passwd",
                "https://a b",
                "http://[::1]x",
            )
        ],
    ],
)
def test_check_looks_at_the_storage(account: Account, storage: dict[str, Any], said: str) -> None:
    """A place that cannot be used is found before anything is written."""
    run = account.check(object_storage_config=storage)

    assert run.connection_status["status"] == "FAILED"
    assert said in run.connection_status["message"]


def test_rejected_records_are_their_user_s_alone(account: Account, tmp_path: Path) -> None:
    """Files can be read by their user only, and so can the folders that are made for them; one that is there stays."""
    (tmp_path / "there").mkdir(mode=0o755)
    for root in ("there", "new/deep"):
        storage = {"storage_type": "Local", "path": str(tmp_path / root)}
        run = account.write([BAD], object_storage_config=storage, result_log=True)
        assert run.exit_code == 0, run

    rights = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*.jsonl")}
    folders = [path for path in tmp_path.rglob("*") if path.is_dir() and path.name in ("deep", "persons", "_results")]
    assert rights == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
    assert stat.S_IMODE((tmp_path / "there").stat().st_mode) == 0o755


@pytest.mark.parametrize("where", ["root", "stream"])
def test_links_are_not_followed(account: Account, tmp_path: Path, where: str) -> None:
    """A link in the place of the folder, or of a stream's folder in it, leads nowhere: the run says so."""
    elsewhere, root = tmp_path / "elsewhere", tmp_path / "root"
    elsewhere.mkdir()
    if where == "stream":
        root.mkdir()
    (root if where == "root" else root / "persons").symlink_to(elsewhere)
    run = account.write([BAD], object_storage_config={"storage_type": "Local", "path": str(root)})

    assert run.exit_code == 1
    assert "is a link, which is not followed" in run.errors()[0]["message"]
    assert run.errors()[0]["failure_type"] == "config_error"
    assert not list(elsewhere.iterdir())


def test_a_file_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    """Neither is one in the place of the file; what is no file takes nothing."""
    (tmp_path / "target").write_text("before")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    for name in ("link", "pipe"):
        with pytest.raises(OSError, match=r"is a link|is no file"):
            append_privately(tmp_path / name, b"x\n")
    os.close(reader)

    assert (tmp_path / "target").read_text() == "before"


def test_half_a_line_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When there is no room the file ends with its last whole line."""
    append_privately(tmp_path / "f", b"one\n")
    write = os.write

    def full(number: int, content: bytes) -> int:
        if len(content) < 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(number, content[:2])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        append_privately(tmp_path / "f", b"two\n")
    assert (tmp_path / "f").read_bytes() == b"one\n"


def test_the_home_folder(account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`~` is the user's home."""
    monkeypatch.setenv("HOME", str(tmp_path))
    account.write([BAD], object_storage_config={"storage_type": "Local", "path": "~/rejected"})

    assert len(kept(tmp_path / "rejected")) == 1


def test_a_storage_shows_no_secret() -> None:
    """What a debugger shows of a storage holds no key."""
    store = store_of({**S3, "access_key_id": "the-key-id", "secret_access_key": "the-secret-key"})

    assert "the-" not in repr(store)


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
