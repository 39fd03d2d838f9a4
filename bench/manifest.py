"""The stream `deals` as a declarative manifest, and the program that runs it: what the source is compared with."""

from __future__ import annotations

from typing import Any

#: The CDK's own command line over its declarative source.
PROGRAM = """
import json, sys
from airbyte_cdk.entrypoint import AirbyteEntrypoint, launch
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource
manifest, arguments = json.loads(sys.argv[1]), sys.argv[2:]
config = json.load(open(arguments[arguments.index("--config") + 1]))
catalog = AirbyteEntrypoint.parse_args(arguments).catalog
source = ConcurrentDeclarativeSource(
    catalog=ConcurrentDeclarativeSource.read_catalog(catalog), config=config, state=None, source_config=manifest
)
launch(source, arguments)
"""
PAGE = 500


def manifest(url: str, path: str) -> dict[str, Any]:
    """A list of v2, read oldest change first."""
    retriever = {
        "type": "SimpleRetriever",
        "requester": _requester(url, path),
        "paginator": _pages(),
        "record_selector": {
            "type": "RecordSelector",
            "extractor": {"type": "DpathExtractor", "field_path": ["data"]},
        },
    }
    stream = {
        "type": "DeclarativeStream",
        "name": "deals",
        "primary_key": ["id"],
        "incremental_sync": _cursor(),
        "schema_loader": {"type": "InlineSchemaLoader", "schema": {"type": "object", "properties": {}}},
        "retriever": retriever,
    }
    specification = {"type": "object", "additionalProperties": True, "properties": {}}
    return {
        "version": "6.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["deals"]},
        "streams": [stream],
        "spec": {"type": "Spec", "connection_specification": specification},
    }


def _requester(url: str, path: str) -> dict[str, Any]:
    return {
        "type": "HttpRequester",
        "url_base": url,
        "path": path,
        "http_method": "GET",
        "request_headers": {"x-api-token": "{{ config['credentials']['api_token'] }}"},
        "request_parameters": {"sort_by": "update_time", "sort_direction": "asc"},
    }


def _pages() -> dict[str, Any]:
    return {
        "type": "DefaultPaginator",
        "page_token_option": {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "cursor"},
        "page_size_option": {"type": "RequestOption", "inject_into": "request_parameter", "field_name": "limit"},
        "pagination_strategy": {
            "type": "CursorPagination",
            "page_size": PAGE,
            "cursor_value": "{{ response['additional_data']['next_cursor'] }}",
            "stop_condition": "{{ not response['additional_data']['next_cursor'] }}",
        },
    }


def _cursor() -> dict[str, Any]:
    return {
        "type": "DatetimeBasedCursor",
        "cursor_field": "update_time",
        "datetime_format": "%Y-%m-%dT%H:%M:%SZ",
        "start_datetime": {"type": "MinMaxDatetime", "datetime": "2010-01-01T00:00:00Z"},
    }
