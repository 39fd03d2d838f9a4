"""What is done about names that the account does not know: in records, and in the config itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from destination_pipedrive.coercers import coerce
from destination_pipedrive.parts import Lookups, Parts
from destination_pipedrive.targets import ALIAS, Target, nearest
from destination_pipedrive.values import BadValue
from pipedrive_client.fields import Option
from pipedrive_client.settings import ConfigError


@dataclass(frozen=True)
class Fallbacks:
    """What is done about unknown names: who creates an option, whether created rows have a default owner, and who
    creates a field with its first choices.
    """

    new_option: Callable[[Target, str], Option] | None = None
    has_owner: bool = False
    new_choices: Callable[[Target, list[str]], Target] | None = None


NO_FALLBACKS = Fallbacks()


def others(name: str, known: Iterable[str]) -> str:
    """The nearest names, worded for the end of a sentence; none for a name that is known, but that of several."""
    known = tuple(known)
    return "" if name.strip().lower() in (each.strip().lower() for each in known) else nearest(name, known)


def require_known(target: Target, parts: Parts, lookups: Lookups, where: str, creates: bool) -> None:
    """Raises ConfigError, with the nearest names, for a value of the config that the account does not have.

    An option that will be created may be missing; a stage may be that of several pipelines, a record tells which.
    """
    value = str(parts.get("", parts.get(ALIAS, "")))
    try:
        found = coerce(target, parts, lookups)
        if isinstance(found, int) and not lookups.knows(target.kind, found):
            raise BadValue(f"is the id of no {target.kind} of the account")
    except BadValue as error:
        if (creates and error.missing) or (target.kind == "stage" and lookups.stage_ids(value)):
            return
        labels = [option.label for option in target.options]
        said = lookups.user_trouble(value) if target.kind == "user" else error
        hint = others(value, labels or target.choices or lookups.names(target.kind))
        raise ConfigError(f"`{where}`: `{value}` {said}.{hint}") from None
    except (ValueError, TypeError, KeyError, OverflowError):
        raise ConfigError(f"`{where}`: `{target.name}` cannot be read as {target.kind}.") from None
