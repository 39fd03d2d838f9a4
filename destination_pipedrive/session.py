"""What a run is made of. Builds, and decides nothing."""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

from destination_pipedrive.account.directory import LISTS, Account
from destination_pipedrive.batch import BatchProcessor
from destination_pipedrive.config.config import Config
from destination_pipedrive.copying.copying import CopyTools
from destination_pipedrive.copying.fields import FieldCopier
from destination_pipedrive.flow import Create
from destination_pipedrive.mapping.compiler import SyncCompiler
from destination_pipedrive.mapping.stream_sync import StreamSync
from destination_pipedrive.matching.matcher import Matcher
from destination_pipedrive.matching.parents import PARENTS, ParentKeys
from destination_pipedrive.objects.records import OBJECTS
from destination_pipedrive.objects.settings import LEAD_LABELS
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.planning.coalescing import HeldChanges
from destination_pipedrive.planning.planner import Planner, defaults_of
from destination_pipedrive.preparation import Report
from destination_pipedrive.references.deferral import DeferredQueue
from destination_pipedrive.references.resolver import ReferenceResolver
from destination_pipedrive.results.dead_letters import DeadLetters
from destination_pipedrive.results.ledger import Ledger
from destination_pipedrive.results.plan_report import PlanReport
from destination_pipedrive.results.progress import Progress
from destination_pipedrive.results.result_log import ResultLog
from destination_pipedrive.writing.action_queue import ActionQueue
from destination_pipedrive.writing.actions import ActionRunner, ActionTools
from destination_pipedrive.writing.apply import Applier
from destination_pipedrive.writing.dry_run import DryRunExecutor
from destination_pipedrive.writing.executor import Executor, HttpExecutor, takes_writes
from destination_pipedrive.writing.failures import Failures
from destination_pipedrive.writing.new_fields import NewFields
from destination_pipedrive.writing.object_writer import ObjectWriter
from destination_pipedrive.writing.placeholders import PlannedIds
from destination_pipedrive.writing.provisioning import LEAD_LABEL_FIELDS, Provisioning
from pipedrive_client.client import PipedriveClient
from pipedrive_client.errors import TransientError
from pipedrive_client.expressions.nodes import Context, Named
from pipedrive_client.field_definitions import FieldCatalog
from pipedrive_client.transport import RUN, Patience

#: Writes in flight at once; the burst window of the plan decides how many of them start.
WORKERS = 8
#: How many records may wait for later ones of their rows before they are written.
MOST_HELD = 10_000


class Session:
    """Made once a run from its config."""

    def __init__(self, config: Config, logger: logging.Logger, patience: Patience = RUN) -> None:
        """``patience``: how often a request is tried, and how long its answer is waited for."""
        self.config = config
        self.logger = logger
        self.plan = PlanReport() if config.dry_run else None
        self.client = PipedriveClient(config.settings, logger, patience)
        self.fields = FieldCatalog(self.client)
        self.account = Account(self.client)
        self.ids = PlannedIds()
        self.ledger = Ledger(logger)
        self.progress = Progress(self.ledger, self.client.meter, logger)
        store = None if config.dry_run else config.rejects
        self.dead_letters = DeadLetters(store)
        self.result_log = ResultLog(store if config.result_log else None)
        self.pool = ThreadPoolExecutor(WORKERS, "write")
        self.new_fields = NewFields(self.client, self.fields, logger, self.plan)
        self.provisioning = Provisioning(self.client, self.fields, self.ids, self._create_lead_label, self.plan)
        self.failures = Failures(self._works)
        #: An entry for each write whose answer is awaited.
        self.writes: deque[Any] = deque()
        self._objects: dict[str, ObjectWriter] = {}

    def close(self) -> None:
        """Keep the last results, and let the workers go."""
        self.pool.shutdown()
        self.keep_results()

    def keep_results(self) -> None:
        """Write down what became of the records so far. Raises ConfigError when that is not possible."""
        self.dead_letters.flush()
        self.result_log.flush()

    def repairs(self) -> Iterator[str]:
        """A sentence for each kind of value that answers held and that had to be replaced."""
        for label in ("account", "fields", "options", *self._objects):
            yield from self.client.repairs.take(label)

    @cached_property
    def context(self) -> Context:
        """When, and as whom, conditions on records are evaluated."""
        me = self.account.me()
        return Context(current_user=Named(me.get("id"), me.get("name"), me.get("email")))

    @property
    def compiler(self) -> SyncCompiler:
        """Makes syncs of streams."""
        option = self.provisioning.option
        return SyncCompiler(self.config, self.fields, self.account, self.new_fields, option, self.logger)

    @property
    def copy_tools(self) -> CopyTools:
        """What copies the records of another account."""
        fields = FieldCopier(self.client, self.fields, self.new_fields, self.ids, self.plan)
        return CopyTools(fields, self.account, self.objects, self.ledger, self.logger)

    @property
    def action_tools(self) -> ActionTools:
        """What actions need."""
        return ActionTools(self.objects, self.account, self.fields, lambda: self.context, self.logger)

    def objects(self, spec: ObjectSpec) -> ObjectWriter:
        """What finds, plans and writes the rows of an object; one a run."""
        if spec.name not in self._objects:
            self._objects[spec.name] = self._new_objects(spec)
        return self._objects[spec.name]

    def batches(
        self,
        syncs: Iterable[StreamSync],
        deferred: DeferredQueue,
        may_come: Callable[[str], bool],
        report: Report,
    ) -> dict[str, BatchProcessor]:
        """A processor for each object that is written to, parents first."""
        syncs = tuple(syncs)
        directories = {sync.spec.name: sync.columns.directory for sync in syncs}
        keys = ParentKeys(self.fields, directories, self.config.ignored_domains)
        references = ReferenceResolver(self.objects, keys, may_come, self.failures)
        self._require_fields([each for sync in syncs for each in (sync, sync.deletes) if each], keys)
        specs = sorted({sync.spec.name: sync.spec for sync in syncs}.values(), key=lambda spec: spec.rank)
        found = {}
        for spec in specs:
            objects = self.objects(spec)
            own = [each for sync in syncs if sync.spec is spec for each in (sync, sync.deletes) if each]
            runners = {id(each): ActionRunner(self.action_tools, each) for each in own if each.rules.actions}
            applier = Applier(
                objects, references, self.provisioning, ActionQueue(runners, self.failures), report, self.failures
            )
            # Names that other records use, such as those of stages, must be there at once.
            held = HeldChanges(0 if spec.path in LISTS.values() else MOST_HELD)
            found[spec.name] = BatchProcessor(
                objects, references, deferred, held, applier, self.context, report, self.failures
            )
        return found

    def _require_fields(self, syncs: Iterable[StreamSync], keys: ParentKeys) -> None:
        """Tell what all streams compare before the first of them lists rows, so that no list is read twice."""
        for sync in syncs:
            self.objects(sync.spec).rows.require_fields(sync.columns.fields.values(), sync.keys)
            for parent in sync.spec.parents or ():
                kinds = tuple(rule.by for rule in sync.rules.links if rule.parent == parent)
                self.objects(OBJECTS[PARENTS[parent]]).rows.require_fields((), keys.of(parent, kinds).tried)

    def _new_objects(self, spec: ObjectSpec) -> ObjectWriter:
        matcher = Matcher.of(self.client, spec, self.plan.pay if self.plan else _nothing)
        return ObjectWriter(
            spec=spec,
            matcher=matcher,
            planner=Planner(spec, defaults_of(spec, self._owner(spec), self.config.visible_to), self.account.currency),
            executor=self._new_executor(spec, matcher),
            account=self.account,
            ids=self.ids,
            ledger=self.ledger,
            pool=self.pool,
            server_clock=self.client.server_clock,
            plan=self.plan,
        )

    def _works(self, error: TransientError) -> bool:
        specs = () if self.plan else (each.spec for each in self._objects.values())
        return takes_writes(self.client, specs, error)

    def _new_executor(self, spec: ObjectSpec, matcher: Matcher) -> Executor:
        if self.plan:
            return DryRunExecutor(spec, self.plan, self.ids, self._known)
        return HttpExecutor(self.client, spec, matcher.rows, self.writes)

    def _known(self, name: str, row_id: Any) -> Mapping[str, Any] | None:
        """A row of an object, or of a list by its field type, that was read already; for people to read its name."""
        if name in LISTS:
            listed = [*self.account.loaded(LISTS[name]), *([self.account.me()] if name == "user" else [])]
            return next((row for row in listed if row.get("id") == row_id), None)
        return self._objects[name].rows.peek(row_id) if name in self._objects else None

    def _owner(self, spec: ObjectSpec) -> int | None:
        given = self.config.default_owner
        return self.account.owner_id(given) if given is not None and spec.field("owner_id") else None

    def _create_lead_label(self, values: Mapping[str, Any]) -> Any:
        objects = self.objects(LEAD_LABELS)
        planned = objects.enter_planned(values)
        return objects.create_for_others(Create(dict(values), planned), LEAD_LABEL_FIELDS)


def _nothing(_method: str, _path: str) -> None:
    return None
