"""What the code of the project imports."""

from __future__ import annotations

import ast


def imported_modules(source: str, where: str) -> set[str]:
    """The absolute imports of a module, as dotted names."""
    names: set[str] = set()
    inside: list[ast.AST] = [ast.parse(source, where)]
    while inside:
        node = inside.pop()
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module)
        for part in ("body", "orelse", "handlers", "finalbody", "cases"):  # where statements stand; a lambda has none
            found = getattr(node, part, ())
            inside += found if isinstance(found, list) else ()
    return names
