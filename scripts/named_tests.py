"""Which tests prove which row of a list, by their names: `test_b20_t45_…` proves B20 and T45."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INTEGRATION = ROOT / "integration_tests" / "destination"
UNIT = ROOT / "unit_tests" / "destination"


@dataclass(frozen=True)
class Proof:
    """A test: its file, its name, and the first line of its docstring."""

    file: str
    name: str
    holds: str

    @property
    def place(self) -> str:
        """File and name as a page shows them."""
        return f"`{self.file}`: `{self.name}`"


def proofs(letters: str, *folders: Path) -> dict[str, list[Proof]]:
    """Row, such as `T2`, -> its tests, for the rows whose letter is one of ``letters``."""
    found: dict[str, list[Proof]] = {}
    for path in (path for folder in folders for path in sorted(folder.glob("test_*.py"))):
        for function in _tests(ast.parse(path.read_text(encoding="utf-8"))):
            said = (ast.get_docstring(function) or "").splitlines()[0]
            proof = Proof(path.name, function.name, re.sub(r"^[A-Z]\d+[^:]*: ", "", said))
            for row in _rows(function.name):
                if row[0] in letters:
                    found.setdefault(row, []).append(proof)
    return found


def order(rows: Iterable[str]) -> list[str]:
    """Rows by letter, then by number."""
    return sorted(rows, key=lambda row: (row[0], int(row[1:])))


def _tests(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def _rows(name: str) -> list[str]:
    found = re.match(r"test((?:_[a-z]\d+)+)_", name)
    return found.group(1).upper().strip("_").split("_") if found else []
