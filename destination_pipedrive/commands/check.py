"""`check`: can this config read what a run needs, and does its mapping fit the account? One sentence a problem."""

from collections.abc import Iterator

from destination_pipedrive.commands.preflight import validate
from destination_pipedrive.config.catalog import ConfiguredStream
from destination_pipedrive.config.config import Config
from destination_pipedrive.config.mappings import EVERY_STREAM, Rules
from destination_pipedrive.matching.parents import PARENTS
from destination_pipedrive.objects.records import ACTIVITIES, CORE, DEALS, OBJECTS
from destination_pipedrive.objects.spec import ObjectSpec
from destination_pipedrive.session import Session
from pipedrive_client.auth import OAuth
from pipedrive_client.config import ConfigError
from pipedrive_client.endpoints import endpoint
from pipedrive_client.errors import PipedriveError, Refused, RunStopped, TransientError

#: Apps of a user's ``access`` whose admins see all rows. Source: the answer of users/me.
ADMIN_APPS = frozenset({"sales", "global"})
#: The permission to create custom fields. Source: the answer of users/{id}/permissions.
MAY_ADD_FIELDS = "can_add_custom_fields"


def problems(session: Session) -> Iterator[str]:
    """What is wrong, sentence by sentence; nothing when a run can start."""
    try:
        session.account.me()
    except PipedriveError as error:
        yield str(error)
        return
    session.logger.info(session.account.greeting())
    _warn_of_what_is_hidden(session)
    yield from _permission_problems(session)
    yield from _storage_problems(session)
    for spec, is_written in _used(session.config):
        try:
            yield from _scope_problems(session, spec) if is_written else ()
            _read_one(session, spec)
        except (RunStopped, TransientError) as error:
            yield str(error)
            return
        except (PipedriveError, ConfigError) as error:
            yield f"{spec.name}: {error}"
    yield from _mapping_problems(session)


def _warn_of_what_is_hidden(session: Session) -> None:
    """Pipedrive lists admin rights only where they were granted."""
    found = session.account.me().get("access")
    access = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    if not any(each.get("admin") and str(each.get("app")) in ADMIN_APPS for each in access):
        session.logger.warning(
            "The acting user is not an admin, so it may not see other users' rows. Those cannot be matched, and an "
            "upsert may create duplicates. Use the token of an admin, or check the visibility groups."
        )
    session.logger.info(
        "Only a write can show whether the user may change each field, and whether the plan's limits leave room."
    )


def _permission_problems(session: Session) -> Iterator[str]:
    """Report the permission flags that Pipedrive exposes; only one that the config needs is a problem."""
    try:
        flags = session.account.permissions()
    except Refused as error:
        session.logger.info(f"Pipedrive does not show what the acting user may do: {error.said or 'no reason given'}.")
        return
    denied = sorted(name for name, allowed in flags.items() if allowed is False)
    if denied:
        session.logger.warning(f"Pipedrive says that the acting user lacks: {', '.join(denied)}.")
    else:
        session.logger.info("Pipedrive shows no permission that the acting user lacks.")
    if session.config.auto_create_fields and MAY_ADD_FIELDS in denied:
        yield f"`auto_create_fields` needs the permission `{MAY_ADD_FIELDS}`, which the acting user lacks."


def _scope_problems(session: Session, spec: ObjectSpec) -> Iterator[str]:
    """OAuth scopes that the connection lacks; an API token has none."""
    auth = session.config.settings.auth
    granted = auth.scopes if isinstance(auth, OAuth) else ()
    full = [_full(scope) for scope in spec.scopes]
    if granted and full and not any(scope in granted for scope in full):
        wanted = " or ".join(f"`{scope}`" for scope in full)
        yield f"{spec.name}: the OAuth scope {wanted} is missing; reconnect with an app that has it."


def _full(scope: str) -> str:
    """A scope as it is granted for writing; `admin` has no such halves."""
    return scope if scope == "admin" else f"{scope}:full"


def _storage_problems(session: Session) -> Iterator[str]:
    try:
        if session.config.rejects:
            session.config.rejects.check()
    except ConfigError as error:
        yield str(error)


def _used(config: Config) -> list[tuple[ObjectSpec, bool]]:
    """The objects that a run uses, and whether it writes them; without mappings those that most accounts write."""
    if not config.mappings or any(rules.stream == EVERY_STREAM for rules in config.mappings):
        return [(spec, True) for spec in CORE]
    found: dict[str, bool] = {}
    for rules in config.mappings:
        for name, is_written in _named_by(rules):
            found[name] = found.get(name, False) or is_written
    return [(OBJECTS[name], is_written) for name, is_written in found.items() if name in OBJECTS]


def _named_by(rules: Rules) -> Iterator[tuple[str, bool]]:
    """The object of a mapping, those of its links, and those that its actions write."""
    yield rules.object_name or rules.stream, True
    for link in rules.links:
        yield PARENTS[link.parent], link.create_if_missing or rules.on_missing_parent == "create"
    for action in rules.actions:
        yield (ACTIVITIES if action.kind == "add_activity" else DEALS).name, True


def _read_one(session: Session, spec: ObjectSpec) -> None:
    """Read the object's list; of what is listed below another row that of the first one there is."""
    client = session.client.labelled(spec.name)
    below = spec.below
    if below is None:
        path, params = spec.lists[0] if spec.lists else (spec.path, {})
        client.request("GET", path, params={**_one(path), **params})
        return
    key = spec.field(below.key)
    assert key is not None
    parents = OBJECTS[key.refers].path
    for parent in (client.request("GET", parents, params=_one(parents)).get("data") or [])[:1]:
        named, of = ({below.param: parent["id"]}, {}) if below.param else ({}, {"id": parent["id"]})
        client.request("GET", below.list_path, params={**_one(below.list_path), **named}, **of)


def _one(path: str) -> dict[str, int]:
    """The parameters that make a list short."""
    return {} if endpoint("GET", path).paging == "none" else {"limit": 1}


def _mapping_problems(session: Session) -> Iterator[str]:
    # What a copied stream is written with, its own field definitions tell.
    mapped = [each.stream for each in session.config.mappings if not each.copies]
    streams = [ConfiguredStream(name, "", "", "append_dedup", "", (), ()) for name in mapped]
    try:
        validate(session, streams)
    except (ConfigError, PipedriveError) as error:
        yield str(error)
