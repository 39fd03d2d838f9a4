"""The parents that a record names: by the rules of its links, and by names that stand where an id would."""

from collections.abc import Mapping
from typing import Any

from destination_pipedrive.config.mappings import LinkRule
from destination_pipedrive.fields.parsing import BadValue, Named, identifier, is_nothing, text
from destination_pipedrive.flow import Reference, Rejected
from destination_pipedrive.mapping.columns import Bindings
from destination_pipedrive.matching.keys import tells_nothing


class LinkReader:
    """Reads the links of one stream's records."""

    def __init__(self, bindings: Bindings, ignored_domains: frozenset[str] = frozenset()) -> None:
        """``ignored_domains``: domains that name no organization."""
        self._ignored = ignored_domains
        self._bindings = bindings
        rules = bindings.rules
        parents = (bindings.directory.spec.parents or {}).items()
        self._parents = [
            (parent, key, [each for each in rules.links if each.parent == parent]) for parent, key in parents
        ]

    def read(self, values: dict[str, Any], record: Mapping[str, Any]) -> list[Reference]:
        """The parents to look for; a name among the values is taken out of them. Raises Rejected."""
        found = []
        for parent, key, rules in self._parents:
            named = values.get(key)
            if isinstance(named, Named):
                del values[key]
                by = {**self._known(rules, record), **_by_name(rules, named)}
                found.append(self._reference(parent, key, rules, by))
            elif named is None and rules:
                known = self._known(rules, record)
                found += [self._reference(parent, key, rules, known)] if known else ()
        return found

    def _reference(self, parent: str, key: str, rules: list[LinkRule], by: dict[str, str]) -> Reference:
        if key not in self._bindings.fields:
            self._bindings.bind(key, f"links/{parent}")
        is_wanted = self._bindings.rules.on_missing_parent == "create"
        create = is_wanted or any(rule.create_if_missing for rule in rules)
        return Reference(parent, key, tuple(by.items()), create)

    def _known(self, rules: list[LinkRule], record: Mapping[str, Any]) -> dict[str, str]:
        found = {rule.by: _known_by(rule, self._bindings.value(record, rule.source), self._ignored) for rule in rules}
        return {by: known for by, known in found.items() if known}


def _by_name(rules: list[LinkRule], named: Named) -> dict[str, str]:
    is_known = any(rule.by == "name" for rule in rules) or tells_nothing("name", named.text)
    return {} if is_known else {"name": named.text}


def _known_by(rule: LinkRule, value: Any, ignored: frozenset[str]) -> str:
    """By what a parent is known; empty for a placeholder, or a domain that many share. Raises Rejected."""
    if is_nothing(value):
        return ""
    try:
        known = str(identifier(value)) if rule.by == "id" else text(value)
    except BadValue as error:
        raise Rejected("invalid_value", f"{error.about(rule.source)}.", rule.source) from None
    return "" if tells_nothing(rule.by, known, ignored) else known
