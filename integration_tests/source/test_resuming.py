"""A read that was cut off goes on from its state, whatever its list is like; nothing is lost. Scenarios R4, R5."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from integration_tests.harness import Run
from integration_tests.source.conftest import InProcess
from integration_tests.source.test_faults import between_pages
from pipedrive_sandbox import Sandbox

SIZES = {"projects": 1_200, "tasks": 1_200, "mail_threads": 2_500}
CUT = {"kind": "status", "status": 400, "times": 1}


def keys(run: Run, stream: str) -> set[tuple[Any, ...]]:
    return {(row["id"], row.get("folder"), row.get("is_archived")) for row in run.records(stream)}


@pytest.mark.parametrize("sync_mode", ["incremental", "full_refresh"])
@pytest.mark.parametrize(
    ("stream", "path"), [("projects", "/projects$"), ("tasks", "/tasks$"), ("mail_threads", "/mailThreads$")]
)
def test_r4_a_list_without_order_is_cut_off(
    empty: Sandbox, source: InProcess, stream: str, path: str, sync_mode: str
) -> None:
    """R4: a list in no order of change moves its bookmark only at its end: rows of later pages may be older."""
    empty.seed(scale=0, **{"boards": 1, "phases": 2, "projects": 3, stream: SIZES[stream]})
    catalog = source.catalog(stream, sync_mode=sync_mode)
    whole = source.read_catalog(catalog)
    empty.set_faults({**CUT, "path": path, "skip": 1})

    first = source.read_catalog(catalog)
    second = source.read_catalog(catalog, first.last_states())

    assert first.exit_code == 1
    assert keys(first, stream)
    assert keys(first, stream) | keys(second, stream) == keys(whole, stream)


@pytest.fixture
def files(empty: Sandbox) -> Sandbox:
    """An account of 1,250 files: 13 pages."""
    empty.seed(scale=0, files=1_250)
    return empty


def ids(run: Run) -> list[int]:
    return sorted(row["id"] for row in run.records("files"))


def pages(sandbox: Sandbox) -> list[tuple[str, int]]:
    """Direction and offset of each page of files that was asked for."""
    asked = [dict(one["query"]) for one in sandbox.requests() if one["path"].endswith("/files")]
    return [(query["sort"].split()[1], int(query["start"])) for query in asked]


def change(sandbox: Sandbox, numbers: list[int], second: int = 0) -> None:
    time = f"2026-11-22T00:00:{second:02}Z"
    sandbox.put_rows("files", [{"id": number, "update_time": time} for number in numbers])


def test_a_list_without_a_filter_is_read_from_its_end(files: Sandbox, source: InProcess) -> None:
    """Files cannot be filtered by change: the newest page alone tells what is new, as long as it reaches back."""
    catalog = source.catalog("files")
    first = source.read_catalog(catalog)
    change(files, [3, 700])
    files.clear_requests()

    second = source.read_catalog(catalog, first.last_states())
    third = source.read_catalog(catalog, second.last_states())

    assert ids(first) == list(range(1, 1_251))
    assert ids(second) == [3, 700]
    assert ids(third) == []
    assert pages(files) == [("DESC", 0), ("DESC", 0)]


def test_many_changes_take_as_many_pages(files: Sandbox, source: InProcess) -> None:
    """A further page is asked for until the bookmark is reached, also when all changes share a second."""
    catalog = source.catalog("files")
    first = source.read_catalog(catalog)
    change(files, list(range(1, 251)))
    files.clear_requests()

    second = source.read_catalog(catalog, first.last_states())
    third = source.read_catalog(catalog, second.last_states())

    assert ids(second) == list(range(1, 251))
    assert ids(third) == []
    assert pages(files) == 2 * [("DESC", 0), ("DESC", 99), ("DESC", 198)]


@pytest.mark.parametrize("sync_mode", ["incremental", "full_refresh"])
@pytest.mark.parametrize("moved", [0, 5, 300, 900])
def test_r4_a_first_walk_goes_on_where_it_was_cut_off(
    files: Sandbox, source: InProcess, moved: int, sync_mode: str
) -> None:
    """R4: a first walk is taken up at its place; rows before it that changed meanwhile come again."""
    catalog = source.catalog("files", sync_mode=sync_mode)
    files.set_faults({**CUT, "path": "/files$", "skip": 10})
    first = source.read_catalog(catalog)
    seen = first.records("files")
    change(files, [row["id"] for row in seen[:moved]])
    files.clear_requests()

    second = source.read_catalog(catalog, first.last_states())

    assert len(seen) == 991
    assert len(ids(second)) == 1_250 - 991 + moved
    assert set(ids(first)) | set(ids(second)) == set(range(1, 1_251))
    assert {row["id"] for row in second.records("files")} >= {row["id"] for row in seen[:moved]}
    if not moved:
        assert pages(files) == [("ASC", 980), ("ASC", 1_079), ("ASC", 1_178)]


@pytest.mark.parametrize("skip", [0, 1, 2])
def test_r4_a_walk_from_the_end_is_cut_off(files: Sandbox, source: InProcess, skip: int) -> None:
    """R4: newest first, the bookmark moves when the walk has reached the former one, not before."""
    catalog = source.catalog("files")
    first = source.read_catalog(catalog)
    for second in range(5):
        change(files, list(range(1 + second * 50, 51 + second * 50)), second)
    files.set_faults({**CUT, "path": "/files$", "skip": skip})

    cut = source.read_catalog(catalog, first.last_states())
    rest = source.read_catalog(catalog, cut.last_states())

    assert cut.exit_code == 1
    assert set(ids(cut)) | set(ids(rest)) == set(range(1, 251))
    assert ids(rest) == list(range(1, 251))


@pytest.mark.parametrize("happening", ["vanish", "change", "appear"])
def test_r5_rows_move_while_a_list_is_read_from_its_end(files: Sandbox, source: InProcess, happening: str) -> None:
    """R5: newest first, rows that vanish, change or appear between two pages cost no row that stays."""
    catalog = source.catalog("files")
    first = source.read_catalog(catalog)
    for second in range(5):
        change(files, list(range(1 + second * 50, 51 + second * 50)), second)
    new = list(range(201, 251)) + list(range(151, 201)) + list(range(101, 151))

    def happen(count: int) -> None:
        if count == 1 and happening == "vanish":
            for number in new[:60]:
                files.purge("files", number)
        elif count == 1 and happening == "change":
            change(files, [1, 2, 3], 30)
        elif count == 1:
            files.seed(scale=0, files=40)
            change(files, list(range(1_251, 1_291)), 40)

    with between_pages(files, "files", happen):
        second_run = source.read_catalog(catalog, first.last_states())
    third = source.read_catalog(catalog, second_run.last_states())

    held = {row["id"] for row in files.rows("files") if row["update_time"] >= "2026-11-22T00:00:00Z"}
    assert set(ids(second_run)) | set(ids(third)) >= held


def test_a_list_that_is_not_sorted_as_asked_is_read_whole(files: Sandbox, source: InProcess) -> None:
    """When rows do not fall from new to old although they were asked to, the whole list is read."""
    catalog = source.catalog("files")
    first = source.read_catalog(catalog)
    change(files, [3, 700])
    files.clear_requests()

    with unsorted(files, "files"):
        second = source.read_catalog(catalog, first.last_states())

    assert set(ids(second)) == {3, 700}


def test_r4_a_list_that_is_not_sorted_as_asked_is_cut_off(files: Sandbox, source: InProcess) -> None:
    """R4: a bookmark over rows that turn out to be in no order is withdrawn."""
    catalog = source.catalog("files")
    files.set_faults({**CUT, "path": "/files$", "skip": 6})

    with unsorted(files, "files"):
        first = source.read_catalog(catalog)
        second = source.read_catalog(catalog, first.last_states())

    assert first.exit_code == 1
    assert set(ids(first)) | set(ids(second)) == set(range(1, 1_251))


@contextmanager
def unsorted(sandbox: Sandbox, stream: str) -> Iterator[None]:
    """Ignore how a list is to be sorted."""
    original = sandbox.handle

    def handle(request: Any) -> Any:
        if request.path.endswith(f"/{stream}"):
            request = replace(request, query=tuple(pair for pair in request.query if not pair[0].startswith("sort")))
        return original(request)

    sandbox.handle = handle  # type: ignore[method-assign]
    try:
        yield
    finally:
        del sandbox.handle  # type: ignore[attr-defined]


def test_archived_leads_are_read_from_their_end(empty: Sandbox, source: InProcess) -> None:
    """Archived leads cannot be filtered either: an unchanged run asks for one page."""
    empty.seed(scale=0, leads=1_300, persons=5, organizations=5)
    empty.put_rows("leads", [{"id": row["id"], "is_archived": True} for row in empty.rows("leads")])
    catalog = source.catalog("leads")
    first = source.read_catalog(catalog)
    lead = empty.rows("leads")[7]["id"]
    empty.put_rows("leads", [{"id": lead, "update_time": "2026-11-22T00:00:00Z"}])

    second = source.read_catalog(catalog, first.last_states())

    assert len(first.records("leads")) == 1_300
    assert [row["id"] for row in second.records("leads")] == [lead]
    assert len([one for one in empty.requests() if one["path"].endswith("/leads/archived")]) == 3 + 1


@pytest.mark.parametrize("workers", [1, 2, 20])
def test_r4_children_of_parents_in_no_order_are_cut_off(pipedrive: Sandbox, source: InProcess, workers: int) -> None:
    """R4: below parents that come in no order of change a bookmark moves at the end only."""
    source.config["num_workers"] = workers
    catalog = source.catalog("deal_changelog")
    whole = source.read_catalog(catalog)
    pipedrive.set_faults({**CUT, "path": "/changelog$", "skip": 60})

    with unsorted(pipedrive, "deals"):
        first = source.read_catalog(catalog)
        second = source.read_catalog(catalog, first.last_states())

    assert first.exit_code == 1
    read = {(row["deal_id"], row["time"], row["field_key"]) for run in (first, second) for row in run.records()}
    assert read == {(row["deal_id"], row["time"], row["field_key"]) for row in whole.records()}
