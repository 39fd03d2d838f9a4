"""What a run shares: client, field definitions, account, results, and for each object its finder and sender."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from destination_pipedrive.account.directory import Account
from destination_pipedrive.config.config import Config
from destination_pipedrive.matching.matcher import Matcher
from destination_pipedrive.objects.settings import LEAD_LABELS
from destination_pipedrive.objects.spec import FieldSpec, ObjectSpec
from destination_pipedrive.results.dead_letters import DeadLetters
from destination_pipedrive.results.ledger import Results
from destination_pipedrive.results.plan_report import PlanReport
from destination_pipedrive.writing.dry_run import DryRunExecutor
from destination_pipedrive.writing.executor import Executor
from destination_pipedrive.writing.provisioning import Provisioning, create_lead_label
from pipedrive_client.expression import Context, Named
from pipedrive_client.fields import FieldCatalog, Option
from pipedrive_client.http import PipedriveClient
from pipedrive_client.problems import others
from pipedrive_client.settings import ConfigError

#: Writes in flight at once; the burst window of the plan decides how many of them start.
WORKERS = 8


@dataclass
class Session:
    """Made once a run from its config."""

    config: Config
    logger: logging.Logger
    client: PipedriveClient = field(init=False)
    fields: FieldCatalog = field(init=False)
    account: Account = field(init=False)
    results: Results = field(init=False)
    rejects: DeadLetters = field(init=False)
    new_options: Provisioning = field(init=False)
    plan: PlanReport | None = field(init=False)
    pool: ThreadPoolExecutor = field(init=False)
    _matchers: dict[str, Matcher] = field(default_factory=dict)
    _executors: dict[str, Executor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.plan = PlanReport() if self.config.dry_run else None
        self.client = PipedriveClient(self.config.settings, self.logger)
        self.fields = FieldCatalog(self.client)
        self.account = Account(self.client)
        self.new_options = Provisioning(self.client, self.fields, self._new_lead_label, self.plan)
        self.results = Results(self.logger)
        self.rejects = DeadLetters(None if self.config.dry_run else self.config.rejects)
        self.pool = ThreadPoolExecutor(WORKERS, "write")

    def close(self) -> None:
        """Keep the last rejected records, and let the workers go."""
        self.pool.shutdown()
        self.rejects.flush()

    @cached_property
    def context(self) -> Context:
        """When, and as whom, conditions on records are evaluated."""
        me = self.account.me()
        return Context(current_user=Named(me.get("id"), me.get("name"), me.get("email")))

    def matcher(self, spec: ObjectSpec) -> Matcher:
        """The one index of an object."""
        if spec.name not in self._matchers:
            self._matchers[spec.name] = Matcher.of(self.client, spec, self.plan.pay if self.plan else _nothing)
        return self._matchers[spec.name]

    def executor(self, spec: ObjectSpec) -> Executor:
        """The one sender of an object."""
        if spec.name not in self._executors:
            self._executors[spec.name] = self._new_sender(spec)
        return self._executors[spec.name]

    def _new_sender(self, spec: ObjectSpec) -> Executor:
        if self.plan:
            return DryRunExecutor(self.client, spec, self.matcher(spec).rows, self.plan, self.account)
        return Executor(self.client, spec, self.matcher(spec).rows, self.account.note)

    def _new_lead_label(self, name: str) -> Option:
        return create_lead_label(self.executor(LEAD_LABELS), self.results, name)

    def defaults(self, spec: ObjectSpec) -> Mapping[str, Any]:
        """Owner and visibility of what is created, where the object has them. Raises ConfigError."""
        found: dict[str, Any] = {}
        if spec.field("owner_id") and self.config.default_owner is not None:
            found["owner_id"] = self._default_owner(self.config.default_owner)
        if spec.field("visible_to") and self.config.visible_to is not None:
            is_text = spec.field("visible_to") == FieldSpec("visible_to", "visible_to_text")
            found["visible_to"] = str(self.config.visible_to) if is_text else self.config.visible_to
        return found

    def check_defaults(self) -> None:
        """Raises ConfigError when the default owner is nobody who is active."""
        owner = self.config.default_owner
        if owner is not None and not self.account.is_user(str(owner).strip()):
            raise ConfigError(self._no_owner(str(owner)))

    def _no_owner(self, owner: str) -> str:
        hint = others(owner, self.account.names("user"))
        return f"`/default_owner`: `{owner}` {self.account.user_trouble(owner)}.{hint}"

    def _default_owner(self, owner: int | str) -> int:
        if isinstance(owner, int) or owner.strip().isdigit():
            return int(owner)
        found = self.account.user_id(owner)
        if found is None:
            raise ConfigError(self._no_owner(owner))
        return found


def _nothing(_method: str, _path: str) -> None:
    return None
