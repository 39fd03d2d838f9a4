"""Which test proves which scenario of the destination: `python -m scripts.scenarios > docs/scenarios.md`.

A test says so by its name: `test_t2_t3_…` proves T2 and T3; the first line of its docstring says what holds.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent / "integration_tests" / "destination"
#: Scenarios that every release proves.
REQUIRED = (*range(1, 26), *range(29, 38), *range(46, 49), *range(50, 55))
HEAD = """# Scenarios and their tests

What can go wrong when rows are written, by number, and the tests that show what holds then, all in
`integration_tests/destination/`. Written by `make docs` from the tests' names and docstrings.

| | test | holds |
|---|---|---|
"""


def proofs() -> dict[int, list[tuple[str, str]]]:
    """Scenario -> its tests: file and name, and what the test says."""
    found: dict[int, list[tuple[str, str]]] = {}
    for path in sorted(TESTS.glob("test_*.py")):
        for function in _tests(ast.parse(path.read_text(encoding="utf-8"))):
            said = (ast.get_docstring(function) or "").splitlines()[0]
            for number in _numbers(function.name):
                place = f"`{path.name}`: `{function.name}`"
                found.setdefault(number, []).append((place, re.sub(r"^T\d+[^:]*: ", "", said)))
    return found


def document() -> str:
    """The whole page."""
    rows = ((number, place, said) for number, tests in sorted(proofs().items()) for place, said in tests)
    return HEAD + "".join(
        f"| T{number} | {place} | {said.replace('|', chr(92) + '|')} |\n" for number, place, said in rows
    )


def _tests(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def _numbers(name: str) -> list[int]:
    found = re.match(r"test((?:_t\d+)+)_", name)
    return [int(each) for each in re.findall(r"\d+", found.group(1))] if found else []


if __name__ == "__main__":
    print(document(), end="")
