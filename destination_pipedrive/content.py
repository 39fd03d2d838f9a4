"""What is written of a record: the values of a new row, or what differs from the row as it is on the server."""

from collections.abc import Mapping, Set
from typing import Any

from destination_pipedrive.diff import changes, completed
from destination_pipedrive.draft import Draft
from destination_pipedrive.object_spec import ObjectSpec
from destination_pipedrive.results import Rejected
from destination_pipedrive.routes import Route
from destination_pipedrive.sender import complete_values
from destination_pipedrive.services import Services
from destination_pipedrive.targets import Target
from destination_pipedrive.thresholds import is_small
from destination_pipedrive.values import is_nothing

#: Kinds that need a currency.
MONEY = ("monetary", "lead_value")


class Content:
    """The contents of writes to one object."""

    def __init__(self, services: Services, spec: ObjectSpec) -> None:
        self._services = services
        self._spec = spec

    def new_row(self, route: Route, draft: Draft) -> dict[str, Any]:
        """The values of a new row, with the defaults. Raises Rejected when something that it needs is missing."""
        targets = targets_of(route)
        wanted = {**self._services.defaults(self._spec), **self.prepared(draft, None)}
        currency = self._currency(wanted, targets)
        new = {key: value for key, value in wanted.items() if not targets[key].update_only}
        values = complete_values({key: completed(targets[key], v, None, currency) for key, v in new.items()})
        require(self._spec, values.keys())
        return values

    def require(self, draft: Draft) -> None:
        """Raises Rejected when a new row would lack something even if each of its parents were found."""
        require(self._spec, self.prepared(draft, None).keys() | {link.key for link in draft.links})

    def changes(self, route: Route, draft: Draft, current: Mapping[str, Any]) -> dict[str, Any]:
        """The fields to send, with their values."""
        targets = targets_of(route)
        wanted = self.prepared(draft, current)
        found = changes(wanted, current, targets, self._currency(wanted, targets))
        kept = [key for key in found if fills(route, key) and not is_nothing(current.get(key))]
        kept += [key for key, least in route.columns.least.items() if is_small(current.get(key), found.get(key), least)]
        return {key: value for key, value in found.items() if key not in kept}

    def prepared(self, draft: Draft, current: Mapping[str, Any] | None) -> dict[str, Any]:
        """The values of a record as this object takes them."""
        return self._spec.prepare(draft.values, current) if self._spec.prepare else draft.values

    def _currency(self, wanted: Mapping[str, Any], targets: Mapping[str, Target]) -> str:
        money = [value for key, value in wanted.items() if value and targets[key].kind in MONEY]
        return self._services.account.currency() if any("currency" not in value for value in money) else ""


def targets_of(route: Route) -> Mapping[str, Target]:
    """The fields that a stream may write, by body key."""
    return {**route.columns.object_targets.built_in, **route.columns.targets}


def fills(route: Route, key: str) -> bool:
    """Whether a field is written only where it is empty."""
    return route.is_destination_wins or route.columns.modes.get(key) == "fill"


def require(spec: ObjectSpec, keys: Set[str]) -> None:
    """Raises Rejected when a new row of these fields would lack something."""
    missing = spec.missing(keys)
    if missing:
        names = " or ".join(f"`{key}`" for key in missing)
        raise Rejected("required_field_missing", f"a new {spec.noun} needs {names}.", missing[0])
