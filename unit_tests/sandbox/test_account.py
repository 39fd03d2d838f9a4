"""Projects and the account's administration."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Api

GATED = {
    "projects": ("/api/v2/projects", "/api/v2/tasks", "/api/v2/boards", "/api/v2/projectTemplates"),
    "installments": ("/api/v2/deals/installments?",),
    "legacy_teams": ("/v1/legacyTeams",),
}


@pytest.mark.parametrize(("feature", "path"), [(name, path) for name, paths in GATED.items() for path in paths])
def test_gated_feature(seeded: Api, feature: str, path: str) -> None:
    """A feature that is switched off answers 402."""
    seeded.sandbox.change_settings(features_off=[feature])

    assert seeded.get(path.rstrip("?"), **({"deal_ids": "1"} if path.endswith("?") else {})).status == 402


def test_refused_path(seeded: Api) -> None:
    """Any path can be made to refuse with a status."""
    seeded.sandbox.change_settings(refused_paths={"/roles$": 403})

    assert seeded.get("/v1/roles").status == 403
    assert seeded.get("/v1/users").status == 200


def test_project_and_task(api: Api) -> None:
    """Projects and tasks are written and read with milliseconds."""
    board = api.created("/api/v2/boards", name="B")
    phase = api.created("/api/v2/phases", name="P", board_id=board["id"])
    project = api.created("/api/v2/projects", title="X", board_id=1, phase_id=phase["id"])
    task = api.created("/api/v2/tasks", title="T", project_id=project["id"], done=1, assignee_id=1)

    assert (task["is_done"], task["assignee_ids"]) == (True, [1])
    assert project["add_time"].endswith(".000Z")
    assert api.get("/api/v2/phases").status == 400
    assert len(api.rows("/api/v2/phases", board_id=1)) == 1
    assert api.post("/api/v2/tasks", {"title": "T", "project_id": 1, "done": True}).status == 400


def test_archived_projects(api: Api) -> None:
    """An archived project changes lists."""
    api.created("/api/v2/projects", title="X")
    api.post("/api/v2/projects/1/archive", {})

    assert api.rows("/api/v2/projects") == []
    assert [row["id"] for row in api.rows("/api/v2/projects/archived")] == [1]


def conditions(count: int) -> dict[str, Any]:
    """Filter conditions with so many in the first group."""
    one = {"object": "deal", "field_id": "value", "operator": ">", "value": "10", "extra_value": None}
    return {
        "glue": "and",
        "conditions": [{"glue": "and", "conditions": [one] * count}, {"glue": "or", "conditions": []}],
    }


@pytest.mark.parametrize(("count", "status"), [(1, 200), (16, 200), (17, 400)])
def test_filter_conditions_limit(api: Api, count: int, status: int) -> None:
    """A filter has at most 16 conditions."""
    body = {"name": "F", "type": "deals", "conditions": conditions(count)}

    assert api.post("/v1/filters", body).status == status


def test_filter_list_omits_conditions(api: Api) -> None:
    """Only a single filter shows its conditions."""
    api.created("/v1/filters", name="F", type="deals", conditions=conditions(1))

    assert "conditions" not in api.rows("/v1/filters")[0]
    assert api.rows("/v1/filters/1")["conditions"] == conditions(1)
    assert api.rows("/v1/filters", type="people") == []


def test_goals(api: Api) -> None:
    """Goals lie below `data.goals`, inactive ones only on request."""
    parts = {"assignee": {"id": 1, "type": "person"}, "type": {"name": "deals_won", "params": {}}}
    period = {"duration": {"start": "2026-01-01", "end": "2026-12-31"}, "expected_outcome": {"target": 1}}
    goal = api.created("/v1/goals", title="G", interval="monthly", **parts, **period)["goal"]

    assert [row["id"] for row in api.rows("/v1/goals/find")["goals"]] == [goal["id"]]
    assert api.rows("/v1/goals/find", is_active="false") == {"goals": []}
    assert "data" not in api.delete(f"/v1/goals/{goal['id']}").json()


def test_webhooks(api: Api) -> None:
    """Webhooks answer 201 with a top-level status, and delete without data."""
    made = api.post(
        "/v1/webhooks", {"subscription_url": "https://x.example", "event_action": "*", "event_object": "*", "name": "H"}
    )

    assert (made.status, made.json()["status"]) == (201, "ok")
    assert api.delete("/v1/webhooks/1").json() == {"status": "ok", "success": True}


def test_relationships_need_an_organization(api: Api) -> None:
    """Relationships are listed for one organization, seen from it."""
    for name in ("Parent", "Daughter"):
        api.created("/api/v2/organizations", name=name)
    api.created("/v1/organizationRelationships", type="parent", rel_owner_org_id=1, rel_linked_org_id=2)

    assert api.get("/v1/organizationRelationships").status == 400
    row = api.rows("/v1/organizationRelationships", org_id=1)[0]
    assert (row["calculated_related_org_id"], row["rel_linked_org_id"]["value"]) == (2, 2)


def test_permission_set_without_assignments(api: Api) -> None:
    """A set that nobody has answers 404 for its assignments."""
    first, second, _ = api.rows("/v1/permissionSets")

    assert api.rows(f"/v1/permissionSets/{first['id']}/assignments")
    assert api.get(f"/v1/permissionSets/{second['id']}/assignments").status == 404
    assert api.rows(f"/v1/permissionSets/{first['id']}")[0]["contents"]


def test_roles(api: Api) -> None:
    """Writing a role answers with its id; a single role carries settings."""
    assert api.created("/v1/roles", name="Interns") == {"id": 3}
    assert "settings" in api.get("/v1/roles/3").json()["additional_data"]
    assert api.created("/v1/roles/3/assignments", user_id=1) == {"user_id": 1, "role_id": 3}


def test_users_are_invited_and_switched_off(api: Api) -> None:
    """A user is made from an email address and can only be switched off."""
    user = api.created("/v1/users", email="new@sandbox.example")

    assert api.call("PUT", f"/v1/users/{user['id']}", {"active_flag": False}).json()["data"]["active_flag"] is False
    assert [row["id"] for row in api.rows("/v1/users/find", term="new@", search_by_email=1)] == [user["id"]]


def test_call_logs(api: Api) -> None:
    """Call logs have text ids, pages of 50, and delete without data."""
    times = {"start_time": "2026-01-01 00:00:00", "end_time": "2026-01-01 00:01:00"}
    made = api.created("/v1/callLogs", to_phone_number="+1", outcome="busy", **times)

    assert api.get("/v1/callLogs", limit=51).status == 400
    assert api.delete(f"/v1/callLogs/{made['id']}").json() == {"success": True}


def test_old_deletions_leave_the_list_when_so_set(api: Api) -> None:
    """Deleted deals may be shown for a number of days only."""
    api.created("/api/v2/deals", title="A")
    api.delete("/api/v2/deals/1")
    api.sandbox.change_settings(deleted_days=30)
    assert len(api.rows("/api/v2/deals", status="deleted")) == 1

    api.sandbox.advance(31 * 86_400)
    assert api.rows("/api/v2/deals", status="deleted") == []


def test_permissions(api: Api) -> None:
    """A user's permissions are flags, some of which may be off."""
    api.sandbox.change_settings(refused_permissions=["can_use_import"])
    flags = api.rows("/v1/users/1/permissions")

    assert (flags["can_use_api"], flags["can_use_import"]) == (True, False)
