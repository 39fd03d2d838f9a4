"""Which records of a stream are taken at all: those that meet `filter`, and no more than `max_records` of them."""

from collections.abc import Mapping
from typing import Any

from destination_pipedrive.rules import Rules
from destination_pipedrive.targets import nearest
from pipedrive_client.expression import Context
from pipedrive_client.settings import ConfigError


class Intake:
    """Decides about the records of one stream in their order."""

    def __init__(self, rules: Rules, context: Context) -> None:
        self._rules = rules
        self._context = context
        self._taken = 0

    def refusal(self, record: Mapping[str, Any]) -> str:
        """Why a record is left out; empty for one that is taken."""
        rules = self._rules
        if rules.filter and not rules.filter.matches(record, self._context):
            return f"it does not meet `filter` ({rules.filter.text})."
        if rules.max_records is not None and self._taken >= rules.max_records:
            return f"`max_records` is {rules.max_records}."
        self._taken += 1
        return ""


def check_columns(rules: Rules, columns: tuple[str, ...]) -> None:
    """Raises ConfigError when an expression names a column that the schema, where it names any, does not have."""
    for key, expression in rules.conditions:
        for name in sorted(expression.names - set(columns)) if columns else ():
            sentence = f"`{rules.where}/{key}`: stream `{rules.stream}` has no column `{name}`."
            raise ConfigError(sentence + nearest(name, columns))
