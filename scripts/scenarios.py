"""Which test proves which scenario of the destination: `python -m scripts.scenarios > docs/contributing/scenarios.md`.

A test says so by its name: `test_t2_t3_…` proves T2 and T3; the first line of its docstring says what holds.
"""

from scripts.named_tests import INTEGRATION, Proof, order
from scripts.named_tests import proofs as named

#: Scenarios that every release proves.
REQUIRED = tuple(f"T{number}" for number in range(1, 55))
HEAD = """# Scenarios and their tests

What can go wrong when rows are written, by number, and the tests that verify the result, all in
`integration_tests/destination/`. `make docs` generates this page from the tests' names and docstrings.

| | test | expected result |
|---|---|---|
"""


def proofs() -> dict[str, list[Proof]]:
    """Scenario -> its tests."""
    return named("T", INTEGRATION)


def document() -> str:
    """The whole page."""
    found = proofs()
    rows = ((scenario, proof) for scenario in order(found) for proof in found[scenario])
    return HEAD + "".join(
        f"| {scenario} | {proof.place} | {proof.holds.replace('|', chr(92) + '|')} |\n" for scenario, proof in rows
    )


if __name__ == "__main__":
    print(document(), end="")
