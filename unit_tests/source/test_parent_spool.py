"""Where parents are kept for their children, and how records are put into chunks."""

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipedrive_client.spool_folder import NoRoom, SpoolFolder, remove_abandoned
from source_pipedrive.records.problems import as_json
from source_pipedrive.sync.chunks import Chunk
from source_pipedrive.sync.parent_spool import ParentSpool
from source_pipedrive.sync.state import RowVersion
from source_pipedrive.sync.substream_retriever import CHUNK_SIZE, chunked


def open_files() -> int:
    """Descriptors of this process."""
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SpoolFolder]:
    """A run's folder for what it keeps on disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = SpoolFolder()
    yield made
    made.close()


def test_a_spool_holds_one_descriptor_and_gives_it_back(folder: SpoolFolder) -> None:
    """A read of 60 streams must not come near the limit of open files."""
    before = open_files()
    spools = [ParentSpool("deals", frozenset({"id"}), folder) for _ in range(20)]
    opened = open_files()
    for spool in spools:
        spool.finish()

    assert opened - before == 20
    assert open_files() == before


@pytest.mark.parametrize("rows", [1, 20_000])
def test_whoever_waits_for_parents_is_told_that_there_is_no_room(folder: SpoolFolder, rows: int) -> None:
    """A disk that is full at the first row or at the end is an error that names the folder, for all that wait."""
    spool = ParentSpool("deals", frozenset({"id"}), folder)
    spool._file.close()
    spool._file = open("/dev/full", "wb")  # noqa: SIM115

    def gather() -> None:
        for number in range(rows):
            spool.add("live", RowVersion("2026-01-01T00:00:00Z", number), {"id": number})
        spool.finish()

    with pytest.raises(NoRoom, match=f"{folder.path} takes no more .No space left") as caught:
        gather()
    spool.finish(caught.value)

    for _ in range(2):
        with pytest.raises(NoRoom, match="TMPDIR"):
            spool.wait()


def test_children_begin_with_the_first_page_of_a_list_that_rises(folder: SpoolFolder) -> None:
    """What is there comes before the end of the list; more of it is waited for, and so is the number of all."""
    spool = ParentSpool("deals", frozenset({"id"}), folder, in_order=True)
    spool.begin(is_ascending=True)
    spool.add("live", RowVersion("2026-01-01T00:00:00Z", "1", digest="-"), {"id": 1})
    spool.pass_on()
    spool.add("live", RowVersion("2026-01-02T00:00:00Z", "2", digest="-"), {"id": 2})
    spool.wait()
    parents = spool.parents()

    assert next(parents)[0].row == {"id": 1}
    assert (spool.total, spool.is_ordered) == (None, True)
    spool.finish()
    assert [parent.row for parent, _ in parents] == [{"id": 2}]
    assert spool.total == 2


def test_a_list_that_falls_moves_no_bookmark(folder: SpoolFolder) -> None:
    """Its first page may be of one row or one second, which alone does not show that older ones follow."""
    spool = ParentSpool("notes", frozenset({"id"}), folder, in_order=True)
    spool.begin(is_ascending=False)
    spool.add("live", RowVersion("2026-01-02T00:00:00Z", "2", digest="-"), {"id": 2})
    spool.pass_on()

    assert not spool.is_ordered
    spool.finish()


def test_a_folder_is_its_user_s_alone_and_goes(folder: SpoolFolder) -> None:
    """Rows of a CRM are nobody else's, and are gone with the run."""
    spool = ParentSpool("deals", frozenset({"id"}), folder)
    rights = {path.name.split("-")[0]: stat.S_IMODE(path.stat().st_mode) for path in folder.path.iterdir()}
    folder_rights = stat.S_IMODE(folder.path.stat().st_mode)
    spool.finish()
    folder.close()

    assert (rights, folder_rights) == ({"deals": 0o600, "lock": 0o600}, 0o700)
    assert not folder.path.exists()


def test_what_a_killed_process_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run removes the folder of one that was killed, and none in which somebody works or that is a link."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    code = "import os, signal; from pipedrive_client.spool_folder import SpoolFolder"
    code = f"{code}; SpoolFolder(); os.kill(os.getpid(), signal.SIGKILL)"
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "TMPDIR": str(tmp_path)})
    (left,) = tmp_path.iterdir()
    (left / "deals-1").write_text("a row")
    working = SpoolFolder()
    others = [tmp_path / "pipedrive-of-somebody", tmp_path / "elsewhere"]
    for each in others:
        each.mkdir()
    (tmp_path / "pipedrive-link").symlink_to(tmp_path / "elsewhere")
    remove_abandoned()

    assert not left.exists()
    assert all(each.exists() for each in (working.path, *others))
    working.close()


def test_no_place_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder for temporary files that is not there is named."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    remove_abandoned()
    with pytest.raises(NoRoom, match=r"missing.* takes no more \(No such file or directory\)"):
        SpoolFolder()


def test_what_was_read_before_a_failure_comes_before_it() -> None:
    """A chunk that is not full is not lost."""

    def rows() -> Iterator[dict[str, Any]]:
        yield from ({"id": n} for n in range(CHUNK_SIZE + 2))
        raise OSError("cut off")

    chunks = chunked(rows())

    assert [len(next(chunks)), len(next(chunks))] == [CHUNK_SIZE, 2]
    with pytest.raises(OSError, match="cut off"):
        next(chunks)


def test_a_chunk_is_lines_with_nulls_and_messages_of_the_cdk() -> None:
    """Whoever calls the source from Python gets one message per record."""
    chunk = Chunk.of("deals", [as_json({"id": 1, "title": None}), as_json({"id": 2**53})])
    messages = list(chunk.messages())

    assert [line.split(b',"emitted_at"')[0] for line in chunk.text.splitlines()] == [
        b'{"type":"RECORD","record":{"stream":"deals","data":{"id":1,"title":null}',
        b'{"type":"RECORD","record":{"stream":"deals","data":{"id":%d}' % 2**53,
    ]
    assert chunk.count == len(messages) == 2
    assert messages[0].record is not None
    assert messages[0].record.data == {"id": 1, "title": None}
