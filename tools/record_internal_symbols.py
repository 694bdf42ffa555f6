"""Writes tfcompat/data/internal_symbols.tsv.gz: what TensorFlow 1.15's internal modules hold, and its public names.

    python tools/record_internal_symbols.py --tf1 TF1_PYTHON --symbols symbols.json

TF1_PYTHON (or the environment's TFCOMPAT_ORACLE_TF1) is an interpreter with TensorFlow 1.15: this script runs itself
there with `--dump` and looks at every module. symbols.json holds what cannot be seen from outside: for an attribute of
a module {"a": public TF 1 names, "c": TF 2 names, "r": [op type, argument names], "k": constant}.

One line per module: its name without `tensorflow.`, then one field per attribute:

    name                 TensorFlow has it, under no public name
    name=a.b             it is tf.a.b; several names are separated by `|`; `c.a.b` stands for tf.contrib.a.b
    name=2:a.b           it is a.b in the TF 2 API only
    name=!Type(x,y)      it calls the op Type with these arguments (may follow public names after `|`)
    name=@python.a.b     it is the module tensorflow.python.a.b, or something in it
    name=#3              it is the constant 3
    *                    instead of all these: the attributes are not recorded
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import pathlib
import subprocess
import sys

OUTPUT = pathlib.Path(__file__).resolve().parents[1] / "tfcompat" / "data" / "internal_symbols.tsv.gz"
# What is in these is not recorded: nothing of them is provided, and protocol messages have a table of their own.
CLOSED = ("lite.", "tools.", "compiler.", "core.", "python.debug.", "python.keras.api.", "contrib.quantization")


def dump() -> None:  # runs under Python 3.7
    import importlib
    import types
    import warnings

    warnings.simplefilter("ignore")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    out, sys.stdout = sys.stdout, sys.stderr
    import tensorflow as tf
    import tensorflow_core

    tf.get_logger().setLevel(50)
    top = next(p for p in tensorflow_core.__path__ if os.path.basename(p) == "tensorflow_core")
    names, namespaces = [], []
    for folder, folders, files in os.walk(top):
        relative = os.path.relpath(folder, top)
        package = "" if relative == "." else relative.replace(os.sep, ".")
        if package.split(".")[0] == "include":
            folders[:] = []
            continue
        for file in files:
            stem, extension = os.path.splitext(file)
            name = package if stem == "__init__" else (package + "." if package else "") + stem
            if extension != ".py" or not name or name.endswith("_test"):
                continue
            for public_home in ("_api.v1.", "python.keras.api._v1."):  # Keras keeps its namespaces at home
                if name.startswith(public_home):
                    namespaces.append(name[len(public_home) :])
            if not name.startswith("_api"):
                names.append(name)

    public = {}  # id -> public name

    def walk(module, prefix):
        for attr in sorted(vars(module), key=lambda a: (len(a), a)):
            if attr.startswith("_"):
                continue
            try:
                value = getattr(module, attr)
            except Exception:
                continue
            if callable(value) or type(value).__name__ == "DType":
                public.setdefault(id(value), prefix + attr)

    walk(tf, "")
    for namespace in sorted(namespaces, key=lambda n: (n.count("."), n)):
        module = tf
        for part in namespace.split("."):
            module = getattr(module, part, None)
        if isinstance(module, types.ModuleType) and not namespace.startswith(("raw_ops", "compat.v")):
            walk(module, namespace + ".")
    modules = {}
    for name in sorted(names):
        try:
            modules[name] = importlib.import_module("tensorflow." + name)
        except BaseException as error:
            print("cannot import", name, repr(error)[:80], file=sys.stderr)
            modules[name] = None
    for name, module in modules.items():  # contrib's own public namespaces
        if module is None or not name.startswith("contrib.") or ".python" in name or name.startswith(CLOSED):
            continue
        for attr, value in vars(module).items():
            if not attr.startswith("_") and callable(value):
                public.setdefault(id(value), "c." + name[len("contrib.") :] + "." + attr)
    known = {id(m): n for n, m in modules.items() if m is not None}
    rows = {}
    for name, module in modules.items():
        row = rows[name] = {}
        full = "tensorflow." + name
        if module is None or name.startswith(CLOSED):
            row["*"] = ""
            continue
        for attr, value in sorted(vars(module).items()):
            home = getattr(value, "__module__", None)
            if attr.startswith("__") or attr in ("tf_export", "deprecated", "keras_export", "estimator_export"):
                continue
            if isinstance(value, types.ModuleType):
                if id(value) in known and name.startswith("contrib.") and known[id(value)] != name + "." + attr:
                    row[attr] = "@" + known[id(value)]
            elif id(value) in public:
                own = "c." + name[len("contrib.") :] + "." + attr
                row[attr] = "" if public[id(value)] == own else public[id(value)]
            elif home == full:
                row[attr] = ""
            elif isinstance(home, str) and home.startswith("tensorflow."):
                if name.startswith("contrib.") and home[len("tensorflow.") :] in modules and hasattr(value, "__name__"):
                    row[attr] = "@" + home[len("tensorflow.") :] + "." + value.__name__
            elif isinstance(value, (int, float, str, bytes, tuple, list, dict, set, frozenset)):
                row[attr] = ""
    json.dump({"modules": rows, "namespaces": sorted(namespaces)}, out)


def constant(value: object) -> str:
    return f"#{json.dumps(value)}"


def target(entry: dict, seen: str | None) -> str:
    if "k" in entry:
        return constant(entry["k"])
    parts = list(entry.get("a", ())) or [f"2:{n}" for n in entry.get("c", ())]
    if seen and not seen.startswith("@") and seen not in parts:
        parts.append(seen)
    if "r" in entry:
        op, arguments = entry["r"]
        parts.append(f"!{op}({','.join(arguments)})")
    return "|".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tf1", default=os.environ.get("TFCOMPAT_ORACLE_TF1"), help="an interpreter with TF 1.15")
    parser.add_argument("--symbols", type=pathlib.Path, help="symbols.json")
    parser.add_argument("--dump", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.dump:
        dump()
        return
    if not options.tf1 or not options.symbols:
        parser.error("--tf1 and --symbols are needed")
    seen = json.loads(subprocess.run([options.tf1, __file__, "--dump"], stdout=subprocess.PIPE, check=True).stdout)
    rows: dict[str, dict[str, str]] = seen["modules"]
    for module, entries in json.loads(options.symbols.read_text()).items():
        name = module.removeprefix("tensorflow.")
        if f"{name}.".startswith(CLOSED):
            continue
        row = rows.setdefault(name, {})
        for attr, entry in entries.items():
            row[attr] = target(entry, row.get(attr))
    estimator = ("estimator", "estimator.experimental", "estimator.export", "estimator.inputs", "estimator.tpu")
    for namespace in (*seen["namespaces"], *estimator):  # the estimators are in a wheel of their own
        rows.setdefault(namespace, {"*": ""})
    lines = []
    for module, row in sorted(rows.items()):
        lines.append("\t".join([module, *(f"{a}={t}" if t else a for a, t in sorted(row.items()))]))
    OUTPUT.parent.mkdir(exist_ok=True)
    # mtime and name stay out of the header, so that the same table gives the same bytes.
    with open(OUTPUT, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as out:
        out.write("\n".join(lines).encode() + b"\n")
    print(f"{OUTPUT}: {len(rows)} modules, {sum(map(len, rows.values()))} names, {OUTPUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
