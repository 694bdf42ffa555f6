"""Writes tfcompat/api/v1 and tfcompat/api/v2 from the names that the implementation declares with `export`.

    python tools/generate_api.py            # rewrites the trees
    python tools/generate_api.py --check    # exit status 1 when they are stale; writes nothing
    python tools/generate_api.py --skip-broken   # leaves out modules that cannot be imported

Every implementation module is imported, its declarations are collected, the aliases that TensorFlow 1.15 has for the
same objects are added (compat_suite/data), and each namespace becomes a module of plain imports. The output depends on
the declarations alone.
"""

from __future__ import annotations

import argparse
import difflib
import functools
import importlib
import sys
import types
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "tfcompat"
API = PACKAGE / "api"
sys.path.insert(0, str(ROOT))

from compat_suite.facts import api_symbols  # noqa: E402

# Imported when a program first says `tf.keras`: costly, and most programs do without. TensorFlow aliases of core
# functions into these are written only where the namespace has names of its own.
LAZY_NAMESPACES = {"contrib", "distribute", "estimator", "keras", "lite", "raw_ops", "test", "tpu"}
PREFIX = {"v1": "tf", "v2": "tf.compat.v2"}


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """Where a public name's object is found."""

    module: str
    attribute: str
    lazy: bool = False


@dataclass(slots=True)
class Namespace:
    """One generated module."""

    path: str  # "" for tf itself, "nn.rnn_cell"
    names: dict[str, Target] = field(default_factory=dict)
    children: set[str] = field(default_factory=set)


class Problem(Exception):
    """Declarations that contradict each other or that cannot be followed."""


def module_names() -> list[str]:
    """Every implementation module, named as imported."""
    out = []
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE).with_suffix("").parts
        if len(parts) > 1 and parts[0] != "api":
            out.append(".".join(("tfcompat", *(p for p in parts if p != "__init__"))))
    for file in sorted(PACKAGE.glob("*.py")):
        if file.stem not in ("__init__", "__main__", "namespaces"):
            out.append(f"tfcompat.{file.stem}")
    return out


def import_implementation() -> list[str]:
    """Imports all of it, without tfcompat/__init__ (which needs the generated tree); returns what went wrong."""
    root = types.ModuleType("tfcompat")
    root.__path__ = [str(PACKAGE)]
    sys.modules["tfcompat"] = root
    broken = []
    for name in module_names():
        try:
            importlib.import_module(name)
        except Exception as cause:
            broken.append(f"{name}: {type(cause).__name__}: {cause}")
    from tfcompat.framework.export import DECLARATIONS

    # What a module declared before it failed is not to be had.
    DECLARATIONS[:] = [d for d in DECLARATIONS if d.module in sys.modules]
    return broken


def locate(value: Any, module: str) -> Target:
    """The module and global name under which an exported object can be imported."""
    own = getattr(value, "__module__", None)
    known = [module, own, *sorted(m for m in sys.modules if m.startswith("tfcompat."))]
    for candidate in known:
        scope = vars(sys.modules[candidate]) if candidate in sys.modules else {}
        name = getattr(value, "__name__", None)
        if name and scope.get(name) is value:
            return Target(candidate, name)
        for attribute, found in sorted(scope.items()):
            if found is value:
                return Target(candidate, attribute)
    raise Problem(f"{module}: {value!r} is exported, but no module holds it; `export` must be the outermost decorator")


def declared(version: str) -> dict[str, Target]:
    """Public name -> target, from the declarations alone."""
    from tfcompat.framework.export import DECLARATIONS

    names: dict[str, Target] = {}
    for d in DECLARATIONS:
        public = d.v1 if version == "v1" else d.v2
        if not public:
            continue
        if d.attribute is None:
            target = locate(d.value, d.module)
        else:
            target = Target(d.module, d.attribute, d.lazy)
            if not d.lazy and d.attribute not in vars(sys.modules[d.module]):
                raise Problem(f"{d.module}: no global {d.attribute!r} for the public name {public[0]!r}")
        for name in public:
            if names.setdefault(name, target) != target:
                raise Problem(f"tf.{name} is declared twice: {names[name]} and {target}")
    return names


@functools.cache
def tensorflow_modules() -> frozenset[str]:
    """The names that are modules in TensorFlow: `nn`, `nn.rnn_cell`."""
    return frozenset(s.name.removeprefix("tf.") for s in api_symbols() if s.kind == "module")


def with_aliases(names: dict[str, Target]) -> dict[str, Target]:
    """Adds TensorFlow's other names of the same objects."""
    symbols = {s.name.removeprefix("tf."): s for s in api_symbols()}
    inhabited = {name.partition(".")[0] for name in names}
    out = dict(names)
    for name, target in names.items():
        for alias in symbols[name].same_as if name in symbols else ():
            short = alias.removeprefix("tf.")
            parent, first = short.rpartition(".")[0], short.partition(".")[0]
            if parent and parent not in tensorflow_modules():
                continue  # a class holds it, and has it by itself
            if first not in LAZY_NAMESPACES or first in inhabited:
                out.setdefault(short, target)
    return out


def namespaces(names: dict[str, Target]) -> dict[str, Namespace]:
    """The names arranged by the module that shows them."""
    out = {"": Namespace("")}

    def space(path: str) -> Namespace:
        if path not in out:
            out[path] = Namespace(path)
            parent, _, last = path.rpartition(".")
            space(parent).children.add(last)
        return out[path]

    for name, target in sorted(names.items()):
        parent, _, last = name.rpartition(".")
        if parent in names and parent not in tensorflow_modules():
            continue  # a member of an exported class
        space(parent).names[last] = target
    for path, s in out.items():
        for clash in s.children & s.names.keys():
            raise Problem(f"tf.{path}.{clash} is both a namespace and a name".replace("..", "."))
    return out


def lazy_entries(space: Namespace, version: str) -> dict[str, str]:
    """Names that the namespace looks up on first use."""
    out = {name: f"{t.module}:{t.attribute}" for name, t in space.names.items() if t.lazy}
    if not space.path:
        for child in LAZY_NAMESPACES:
            if child in space.children:
                out[child] = f"tfcompat.api.{version}.{child}"
            elif (PACKAGE / child).is_dir():
                out[child] = f"tfcompat.{child}"  # written by hand
    if space.path == "compat":
        out |= {"v1": "tfcompat.api.v1", "v2": "tfcompat.api.v2"}
    return dict(sorted(out.items()))


def import_lines(module: str, pairs: Iterable[tuple[str, str]]) -> list[str]:
    """`from module import a as b, ...`, one line a name when it does not fit on one."""
    items = [f"{attribute} as {name}" for name, attribute in sorted(pairs)]
    line = f"from {module} import {', '.join(items)}"
    if len(line) <= 120:
        return [line]
    return [f"from {module} import (", *(f"    {item}," for item in items), ")"]


def source(space: Namespace, version: str) -> str:
    """The text of one generated module."""
    shown = f"{PREFIX[version]}.{space.path}" if space.path else PREFIX[version]
    here = f"tfcompat.api.{version}.{space.path}" if space.path else f"tfcompat.api.{version}"
    lazy = lazy_entries(space, version)
    eager = {name: t for name, t in space.names.items() if not t.lazy}
    children = sorted(space.children - lazy.keys())

    by_module: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, target in eager.items():
        by_module[target.module].append((name, target.attribute))
    by_module["tfcompat.framework.export"].append(("_namespace_getattr", "namespace_getattr"))
    out = [f'"""Public names of `{shown}`; written by tools/generate_api.py."""', ""]
    for module in sorted(by_module):
        out += import_lines(module, by_module[module])
    if children:
        out += import_lines(here, [(child, child) for child in children])
    shown_names = [f'    "{name}",' for name in sorted([*eager, *children])]
    out += ["", "__all__ = [", *shown_names, "]", ""] if shown_names else ["", "__all__ = []", ""]
    if lazy:
        out += ["LAZY = {", *(f'    "{name}": "{where}",' for name, where in lazy.items()), "}"]
        out.append(f'__getattr__ = _namespace_getattr("{shown}", LAZY)')
    else:
        out.append(f'__getattr__ = _namespace_getattr("{shown}")')
    return "\n".join(out) + "\n"


def tree(version: str) -> dict[Path, str]:
    """File -> text of one API version."""
    names = declared(version)
    spaces = namespaces(with_aliases(names) if version == "v1" else names)
    files = {}
    for path, space in spaces.items():
        base = API.joinpath(version, *path.split(".")) if path else API / version
        package = bool(space.children) or not path
        files[base / "__init__.py" if package else base.with_suffix(".py")] = source(space, version)
    return files


def difference(wanted: dict[Path, str]) -> list[str]:
    """What on disk is not as it should be, as a diff."""
    out = []
    on_disk = {f: f.read_text(encoding="utf-8") for version in PREFIX for f in (API / version).rglob("*.py")}
    for file in sorted(wanted.keys() | on_disk.keys()):
        old, new = on_disk.get(file, ""), wanted.get(file, "")
        if old != new or (file in on_disk) != (file in wanted):
            name = str(file.relative_to(ROOT))
            out += difflib.unified_diff(old.splitlines(), new.splitlines(), name, name, lineterm="", n=0)
    return out


def write(wanted: dict[Path, str]) -> None:
    """Puts the trees on disk and removes what is no longer part of them."""
    for version in PREFIX:
        for file in (API / version).rglob("*.py"):
            if file not in wanted:
                file.unlink()
    for file, text in wanted.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes tfcompat/api from the declared public names.")
    parser.add_argument("--check", action="store_true", help="only say whether the trees are up to date")
    parser.add_argument("--skip-broken", action="store_true", help="go on without modules that fail to import")
    asked = parser.parse_args()
    broken = import_implementation()
    if broken:
        print("Cannot be imported:", *broken, sep="\n  ", file=sys.stderr)
        if not asked.skip_broken:
            return 2
    try:
        wanted = {file: text for version in PREFIX for file, text in tree(version).items()}
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2
    stale = difference(wanted)
    if asked.check:
        print("\n".join(stale) if stale else "up to date")
        return 1 if stale else 0
    write(wanted)
    print(f"{len(wanted)} modules, {sum(line.startswith(('+', '-')) for line in stale)} lines changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
