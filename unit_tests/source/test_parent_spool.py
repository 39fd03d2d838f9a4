"""Where parents are kept for their children, and how records are put into chunks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from source_pipedrive.sync.chunks import Chunk
from source_pipedrive.sync.parent_spool import ParentSpool
from source_pipedrive.sync.substream_retriever import CHUNK_SIZE, chunked


def open_files() -> int:
    """Descriptors of this process."""
    return len(list(Path("/proc/self/fd").iterdir()))


def test_a_spool_holds_one_descriptor_and_gives_it_back(tmp_path: Path) -> None:
    """A read of 60 streams must not come near the limit of open files."""
    before = open_files()
    spools = [ParentSpool("deals", frozenset({"id"}), tmp_path) for _ in range(20)]
    opened = open_files()
    for spool in spools:
        spool.finish()

    assert opened - before == 20
    assert open_files() == before


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
    chunk = Chunk.of("deals", [{"id": 1, "title": None}, {"id": 2**53}])
    messages = list(chunk.messages())

    assert [line.split(b',"emitted_at"')[0] for line in chunk.text.splitlines()] == [
        b'{"type":"RECORD","record":{"stream":"deals","data":{"id":1,"title":null}',
        b'{"type":"RECORD","record":{"stream":"deals","data":{"id":%d}' % 2**53,
    ]
    assert chunk.count == len(messages) == 2
    assert messages[0].record is not None
    assert messages[0].record.data == {"id": 1, "title": None}
