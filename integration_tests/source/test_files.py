"""`files` with their contents, where the platform asks for them, and without where it does not."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from integration_tests.harness import Run
from integration_tests.source.conftest import InProcess
from integration_tests.source.storage import Storage
from pipedrive_sandbox import Sandbox
from source_pipedrive import source as source_module
from source_pipedrive.sync import file_transfer

FILES = 30
LIST_PRICE = PRICE = 20
SIGNATURE = "5ec7e7"


@pytest.fixture
def storage(empty: Sandbox) -> Iterator[Storage]:
    """An account with files, and the other host that keeps them."""
    with Storage.start() as server:
        empty.seed(scale=0, files=FILES)
        empty.change_settings(file_storage=server.url)
        yield server


@pytest.fixture
def staging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the platform shares with the destination."""
    folder = tmp_path / "staging"
    folder.mkdir()
    monkeypatch.setattr(source_module, "get_files_directory", lambda: str(folder))
    return folder


def with_files(source: InProcess, **more: Any) -> dict[str, Any]:
    """A catalog that asks for contents."""
    catalog = source.catalog("files", **more)
    catalog["streams"][0]["include_files"] = True
    return catalog


def references(run: Run) -> dict[int, dict[str, Any] | None]:
    """Id -> where the file is, of each record in order."""
    records = [message["record"] for message in run.of_type("RECORD")]
    return {record["data"]["id"]: record.get("file_reference") for record in records}


def left(folder: Path) -> list[Path]:
    """Files in a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


def downloads(sandbox: Sandbox) -> list[str]:
    """Paths of the API that were asked for contents."""
    return [one["path"] for one in sandbox.requests() if one["path"].endswith("/download")]


def change(sandbox: Sandbox, number: int, **values: Any) -> None:
    """Values of a file that nobody can set over the API."""
    row = next(row for row in sandbox.rows("files") if row["id"] == number)
    sandbox.put_rows("files", [{**row, **values}])


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


def test_an_outage_of_the_storage(empty: Sandbox, source: InProcess, storage: Storage, staging: Path) -> None:
    """It is no business of single files: the stream fails, and the next run goes on there."""
    catalog = with_files(source)
    storage.answers = {str(number): [(503, b"", {})] * 3 for number in range(1, FILES + 1)}
    first = source.read_catalog(catalog)
    storage.answers = {}
    second = source.read_catalog(catalog, first.last_states())

    assert first.exit_code == 1
    assert first.errors()[0]["failure_type"] == "transient_error"
    assert second.exit_code == 0
    assert set(references(first)) | set(references(second)) == set(range(1, FILES + 1))


def test_a_budget_that_ends_within_a_page(empty: Sandbox, source: InProcess, storage: Storage, staging: Path) -> None:
    """Each run goes on with the next file; none is fetched or emitted twice, in a first read and in a further one."""
    catalog = with_files(source)
    assert _read_in_parts(source, catalog, None, FILES) == list(range(1, FILES + 1))
    assert set(storage.fetched.values()) == {1}


def _read_in_parts(source: InProcess, catalog: dict[str, Any], state: Any, count: int) -> list[int]:
    source.config["token_budget"] = LIST_PRICE + 7 * PRICE
    found: list[int] = []
    runs = 0
    while True:
        run = source.read_catalog(catalog, state)
        state = run.last_states()
        found += references(run)
        runs += 1
        assert None not in references(run).values()
        assert run.summary["tokens"] <= source.config["token_budget"]
        assert run.summary["streams"]["files"]["records"] == len(references(run))
        if run.exit_code == 0 or runs > count:
            return sorted(found)


@pytest.mark.parametrize("deletions", ["reported", "compare"])
def test_a_budget_that_ends_in_a_further_run(
    deletions: str, empty: Sandbox, source: InProcess, storage: Storage, staging: Path
) -> None:
    """What changed since the last run is copied from the oldest change on, so that the next run can go on there."""
    source.config["deletions"] = deletions
    catalog = with_files(source)
    state = source.read_catalog(catalog).last_states()
    storage.asked.clear()
    changed = list(range(1, 21))
    for number in changed:
        change(empty, number, update_time=f"2026-11-27 00:00:{number:02}", name=f"again-{number}.pdf")

    assert _read_in_parts(source, catalog, state, FILES) == changed
    assert set(storage.fetched.values()) == {1}


def test_a_full_disk(
    empty: Sandbox, source: InProcess, storage: Storage, staging: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names the folder; what was copied stays, the rest comes with the next run."""
    catalog, opened, free = with_files(source), Path.open, iter(range(10))

    def refuse(path: Path, *arguments: Any, **options: Any) -> Any:
        if staging in path.parents and next(free, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return opened(path, *arguments, **options)

    with monkeypatch.context() as full:
        full.setattr(Path, "open", refuse)
        first = source.read_catalog(catalog)
    second = source.read_catalog(catalog, first.last_states())

    assert first.exit_code == 1
    assert str(staging) in first.errors()[0]["message"]
    assert "No space left on device" in first.errors()[0]["message"]
    assert first.errors()[0]["failure_type"] == "transient_error"
    assert sorted([*references(first), *references(second)]) == list(range(1, FILES + 1))
    assert len(left(staging)) == FILES


def test_what_is_not_emitted_is_not_left_behind(
    empty: Sandbox, source: InProcess, storage: Storage, staging: Path
) -> None:
    """A run that stops removes the files that it fetched ahead, and the half of one."""
    source.config["token_budget"] = LIST_PRICE + 12 * PRICE
    storage.answers["5"] = [(200, b"half", {"content-length": "1000"})] * 3
    run = source.read_catalog(with_files(source))
    kept = {reference["staging_file_url"] for reference in references(run).values() if reference}

    assert run.exit_code == 1
    assert {str(path) for path in left(staging)} == kept
    assert json.dumps(run.last_states())
