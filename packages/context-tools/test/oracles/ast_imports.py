"""Import statements and edges of a folder of packages, as CPython itself reads them.

Prints one JSON object: path -> {"statements": [[line, level, module, name]], "edges": [path]}.
"""
import ast
import json
import os
import sys

ROOT = sys.argv[1]
PATHS = {os.path.relpath(os.path.join(d, f), ROOT).replace(os.sep, "/") for d, _, files in os.walk(ROOT) for f in files}
FOLDERS = {os.path.dirname(p) for p in PATHS if p.endswith((".py", ".pyi"))}
for folder in list(FOLDERS):
    while folder:
        folder = os.path.dirname(folder)
        FOLDERS.add(folder)


def module_at(path):
    """File of a module path without extension: a package wins over a module, as in the import system."""
    for candidate in (path + "/__init__.py", path + ".py"):
        if candidate.lstrip("/") in PATHS:
            return candidate.lstrip("/")
    return None


def edges_of(path, node):
    home = path.split("/")[0]
    package = os.path.dirname(path)
    if isinstance(node, ast.Import):
        for alias in node.names:
            found = module_at(home + "/" + alias.name.replace(".", "/"))
            if found:
                yield found
        return
    if node.level:
        base = package
        for _ in range(node.level - 1):
            base = os.path.dirname(base)
        target = base + ("/" + node.module.replace(".", "/") if node.module else "")
    else:
        target = home + "/" + (node.module or "").replace(".", "/")
    itself = module_at(target)
    for alias in node.names:
        inner = module_at(target + "/" + alias.name) if alias.name != "*" and not (itself or "").endswith(target.split("/")[-1] + ".py") else None
        found = inner or itself
        if found:
            yield found


out = {}
for path in sorted(PATHS):
    if not path.endswith(".py"):
        continue
    with open(os.path.join(ROOT, path), "rb") as file:
        try:
            tree = ast.parse(file.read())
        except (SyntaxError, ValueError):
            continue
    statements, edges = [], set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            statements += [[node.lineno, 0, alias.name, "*"] for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            statements += [[node.lineno, node.level, node.module or "", alias.name] for alias in node.names]
        else:
            continue
        edges.update(edges_of(path, node))
    out[path] = {"statements": sorted(statements), "edges": sorted(edges - {path})}
json.dump(out, sys.stdout)
