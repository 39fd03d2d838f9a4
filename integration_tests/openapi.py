"""The vendor's OpenAPI documents as a lookup: operation of a request, its query parameters and body keys."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from integration_tests.harness import ROOT

#: The documents are not part of this repository; they lie beside a checkout that has them.
FOLDER = ROOT.parent / "shared" / "pipedrive-api" / "openapi"
#: Where the paths of each document start, on the host that serves both versions.
PREFIXES = {"v1.yaml": "v1", "v2.yaml": "api/v2"}
#: Everything else, such as the token endpoint, is not in the documents.
API = ("/v1/", "/api/v1/", "/api/v2/")
PARAMETER = re.compile(r"\{\w+\}")


class Operation:
    """One documented operation."""

    def __init__(self, document: Mapping[str, Any], path: str, method: str) -> None:
        path_item = document["paths"][path]
        content = path_item[method]
        self.path = path
        self.document = document
        self.content = content
        self.cost = content.get("x-token-cost")
        self.is_deprecated = bool(content.get("deprecated"))
        self._parameters = [*path_item.get("parameters", ()), *content.get("parameters", ())]

    @cached_property
    def query_names(self) -> set[str]:
        """Names of the documented query parameters."""
        parameters = (self._resolved(each) for each in self._parameters)
        return {each["name"] for each in parameters if each["in"] == "query"}

    @property
    def scopes(self) -> set[str]:
        """OAuth scopes of which one is enough."""
        ways = self.content.get("security", ())
        return {scope for way in ways for names in way.values() for scope in names}

    @cached_property
    def body_keys(self) -> set[str]:
        """Top-level keys of the documented request bodies; those of the elements where the body is a list."""
        body = self._resolved(self.content.get("requestBody", {}))
        return {key for each in body.get("content", {}).values() for key in self._keys(each.get("schema", {}))}

    def _keys(self, schema: Mapping[str, Any]) -> Iterator[str]:
        schema = self._resolved(schema)
        yield from schema.get("properties", ())
        for part in (schema[word] for word in ("allOf", "oneOf", "anyOf") if word in schema):
            for each in part:
                yield from self._keys(each)
        if "items" in schema:
            yield from self._keys(schema["items"])

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in node:
            target: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/")]
            node = target
        return node


class Documents:
    """All operations of both versions."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._operations: dict[tuple[str, str], Operation] = {}
        for name, prefix in PREFIXES.items():
            document = yaml.load((folder / name).read_text(encoding="utf-8"), yaml.CSafeLoader)
            for path, path_item in document["paths"].items():
                for method, content in path_item.items():
                    if isinstance(content, dict):
                        self._operations[_key(method, prefix + path)] = Operation(document, path, method)
        #: By method and number of slashes, in the documents' order.
        self._patterns: dict[tuple[str, int], list[tuple[re.Pattern[str], Operation]]] = defaultdict(list)
        for (method, path), operation in self._operations.items():
            pattern = re.compile(re.escape(path).replace(re.escape("{}"), "[^/]+"))
            self._patterns[method, path.count("/")].append((pattern, operation))

    def of_template(self, method: str, template: str) -> Operation | None:
        """The operation of a path template such as ``api/v2/deals/{id}``, whatever its parameters are called."""
        return self._operations.get(_key(method, template))

    def of_request(self, method: str, path: str) -> Operation | None:
        """The operation of a real path. A literal path wins over one with a parameter."""
        path = path.strip("/")
        path = path.removeprefix("api/") if path.startswith("api/v1/") else path
        exact = self._operations.get(_key(method, path))
        if exact:
            return exact
        alike = self._patterns.get((method, path.count("/")), ())
        return next((found for pattern, found in alike if pattern.fullmatch(path)), None)

    def surplus(self, requests: Iterable[Mapping[str, Any]]) -> list[str]:
        """What requests have that their operation's documentation does not, each kind once."""
        found: dict[str, None] = {}
        for request in requests:
            found.update(dict.fromkeys(self._surplus_of(request)))
        return list(found)

    def _surplus_of(self, request: Mapping[str, Any]) -> Iterator[str]:
        if not request["path"].startswith(API):
            return
        operation = self.of_request(request["method"], request["path"])
        if operation is None:
            yield f"{request['method']} {request['path']}: no such operation"
            return
        name = f"{request['method']} {operation.path}"
        yield from (f"{name}: query parameter {key}" for key, _ in request["query"] if key not in operation.query_names)
        yield from (f"{name}: body key {key}" for key in body_keys(request["body"]) if key not in operation.body_keys)


def body_keys(body: Any) -> set[str]:
    """Top-level keys of a body, or of the elements of a list."""
    elements = body if isinstance(body, list) else [body or {}]
    return {key for element in elements if isinstance(element, dict) for key in element}


def _key(method: str, path: str) -> tuple[str, str]:
    return method.upper(), PARAMETER.sub("{}", path.strip("/"))
