"""What a software product knows about its customers, as queries over the warehouse, and where it goes in Pipedrive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from demo.warehouse import Warehouse

ACCOUNTS = """
    WITH known AS (
        SELECT any_value(id) AS id, domain, any_value(name) AS name, any_value(engagement_score) AS score
        FROM organizations WHERE domain IS NOT NULL AND NOT is_deleted GROUP BY domain HAVING count(*) = 1
    )
    SELECT name, domain, CAST(60 + id % 40 AS DOUBLE) AS engagement_score FROM known WHERE id % 3 = 0
    UNION ALL
    SELECT name, domain, score FROM known WHERE id % 3 = 1 AND score IS NOT NULL
    UNION ALL
    SELECT 'Trial customer ' || n, 'trial' || n || '.example', CAST(5 * n AS DOUBLE) FROM range(1, 9) AS trials(n)
    ORDER BY domain
"""
CONTACTS = """
    WITH known AS (
        SELECT any_value(id) AS id, email_normalized AS email, any_value(name) AS name
        FROM persons WHERE email_normalized IS NOT NULL AND NOT is_deleted GROUP BY email HAVING count(*) = 1
    )
    SELECT name, email, 'Weekly' AS newsletter, NULL AS company_domain FROM known WHERE id % 4 = 0
    UNION ALL
    SELECT 'Trial user ' || n, 'user' || n || '@trial' || (1 + n % 8) || '.example',
        'Monthly', 'trial' || (1 + n % 8) || '.example'
    FROM range(1, 17) AS trials(n)
    UNION ALL
    SELECT 'Trial user 17', 'user17@trial1.example', 'Fortnightly', 'trial1.example'
    ORDER BY email
"""
#: An option that the account does not have, and the one that was meant.
WRONG_OPTION, RIGHT_OPTION = "Fortnightly", "Monthly"
FORECAST = """
    SELECT id, CAST(CASE WHEN id % 2 = 0 THEN value + 100 ELSE value END AS DOUBLE) AS value
    FROM deals WHERE status = 'open' AND NOT is_archived AND NOT is_deleted AND value > 0 ORDER BY id LIMIT 40
"""


def rows(warehouse: Warehouse) -> dict[str, list[dict[str, Any]]]:
    """The rows of each outgoing stream."""
    return {
        "accounts": warehouse.dictionaries(ACCOUNTS),
        "contacts": warehouse.dictionaries(CONTACTS),
        "forecast": warehouse.dictionaries(FORECAST),
    }


def mended(rows: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The rows after somebody mended the wrong option where they come from."""
    return {
        stream: [
            {column: RIGHT_OPTION if value == WRONG_OPTION else value for column, value in row.items()} for row in each
        ]
        for stream, each in rows.items()
    }


def destination_config(connection: Mapping[str, Any]) -> dict[str, Any]:
    """The destination's config: which stream becomes which object, and how its columns are used."""
    return {
        **connection,
        "mappings": [
            {"stream": "accounts", "object": "organizations", "match_on": ["domain"]},
            {
                "stream": "contacts",
                "object": "persons",
                "match_on": ["email"],
                "fields": [{"source": "company_domain", "mode": "ignore"}],
                "links": {"organization": {"by": "domain", "from": "company_domain", "create_if_missing": True}},
            },
            {"stream": "forecast", "object": "deals", "match_on": ["id"]},
        ],
    }
