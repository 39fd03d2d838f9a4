"""`files` with their contents, where the platform asks for them, and without where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration_tests.source.conftest import InProcess
from integration_tests.source.storage import (
    FILES,
    LIST_PRICE,
    PRICE,
    Storage,
    change,
    downloads,
    left,
    references,
    with_files,
)
from integration_tests.source.storage import staging as staging
from integration_tests.source.storage import storage as storage
from pipedrive_sandbox import Sandbox
from source_pipedrive.sync import file_transfer

SIGNATURE = "5ec7e7"


def test_only_files_can_be_copied(pipedrive: Sandbox, source: InProcess) -> None:
    """The catalog says of which stream."""
    streams = source.discover().catalog["streams"]

    assert [stream["name"] for stream in streams if stream.get("is_file_based")] == ["files"]


def test_without_being_asked_nothing_is_downloaded(empty: Sandbox, source: InProcess, storage: Storage) -> None:
    """Metadata as ever, for the price of the list."""
    run = source.read("files")

    assert set(references(run).values()) == {None}
    assert run.summary["tokens"] == LIST_PRICE
    assert not storage.asked


def test_each_file_is_there_for_the_destination(
    empty: Sandbox, source: InProcess, storage: Storage, staging: Path
) -> None:
    """From the storage, which gets no token; the signed addresses stand nowhere."""
    run = source.run("read", "--debug", config=source.config, catalog=with_files(source))
    found = references(run)

    assert run.exit_code == 0, run
    assert len(found) == FILES
    for number, reference in found.items():
        assert reference is not None
        path = Path(reference["staging_file_url"])
        assert path.read_bytes() == Storage.content(number)
        assert reference["file_size_bytes"] == path.stat().st_size
        assert reference["source_file_relative_path"].startswith(f"files/{number}/offer-")
        assert str(path).endswith(reference["source_file_relative_path"])
    assert run.summary["tokens"] == LIST_PRICE + FILES * PRICE
    assert set(storage.fetched.values()) == {1}
    assert not [name for _, headers in storage.asked for name in headers if name in ("x-api-token", "authorization")]
    assert SIGNATURE not in run.stdout


def test_contents_that_come_at_once(empty: Sandbox, source: InProcess, staging: Path) -> None:
    """As the vendor's document has it: the API answers with the content."""
    empty.seed(scale=0, files=3)
    found = references(source.read_catalog(with_files(source)))

    assert [Path(each["staging_file_url"]).read_text() for each in found.values() if each] == [
        row["file_name"] for row in sorted(empty.rows("files"), key=lambda row: list(found).index(row["id"]))
    ]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "offer.pdf"),
        ("a/b\\c.pdf", "a_b_c.pdf"),
        ("", "offer.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("Ü" * 300 + ".pdf", "Ü" * 98 + ".pdf"),
        ("evil\u202efdp.exe\r\n", "evil_fdp.exe_"),
        (".hidden", "hidden"),
    ],
)
def test_names(name: str, safe: str, empty: Sandbox, source: InProcess, storage: Storage, staging: Path) -> None:
    """No name leaves its folder, and no two files share one."""
    for number in (1, 2):
        change(empty, number, name=name, file_name="offer.pdf", update_time="2026-11-01 00:00:00")
    found = references(source.read_catalog(with_files(source)))
    paths = [str(found[number]["source_file_relative_path"]) for number in (1, 2)]  # type: ignore[index]

    assert paths == [f"files/1/{safe}", f"files/2/{safe}"]
    assert len(left(staging)) == FILES
    assert not [path for path in left(staging.parent) if staging not in path.parents and path.suffix != ".json"]


def test_files_that_cannot_be_had(
    empty: Sandbox, source: InProcess, storage: Storage, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Deleted, linked, too large, gone, refused: the rows are there without, one warning says how many."""
    monkeypatch.setattr(file_transfer, "MOST_BYTES", 10_000_000)
    change(empty, 1, remote_location="googledocs")
    change(empty, 2, file_size=10_000_001)
    change(empty, 3, file_size=None)
    storage.answers["3"] = [(200, b"x" * 10_000_001, {})]
    storage.answers["4"] = [(404, b"", {})]
    storage.answers["5"] = [(403, b"<Error/>", {})] * 3
    empty.change_settings(refused_paths={r"/files/6/download$": 404})
    run = source.read_catalog(with_files(source))
    found = references(run)

    assert run.exit_code == 0, run
    assert {number for number, reference in found.items() if reference is None} == {1, 2, 3, 4, 5, 6}
    assert run.summary["streams"]["files"]["skipped_parents"] == 5
    assert [text for text in run.logs("WARN") if "5 files could not be copied" in text]
    assert len(left(staging)) == FILES - 6


def test_repeats(empty: Sandbox, source: InProcess, storage: Storage, staging: Path) -> None:
    """A storage that has trouble, breaks off, or finds the address too old: another address is asked for."""
    storage.answers["1"] = [(503, b"", {}), (200, b"half", {"content-length": "1000"})]
    storage.answers["2"] = [(403, b"<Code>AccessDenied</Code>", {})]
    storage.answers["3"] = [(302, b"", {"location": "/3?X-Amz-Signature=other"})]
    run = source.read_catalog(with_files(source))

    assert run.exit_code == 0, run
    assert None not in references(run).values()
    assert sorted(path.read_bytes() for path in left(staging)) == sorted(
        Storage.content(number) for number in range(1, FILES + 1)
    )
    assert run.summary["tokens"] == LIST_PRICE + (FILES + 3) * PRICE == LIST_PRICE + len(downloads(empty)) * PRICE


@pytest.mark.parametrize("address", ["http://files.example/1", "ftp://files.example/1"])
def test_addresses_that_are_not_followed(
    address: str, empty: Sandbox, source: InProcess, storage: Storage, staging: Path
) -> None:
    """Nothing is fetched unencrypted from elsewhere; the other files are copied."""
    storage.answers["1"] = [(302, b"", {"location": address})] * 3
    run = source.read_catalog(with_files(source))

    assert [number for number, reference in references(run).items() if reference is None] == [1]
    assert "/1" not in "".join(text for text in run.logs() if "files.example" in text)
