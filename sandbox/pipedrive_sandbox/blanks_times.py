"""The times of blank rows."""

from __future__ import annotations

MOMENT = "2024-01-01T00:00:00Z"
TIMES = {"add_time": MOMENT, "update_time": MOMENT}
