"""Names that TF-1-era programs use and that newer releases of Python and NumPy have dropped.

Only `python -m tfcompat run` provides them, and only where they are missing; `import tfcompat` and
`tfcompat.install()` leave other packages alone.

- Python: the abstract base classes in `collections`, `inspect.getargspec`, `time.clock`, `fractions.gcd`, the
  module `imp`, and `assertEquals` and its like in unittest.
- NumPy: the aliases of Python types (`np.int`, `np.float`, `np.bool`, `np.object`, `np.str`, `np.long`, ...), names of
  constants and functions that 2.0 removed (`np.float_`, `np.Inf`, `np.product`, ...).
- NumPy prints scalars as `1.0` instead of `np.float64(1.0)`, as the programs' authors saw them.
"""

from __future__ import annotations

import collections
import collections.abc
import fractions
import importlib
import importlib.util
import inspect
import math
import sys
import time
import types
import unittest
import warnings
from typing import Any

import numpy as np

_PYTHON_TYPES: dict[str, Any] = {
    "bool": bool,
    "int": int,
    "long": int,
    "float": float,
    "complex": complex,
    "object": object,
    "str": str,
    "unicode": str,
}

_RENAMED = {
    "Inf": "inf",
    "Infinity": "inf",
    "infty": "inf",
    "PINF": "inf",
    "NaN": "nan",
    "NAN": "nan",
    "float_": "float64",
    "complex_": "complex128",
    "singlecomplex": "complex64",
    "cfloat": "complex128",
    "longfloat": "longdouble",
    "string_": "bytes_",
    "unicode_": "str_",
    "product": "prod",
    "cumproduct": "cumprod",
    "sometrue": "any",
    "alltrue": "all",
    "round_": "round",
    "row_stack": "vstack",
    "in1d": "isin",
    "trapz": "trapezoid",
}

_UNITTEST = {
    "assertEquals": "assertEqual",
    "assertNotEquals": "assertNotEqual",
    "assert_": "assertTrue",
    "assertAlmostEquals": "assertAlmostEqual",
    "assertNotAlmostEquals": "assertNotAlmostEqual",
    "assertRaisesRegexp": "assertRaisesRegex",
    "assertRegexpMatches": "assertRegex",
    "assertNotRegexpMatches": "assertNotRegex",
}


def _has(module: Any, name: str) -> bool:
    """Whether a module has a name of its own; asking NumPy for an expired one warns."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return hasattr(module, name)
        except Exception:
            return False


def _add(module: Any, names: dict[str, Any]) -> None:
    for name, value in names.items():
        if value is not None and not _has(module, name):
            setattr(module, name, value)


def _numpy_names() -> dict[str, Any]:
    names = {old: getattr(np, new, None) for old, new in _RENAMED.items()}
    names |= {"NINF": -np.inf, "NZERO": -0.0, "PZERO": 0.0}
    names["asfarray"] = lambda a, dtype=np.float64: np.asarray(a, dtype=dtype)
    names["asscalar"] = lambda a: np.asarray(a).item()
    names["msort"] = lambda a: np.sort(a, axis=0)
    return names


def _getargspec(func: Any) -> Any:
    found = inspect.getfullargspec(func)
    return _ArgSpec(found.args, found.varargs, found.varkw, found.defaults)


_ArgSpec = collections.namedtuple("ArgSpec", "args varargs keywords defaults")


def _imp() -> types.ModuleType:
    """The part of the old module `imp` that programs use."""
    module = types.ModuleType("imp", "reload and load_source of Python's former module imp.")

    def load_source(name: str, pathname: str) -> types.ModuleType:
        spec = importlib.util.spec_from_file_location(name, pathname)
        if spec is None or spec.loader is None:
            raise ImportError(f"cannot load {pathname!r}", name=name)
        loaded = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(loaded)
        return loaded

    module.__dict__.update(reload=importlib.reload, load_source=load_source, new_module=types.ModuleType)
    return module


def provide() -> None:
    """Adds the missing names."""
    # NumPy 2 has `bool` and `long` again, as types of its own that do what the programs want.
    _add(np, _PYTHON_TYPES)
    _add(np, _numpy_names())
    _add(collections, {name: getattr(collections.abc, name) for name in collections.abc.__all__})
    _add(inspect, {"getargspec": _getargspec})
    _add(time, {"clock": time.perf_counter})
    _add(fractions, {"gcd": math.gcd})
    _add(unittest.TestCase, {old: getattr(unittest.TestCase, new) for old, new in _UNITTEST.items()})
    if importlib.util.find_spec("imp") is None:
        sys.modules["imp"] = _imp()
    if int(np.__version__.split(".")[0]) >= 2:
        np.set_printoptions(legacy="1.25")  # type: ignore[arg-type]
