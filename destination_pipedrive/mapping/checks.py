"""What a mapping says against the stream's columns and the account: owners, links, types, conditions."""

from collections.abc import Iterable, Iterator

from destination_pipedrive.account.directory import NO_USER, Account
from destination_pipedrive.config.catalog import ConfiguredStream, json_types
from destination_pipedrive.config.mappings import Rules
from destination_pipedrive.mapping.mapper import RecordMapper
from destination_pipedrive.matching.parents import KNOWN_BY, ParentKeys
from destination_pipedrive.objects.spec import ObjectSpec
from pipedrive_client.config import ConfigError
from pipedrive_client.config_errors import nearest, others


def check_owner(rules: Rules, columns: tuple[str, ...], account: Account) -> None:
    """Raises ConfigError when `owner` is no column and names no active user.

    Without a schema a plain word may be a column; an email address or an id cannot.
    """
    owner = rules.owner
    if not owner or owner.lower() in _folded(columns) or not (columns or "@" in owner or owner.isdigit()):
        return
    if not account.is_user(owner):
        said, known = account.user_trouble(owner), (*columns, *account.names("user"))
        if columns and said == NO_USER:
            said = "is neither a column of the stream nor a user of the account"
        raise ConfigError(f"`{rules.where}/owner`: `{owner}` {said}.{others(owner, known)}")


def _folded(columns: Iterable[str]) -> frozenset[str]:
    """Names of columns in lower case: records may spell them in any."""
    return frozenset(name.lower() for name in columns)


def check_columns(rules: Rules, columns: tuple[str, ...]) -> None:
    """Raises ConfigError when an expression names a column that the schema, where it names any, does not have."""
    known = _folded(columns)
    for key, expression in rules.conditions:
        for name in sorted(each for each in expression.names if each.lower() not in known) if columns else ():
            sentence = f"`{rules.where}/{key}`: stream `{rules.stream}` has no column `{name}`."
            raise ConfigError(sentence + nearest(name, columns))


def check_links(keys: ParentKeys, rules: Rules, spec: ObjectSpec) -> None:
    """Raises ConfigError for a link that the object does not have, or that names an unknown field of the parent."""
    for rule in rules.links:
        where = f"`{rules.where}/links/{rule.parent}"
        if rule.parent not in (spec.parents or {}):
            has = ", ".join(f"`{name}`" for name in spec.parents or {}) or "none"
            raise ConfigError(f"{where}`: {spec.name} have no link to one; their links are {has}.")
        if rule.by != "id" and rule.by not in KNOWN_BY[rule.parent]:
            keys.own_key(rule.parent, rule.by, f"{where}/by`")


def warnings(stream: ConfiguredStream, rules: Rules, columns: RecordMapper) -> Iterator[str]:
    """One sentence for each column of a mapping that the stream lacks, and for each whose type its field refuses."""
    known = _folded(stream.columns)
    for where, name in _named(rules) if known else ():
        if name.lower() not in known:
            hint = nearest(name, stream.columns)
            yield f"`{rules.where}/{where}`: the schema of stream `{rules.stream}` has no column `{name}`.{hint}"
    for name, schema in stream.schemas.items():
        types = json_types(schema)
        for field in columns.takers(name):
            if types and not types & field.type.takes:
                named = " or ".join(sorted(types))
                yield (
                    f"Stream `{rules.stream}`: column `{name}` holds values of the type {named}, and `{field.name}` "
                    f"takes {field.type.name}; records that have such a value are rejected."
                )


def _named(rules: Rules) -> Iterator[tuple[str, str]]:
    yield from ((f"fields/{rule.number}/source", rule.source) for rule in rules.fields)
    yield from ((f"links/{rule.parent}/from", rule.source) for rule in rules.links)
    yield from [("updated_at_field", rules.updated_at_field)] if rules.updated_at_field else ()
