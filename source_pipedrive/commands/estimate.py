"""`estimate`: what a first sync and an unchanged one take, stream by stream, for MOST_TOKENS at most."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import ceil
from typing import Any

from pipedrive_client.endpoints import MAX_IDS, endpoint
from pipedrive_client.field_definitions import FIELD_PATHS
from source_pipedrive.commands.estimates import Estimate, StreamEstimate
from source_pipedrive.commands.sizes import (
    ABOUT,
    AT_LEAST,
    EXACT,
    Probe,
    Size,
    calls_for_names,
    is_one_call,
    matters,
    pages_of,
    rows_below,
)
from source_pipedrive.streams.custom_retrievers import persons_of_deals, persons_of_organizations
from source_pipedrive.streams.period_figures import CONVERSION, MOVEMENT, RESULTS
from source_pipedrive.streams.schemas import load
from source_pipedrive.streams.spec import TAKES_CUSTOM_FIELDS, ListSpec, StreamSpec
from source_pipedrive.sync.lanes import expected_waste
from source_pipedrive.sync.list_retriever import StreamReader
from source_pipedrive.sync.run_context import RecordMaker, RunContext
from source_pipedrive.sync.state import StreamState
from source_pipedrive.sync.substream_retriever import may_have

Row = dict[str, Any]
#: What an estimate may spend.
MOST_TOKENS = 200
#: Periods that a first read asks for: the current one and the one before.
FIRST_PERIODS = 2
#: Calls of a first read with a start date that look for rows without a change time: the newest ids, and both ends.
FIRST_LOOKS = 3
USERS = "v1/users"


class Estimator:
    """Estimates the streams of one configuration. Raises what the client raises."""

    def __init__(self, account: RunContext, tokens: int = MOST_TOKENS) -> None:
        self._account = account
        self._readers = {
            name: StreamReader(spec, account, StreamState()) for name, spec in account.table.items() if not spec.child
        }
        self._filters = {name: reader.filter for name, reader in self._readers.items()}
        tested = [account.table[name] for name, chosen in self._filters.items() if chosen.tests]
        later = {path for spec in tested for path in self._references(spec)}
        self._probe = Probe(account.client, tokens - sum(endpoint("GET", path).cost for path in later))
        self._makers = {name: RecordMaker(spec, account, "estimate") for name, spec in account.table.items()}
        self._sizes: dict[tuple[str, str], Size] = {}
        self._paid, self._paid_again, self._parents = set[str](), set[str](), set[str]()

    def estimate(self, specs: Sequence[StreamSpec]) -> Estimate:
        """The estimates of streams, in their order."""
        chosen = {spec.name: spec for spec in specs}
        self._measure(chosen)
        found: dict[str, StreamEstimate] = {}
        for spec in sorted(specs, key=lambda each: each.child is not None):
            result = found[spec.name] = StreamEstimate(spec.name)
            self._below(spec, chosen, result) if spec.child else self._listed(spec, result)
        spent = self._account.client.meter.total.tokens
        ordered = tuple(found[name] for name in chosen)
        return Estimate(ordered, spent, self._account.client.budget.tokens_left)

    # lists

    def _measure(self, chosen: Mapping[str, StreamSpec]) -> None:
        """Ask for every list once whose length matters, the cheap ones first; what has none to spare stays unknown."""
        self._parents = parents = {spec.child.parent for spec in chosen.values() if spec.child}
        wanted = [
            (spec, part)
            for spec in self._account.table.values()
            for part in spec.lists
            if (spec.name in chosen or spec.name in parents) and not self._filters[spec.name].skips(part)
        ]

        def order(pair: tuple[StreamSpec, ListSpec]) -> tuple[bool, int]:
            return not matters(pair[0], pair[1], parents), endpoint("GET", pair[1].path).cost

        parts = sorted(wanted, key=order)
        for spec, part in parts:
            size = self._probe.size(part, self._params(spec, part))
            if size is not None:
                self._sizes[spec.name, part.name] = size
        self._refine([pair for pair in parts if (pair[0].name, pair[1].name) in self._sizes], parents)

    def _refine(self, parts: Iterable[tuple[StreamSpec, ListSpec]], parents: Collection[str]) -> None:
        """Spend what is left where most depends on it: on parents, turn by turn, and then on the others."""
        for is_parent in (True, False):
            todo = [(spec, part) for spec, part in parts if (spec.name in parents) is is_parent]
            while todo:
                todo = [
                    (spec, part)
                    for spec, part in todo
                    if self._probe.refine(part, self._params(spec, part), self._sizes[spec.name, part.name])
                ]

    def _params(self, spec: StreamSpec, part: ListSpec) -> dict[str, str]:
        return self._readers[spec.name].params(part)

    def _listed(self, spec: StreamSpec, result: StreamEstimate) -> None:
        rows = 0.0
        self._pay_names(spec, result)
        for part in spec.lists:
            if self._filters[spec.name].skips(part):
                continue
            size = self._sizes.get((spec.name, part.name))
            self._pay_list(spec, part, size, result)
            rows += sum(weight for row, weight in size.sample if self._is_wanted(spec, part, row)) if size else 0
        self._detailed(spec, rows, result)
        known = [self._sizes[spec.name, part.name] for part in spec.lists if (spec.name, part.name) in self._sizes]
        result.rows = round(rows) if known else None
        read = sum(size.rows for size in known) if self._filters[spec.name].tests else rows
        self._pay_references(spec, read, result)

    def _pay_list(self, spec: StreamSpec, part: ListSpec, size: Size | None, result: StreamEstimate) -> None:
        calls = pages_of(part.path, size.rows if size else 0)
        if part.is_begun_anywhere and spec.name not in self._parents and self._account.config.num_workers > 1:
            calls += expected_waste(calls)
        result.doubt(size.sure if size else EXACT if is_one_call(part) else AT_LEAST)
        is_cheap_again = (part.filtered and spec.cursor) or part.ordered
        compares = self._account.config.deletions == "compare" and "is_deleted" in load(spec.name)["properties"]
        again = 1 if is_cheap_again and not (compares and spec.cursor) else calls
        is_late, unstamped = part.stamped_late and part.filtered, size is not None and size.has_unstamped
        # Rows without a change time are looked for where the list is asked by it and shows none of them.
        looks = FIRST_LOOKS if is_late and not unstamped and "updated_since" in self._params(spec, part) else 0
        is_read = part.shared and part.path in self._paid
        self._paid |= {part.path} if part.shared else set()
        result.pay(part.path, 0 if is_read else calls + looks, again + (is_late and unstamped))

    def _is_wanted(self, spec: StreamSpec, part: ListSpec, row: Row) -> bool:
        since, time = self._account.config.start_date, row.get(spec.cursor or "")
        if since and spec.cursor and isinstance(time, str) and time.replace(" ", "T") < since:
            return False
        wanted = self._filters[spec.name]
        return not wanted.tests or wanted.matches({**self._makers[spec.name].shaped(row), **part.constants})

    def _detailed(self, spec: StreamSpec, rows: float, result: StreamEstimate) -> None:
        if spec.detail and not self._account.config.suppress_extended_requests:
            result.pay(spec.detail.path, rows, 0 if spec.cursor else rows)

    def _pay_references(self, spec: StreamSpec, rows: float, result: StreamEstimate) -> None:
        """Small lists that the columns of a stream need, read once a run; without rows only those of a condition."""
        tests = self._filters[spec.name].tests
        # Rows of the bookmark's second come again and are tested again.
        for path in self._references(spec):
            if rows or (tests and spec.fields and path == FIELD_PATHS[spec.fields]):
                self._pay_once(path, result, tests)

    def _references(self, spec: StreamSpec) -> list[str]:
        columns, needed = load(spec.name)["properties"], []
        if spec.fields and (self._account.columns.are_columns or "labels" in columns):
            needed.append(FIELD_PATHS[spec.fields])
        if "labels" in columns and spec.label_list:
            needed.append(spec.label_list)
        return [*needed, USERS] if "owner_email" in columns else needed

    def _pay_names(self, spec: StreamSpec, result: StreamEstimate) -> None:
        """What each run asks for to know the users, stages and parents that a condition names."""
        for path in calls_for_names(self._filters[spec.name].resolved()):
            is_search = path.endswith("/search")
            result.pay(path, 1, 1) if is_search else self._pay_once(path, result, again=True)

    def _pay_once(self, path: str, result: StreamEstimate, again: bool = False) -> None:
        """``again``: an unchanged sync needs the list, too."""
        first, once_more = path not in self._paid, again and path not in self._paid_again
        self._paid.add(path)
        self._paid_again |= {path} if again else set()
        result.pay(path, first, once_more)

    # below parents

    def _below(self, spec: StreamSpec, chosen: Mapping[str, StreamSpec], result: StreamEstimate) -> None:
        assert spec.child is not None
        parent = self._account.table[spec.child.parent]
        parts = [part for part in parent.lists if not self._filters[parent.name].skips(part)]
        if parent.name not in chosen and f"parents of {parent.name}" not in self._paid:
            self._paid.add(f"parents of {parent.name}")
            self._pay_names(parent, result)
            self._pay_parents(parent, parts, result)
        sizes = [self._sizes.get((parent.name, part.name)) for part in parts]
        for size in sizes:
            result.doubt(size.sure if size else AT_LEAST)
        sample = [
            (row, weight)
            for part, size in zip(parts, sizes, strict=True)
            if size
            for row, weight in size.sample
            if not row.get("is_deleted") and self._is_wanted(parent, part, row)
        ]
        gate = spec.child.gate
        # A parent may have several rows, as a mail thread has in each of its folders; it is asked once.
        once = list({row.get("id") or number: (row, weight) for number, (row, weight) in enumerate(sample)}.values())
        asked = [(row, weight) for row, weight in once if not gate or any(may_have(row, name) for name in gate)]
        self._pay_children(spec, chosen, asked, result)
        result.rows = rows_below(spec, asked)

    def _pay_parents(self, parent: StreamSpec, parts: Iterable[ListSpec], result: StreamEstimate) -> None:
        sizes = [self._sizes.get((parent.name, part.name)) for part in parts]
        for part, size in zip(parts, sizes, strict=True):
            self._pay_list(parent, part, size, result)
            takes = part.path in TAKES_CUSTOM_FIELDS and not self._account.config.start_date
            if self._filters[parent.name].tests:
                self._pay_references(parent, sum(each.rows for each in sizes if each), result)
            elif parent.fields and takes:
                self._pay_once(FIELD_PATHS[parent.fields], result)

    def _pay_children(
        self,
        spec: StreamSpec,
        chosen: Mapping[str, StreamSpec],
        asked: Sequence[tuple[Row, float]],
        result: StreamEstimate,
    ) -> None:
        child = spec.child
        assert child is not None
        count = sum(weight for _, weight in asked)
        again = 0.0 if spec.cursor else count
        if child.read is persons_of_deals:
            self._persons_of_deals(asked, child.told_by in chosen, result)
        elif child.read and child.read is not persons_of_organizations:
            for path in (RESULTS,) if spec.name == "goal_results" else (CONVERSION, MOVEMENT):
                result.pay(path, FIRST_PERIODS * count)
        elif child.batch:
            result.pay(child.path, count / MAX_IDS, again / MAX_IDS)
        elif child.path:
            result.pay(child.path, round(count), round(again))

    def _persons_of_deals(self, asked: Sequence[tuple[Row, float]], is_told: bool, result: StreamEstimate) -> None:
        """Persons by id, for a hundred deals at a time; participants that nobody tells take a call a deal."""
        having = [(row, weight) for row, weight in asked if row.get("participants_count") != 0]
        ids = sum(weight for row, weight in asked if row.get("person_id"))
        if is_told:
            ids += sum(weight * int(row.get("participants_count") or 1) for row, weight in having)
        slices = ceil(sum(weight for _, weight in asked) / MAX_IDS)
        result.pay("api/v2/persons", max(slices if ids else 0, ids / MAX_IDS))
        if not is_told:
            result.pay("api/v2/persons", round(sum(weight for _, weight in having)))
        result.doubt(ABOUT)
