"""The dbt package in the SQL of other warehouses: run on Postgres where one is, compiled and parsed for the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from integration_tests.downstream.dbt import Dbt
from integration_tests.downstream.postgres import Postgres

#: Type that an Airbyte destination gives a column of a kind.
TYPES: dict[str, dict[str, str]] = {
    "snowflake": {"moment": "TIMESTAMP_TZ", "id": "NUMBER", "json": "ARRAY"},
    "bigquery": {"moment": "TIMESTAMP", "id": "INT64", "json": "JSON"},
    "postgres": {"moment": "timestamp with time zone", "id": "bigint", "json": "jsonb"},
    "duckdb": {"moment": "TIMESTAMP", "id": "BIGINT", "json": "JSON"},
}
PARSE = """
import json, sys, sqlglot
from sqlglot import exp
found = {}
given = json.load(sys.stdin)
for name, sql in given["queries"].items():
    try:
        (tree,) = sqlglot.parse(sql, dialect=given["dialect"], error_level="raise")
        commands = [node.sql() for node in tree.find_all(exp.Command, exp.Anonymous)]
        if commands:
            found[name] = commands
    except Exception as error:
        found[name] = [str(error)]
json.dump(found, sys.stdout)
"""
#: In days. The warehouses round a median's last digit each in its way.
SECOND = 1 / 86_400
FIGURES = "SELECT deal_id, stage_id, open_seconds FROM analytics_pipedrive.pipedrive__time_in_stage ORDER BY 1, 2"
FUNNEL = (
    "SELECT stage_id, deals_reached, deals_moved_on, median_days"
    " FROM analytics_pipedrive.pipedrive__stage_conversion ORDER BY 1"
)


@pytest.mark.parametrize("dialect", sorted(TYPES))
def test_the_sql_of_a_dialect_can_be_parsed(dbt: Dbt, dialect: str) -> None:
    """Every model and test, by a parser of that dialect, which knows all functions that they use."""
    variables = '{"assumed_dtypes": ' + str(TYPES[dialect]).replace("'", '"') + "}"
    dbt.run("compile", "--no-populate-cache", "--no-introspect", "--vars", variables, target=dialect)
    queries = dbt.compiled()

    assert len(queries) > 80
    assert dbt.python(PARSE, {"queries": queries, "dialect": dialect}) == {}


def test_postgres_has_the_figures_of_duckdb(dbt: Dbt, warehouse: Path, tmp_path: Path) -> None:
    """The same rows with time zones, in a session that is not in UTC: built, tested, and the same to the second."""
    dbt.run("build", duckdb=str(warehouse))
    with Postgres.start() as server:
        server.load(warehouse)
        dbt.run("build", target="postgres", **server.settings())
        figures, funnel = server.query(FIGURES), server.query(FUNNEL)

    with duckdb.connect(str(warehouse), read_only=True) as connection:
        assert _numbers(figures) == _numbers(connection.execute(FIGURES).fetchall())
        assert _numbers(funnel) == pytest.approx(_numbers(connection.execute(FUNNEL).fetchall()), abs=SECOND)


def _numbers(rows: list[Any]) -> list[float | None]:
    return [None if cell in (None, "") else float(cell) for row in rows for cell in row]
