"""All resources, and the routes that lead to them."""

from collections import defaultdict

from pipedrive_sandbox.model.query import parameter
from pipedrive_sandbox.model.resource import Resource, Route
from pipedrive_sandbox.model.tables import (
    account,
    activities,
    changes,
    conversions,
    deal_products,
    deals,
    fields,
    figures,
    files,
    followers,
    goals,
    leads,
    mail,
    notes,
    organizations,
    persons,
    pipelines,
    products,
    projects,
    roles,
    search,
    tasks,
    users,
)
from pipedrive_sandbox.store.collection import Row
from pipedrive_sandbox.store.state import FIELD, FIRST_NUMBER

MODULES = (
    *(deals, persons, organizations, activities, products, deal_products, pipelines, leads, notes, files, users),
    *(fields, search, followers, changes, conversions, figures, mail, projects, tasks, goals, account, roles),
)
RESOURCES: tuple[Resource, ...] = tuple(table for module in MODULES for table in module.TABLES)
ROOTS = {"/api/v2": "v2", "/api/v1": "v1", "/v1": "v1"}

Match = tuple[Resource, Route, dict[str, str]]


def blank_row(collection: str) -> Row:
    """A row of defaults of a collection."""
    return FIELD if collection in FIRST_NUMBER else resource_of(collection).blank


def resource_of(collection: str) -> Resource:
    """The resource that says what columns a collection has; one without any for other collections."""
    own = (each for each in RESOURCES if each.name == collection and each.columns)
    return next(own, Resource(collection, "Record", "v1", ""))


def find_route(method: str, path: str) -> Match | None:
    """The operation at a path, with its path parameters; fixed segments win over parameters."""
    root = next((root for root in ROOTS if path.startswith(root + "/")), None)
    if root is None:
        return None
    segments = path[len(root) + 1 :].split("/")
    for resource, route, pattern in _ROUTES[ROOTS[root], method, len(segments)]:
        if all(wanted == "" or wanted == sent for (wanted, _), sent in zip(pattern, segments, strict=True)):
            return resource, route, {name: sent for (_, name), sent in zip(pattern, segments, strict=True) if name}
    return None


def methods_at(path: str) -> list[str]:
    """Methods that a path is known under."""
    return [method for method in ("GET", "POST", "PUT", "PATCH", "DELETE") if find_route(method, path)]


def _patterns() -> dict[tuple[str, str, int], list[tuple[Resource, Route, list[tuple[str, str]]]]]:
    found: dict[tuple[str, str, int], list[tuple[Resource, Route, list[tuple[str, str]]]]] = defaultdict(list)
    for resource in RESOURCES:
        for route in resource.routes:
            for name in route.query:
                parameter(resource, name)
            pattern = [_segment(part) for part in route.path.strip("/").split("/")]
            found[resource.version, route.method, len(pattern)].append((resource, route, pattern))
    for routes in found.values():
        routes.sort(key=lambda each: sum(1 for wanted, _ in each[2] if not wanted))
    return found


def _segment(part: str) -> tuple[str, str]:
    return ("", part[1:-1]) if part.startswith("{") else (part, "")


_ROUTES = _patterns()
