"""Fields of several choices that are to be created with the first of them, and the choices in a record. Pure."""

from destination_pipedrive.flattening import PLANNED_KEY
from destination_pipedrive.parts import Parts, first
from destination_pipedrive.targets import ALIAS, Target
from destination_pipedrive.values import BadValue, is_nothing, text


def is_put_off(target: Target) -> bool:
    """True for a field that is to be created once its first choices are known."""
    return target.kind == "set" and target.key.startswith(PLANNED_KEY) and not target.options


def choices_in(parts: Parts) -> list[str]:
    """The names in a list, or in a text with commas, each once; what looks like an id is no name for a new option."""
    value = first(parts, "", ALIAS)
    given = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else []
    found: dict[str, str] = {}
    try:
        for name in (text(each) for each in given if not is_nothing(each)):
            if name and not name.isdigit():
                found.setdefault(name.lower(), name)
    except BadValue:
        return []
    return list(found.values())
