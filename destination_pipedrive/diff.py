"""What has to change on the server. Pure: values wanted against the row as it is.

A row here is flat: body keys and custom-field keys side by side. Values wanted hold None where a field is to be
emptied; a key that is absent is left alone.
"""

from collections.abc import Mapping
from typing import Any

from destination_pipedrive.same import SAME, equal
from destination_pipedrive.targets import Target
from destination_pipedrive.values import is_nothing

Row = Mapping[str, Any]

#: Label of an e-mail address or phone number that comes without one. Source: the v2 migration guide.
DEFAULT_LABEL = "work"


def changes(
    wanted: Mapping[str, Any], current: Row, targets: Mapping[str, Target], currency: str = ""
) -> dict[str, Any]:
    """The body keys to send, with their values: only what differs from ``current``.

    ``currency`` is used for money that has none, neither wanted nor on the server.
    """
    found: dict[str, Any] = {}
    for key, value in wanted.items():
        target = targets[key]
        if target.create_only:
            continue
        merged = completed(target, value, current.get(key), currency)
        if not is_same(target, current.get(key), merged):
            found[key] = merged
    return found


def is_same(target: Target, current: Any, wanted: Any) -> bool:
    """Whether writing ``wanted`` would change nothing."""
    if is_nothing(wanted) or is_nothing(current):
        return is_nothing(wanted) and is_nothing(current)
    return SAME.get(target.kind, equal)(current, wanted)


def completed(target: Target, wanted: Any, current: Any, currency: str = "") -> Any:
    """The whole value to write: contacts merged into those there, parts that were not given kept."""
    if wanted is None:
        return [] if target.kind in ("contacts", "labels", "lead_labels") else None
    if target.kind == "contacts":
        return merged_contacts(wanted, current if isinstance(current, list) else [], target.key)
    if target.kind == "prices":
        # Prices are replaced wholesale: what is there is sent along, of other currencies and of the same one.
        there = {each.get("currency"): _price(each) for each in current or ()}
        given = {each["currency"]: {**there.get(each["currency"], {}), **each} for each in wanted}
        return [*given.values(), *(price for name, price in there.items() if name not in given)]
    held = current if isinstance(current, Mapping) else {}
    if target.kind in ("monetary", "lead_value"):
        return {"currency": held.get("currency") or currency, **wanted}
    if target.kind in ("daterange", "timerange") and "until" not in wanted and held.get("until"):
        wanted = {**wanted, "until": held["until"]}
    if target.kind in ("time", "timerange") and not _has_zone(wanted) and held.get("timezone_id"):
        wanted = {**wanted, "timezone_id": held["timezone_id"]}
    return wanted


def merged_contacts(wanted: list[dict[str, Any]], current: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """E-mails or phones of the server with those wanted added; the primary one stays unless one wanted says so."""
    entries: list[dict[str, Any]] = [_written(entry) for entry in current]
    known = {contact_key(entry.get("value"), kind): entry for entry in entries}
    for given in wanted:
        key = contact_key(given["value"], kind)
        if key in known:
            known[key].update({name: given[name] for name in ("label",) if name in given})
        else:
            known[key] = {"value": given["value"], "primary": False, "label": given.get("label", DEFAULT_LABEL)}
            entries.append(known[key])
    asked = [known[contact_key(given["value"], kind)] for given in wanted if given.get("primary")]
    _mark_primary(entries, asked, len(entries) == len(current))
    return entries


def _written(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name in ("value", "primary", "label")}


def _mark_primary(entries: list[dict[str, Any]], asked: list[dict[str, Any]], is_as_it_was: bool) -> None:
    marked = [entry for entry in entries if entry.get("primary")]
    if is_as_it_was and not asked and not marked:
        return  # none was primary before, and that alone is no reason to write
    primary = (asked or marked or entries)[0]
    for entry in entries:
        entry["primary"] = entry is primary


def contact_key(value: Any, kind: str) -> str:
    """By what two e-mails are one (trimmed, lower case), two phones (their digits), two others (trimmed text)."""
    given = str(value or "").strip()
    if kind != "phones":
        return given.lower()
    digits = "".join(char for char in given if char.isdigit())
    return ("+" if given.startswith("+") else "") + digits if digits else given.lower()


def _price(held: Mapping[str, Any]) -> dict[str, Any]:
    """A price of the server as it may be sent back."""
    kept = {name: held.get(name) for name in ("currency", "price", "cost", "direct_cost", "notes")}
    return {name: value for name, value in kept.items() if value is not None}


def _has_zone(value: Mapping[str, Any]) -> bool:
    return "timezone_id" in value or "timezone_name" in value
