"""Names of an account for values that use them instead of ids."""


class Names:
    """An account with one user, a stage that two pipelines have, and some lead labels."""

    def user_id(self, name: str) -> int | None:
        return {"ann@acme.test": 7}.get(name)

    def stage_ids(self, name: str, pipeline: int | None = None) -> list[int]:
        return {"Won": [1], "Open": [2, 3]}.get(name, [])

    def pipeline_ids(self, name: str) -> list[int]:
        return {"Sales": [4]}.get(name, [])

    def lead_label_ids(self, name: str) -> list[str]:
        return {"Hot": ["u-1"], "Warm, but slow": ["u-2"]}.get(name, [])

    def activity_type_keys(self, name: str) -> list[str]:
        return {"Call": ["call"], "Visit": ["visit", "visit_1"]}.get(name, [])

    def knows(self, kind: str, row_id: int) -> bool:
        return True

    def user_trouble(self, owner: str) -> str:
        return ""

    def names(self, kind: str) -> list[str]:
        return []

    def currency(self) -> str:
        return "EUR"
