"""`tfcompat.install()`: what `import tensorflow...` gives, and what happens with what is not there."""

from __future__ import annotations

import importlib
import sys
import types

import pytest

import tfcompat
from tfcompat import internal_modules
from tfcompat.framework import graph as graph_module
from tfcompat.framework import nest, protos
from tfcompat.learn import input_data
from tfcompat.missing import MissingSymbol, MissingSymbolError
from tfcompat.platform import gfile


@pytest.fixture(autouse=True)
def installed():
    tfcompat.install()
    yield
    tfcompat.uninstall()


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Runs source from a file, so that its import statements can be read, and returns its names."""

    def run(source):
        path = tmp_path / "program.py"
        path.write_text(source)
        importlib.invalidate_caches()
        names = {"__name__": "program"}
        exec(compile(source, str(path), "exec"), names)
        return types.SimpleNamespace(**{k: v for k, v in names.items() if not k.startswith("__")})

    return run


def test_tensorflow_is_tfcompat(program):
    got = program("""
import tensorflow
import tensorflow as tf
import tensorflow_core as core
import tensorflow.compat.v1 as tf1
import tensorflow.gfile
from tensorflow import Graph
from tensorflow.compat.v1 import Graph as Graph1
from tensorflow.io import gfile as io_gfile
import tensorflow.logging as log
""")
    assert got.tf is tfcompat and got.tensorflow is tfcompat and got.core is tfcompat
    assert got.Graph is tfcompat.Graph and got.Graph1 is tfcompat.Graph and got.tf1.Graph is tfcompat.Graph
    assert got.log is tfcompat.logging and got.io_gfile is tfcompat.io.gfile
    assert sys.modules["tensorflow.gfile"] is tfcompat.gfile
    assert tfcompat.__spec__.name == "tfcompat" and tfcompat.gfile.__spec__.name != "tensorflow.gfile"


def test_internal_modules_lead_to_public_objects(program):
    got = program("""
from tensorflow.python.framework import ops, errors_impl, tensor_util
from tensorflow.python.ops import array_ops, math_ops
from tensorflow.python.ops.array_ops import identity
from tensorflow.python.platform import gfile, flags, tf_logging as logging
from tensorflow.python.lib.io import file_io
from tensorflow.python.lib.io.file_io import stat_v2
from tensorflow.python.util import nest, deprecation
from tensorflow.python.client import device_lib
from tensorflow.python.client.session import Session
from tensorflow.core.framework import graph_pb2, types_pb2
from tensorflow.core.framework.attr_value_pb2 import AttrValue
from tensorflow.examples.tutorials.mnist import input_data
from tensorflow.contrib.learn.python.learn.datasets.mnist import read_data_sets
import tensorflow.python.platform
import tensorflow as tf
""")
    assert got.ops.Graph is got.tf.Graph is graph_module.Graph
    assert got.ops.get_default_graph is got.tf.get_default_graph
    assert got.array_ops.identity is got.identity is got.tf.identity
    assert got.errors_impl.NotFoundError.__name__ == "NotFoundError"
    assert got.gfile.GFile is got.tf.gfile.GFile and got.gfile.Copy is got.tf.gfile.Copy
    assert got.file_io.read_file_to_string is gfile.read_file_to_string and got.stat_v2 is got.tf.io.gfile.stat
    assert got.flags.FLAGS is got.tf.flags.FLAGS and got.logging.info is got.tf.logging.info
    assert got.nest.flatten is nest.flatten and got.Session is got.tf.Session
    assert got.device_lib.list_local_devices()[0].device_type == "CPU"
    assert got.graph_pb2.GraphDef is protos.GraphDef and got.types_pb2.DT_FLOAT == 1
    assert got.AttrValue is protos.AttrValue
    assert got.input_data.read_data_sets is got.read_data_sets is input_data.read_data_sets
    assert got.tf.python.framework.ops is got.ops
    got.deprecation._PRINT_DEPRECATION_WARNINGS = False


def test_contrib(program):
    got = program("""
import tensorflow as tf
from tensorflow.contrib import slim
from tensorflow.contrib.framework import nest
from tensorflow.contrib.framework.python.ops import arg_scope
import tensorflow.contrib.layers as L
from tensorflow.contrib.layers import xavier_initializer
from tensorflow.contrib.rnn.python.ops import core_rnn_cell
from tensorflow.contrib.framework import nest as tree
""")
    assert got.tree.flatten is nest.flatten
    assert got.tf.contrib.framework.nest.flatten is nest.flatten
    assert got.tf.contrib.slim is got.slim
    assert sys.modules["tensorflow.contrib.layers"] is got.L is got.tf.contrib.layers


UNKNOWN = """
from tensorflow.python.ops import foo_ops
from tensorflow.contrib.layers import no_such
"""


def test_missing_symbols_import(program):
    got = program(UNKNOWN + "from tensorflow.contrib.tpu import TPUEstimator\nimport tensorflow.contrib.nope.deep as m")
    for symbol, name in (
        (got.foo_ops, "tensorflow.python.ops.foo_ops"),
        (got.no_such, "tensorflow.contrib.layers.no_such"),
        (got.TPUEstimator, "tensorflow.contrib.tpu.TPUEstimator"),
    ):
        assert isinstance(symbol, MissingSymbol) and name in repr(symbol)
        assert symbol.__name__ == name.rpartition(".")[2]
    assert isinstance(got.m, types.ModuleType)


USES = {
    "call": "no_such(1)",
    "attribute": "no_such.x",
    "set": "no_such.x = 1",
    "add": "no_such + 1",
    "radd": "1 + no_such",
    "index": "no_such[0]",
    "iterate": "list(no_such)",
    "truth": "bool(no_such)",
    "enter": "with no_such: pass",
    "compare": "no_such < 1",
    "number": "float(no_such)",
    "array": "__import__('numpy').asarray(no_such)",
}


@pytest.mark.parametrize("use", USES.values(), ids=USES.keys())
def test_using_a_missing_symbol_raises(program, use):
    with pytest.raises(MissingSymbolError, match=r"tensorflow\.contrib\.layers\.no_such"):
        program(UNKNOWN + use)


def test_a_missing_symbol_can_be_asked_about(program):
    got = program(UNKNOWN + "table = {no_such: 1}\nsame = no_such == no_such")
    assert got.same and not isinstance(3, got.no_such) and not hasattr(got.no_such, "x") and callable(got.no_such)


def test_deriving_and_decorating(program):
    got = program(
        UNKNOWN
        + """
class Derived(no_such):
    def __init__(self): pass

@no_such
def bare(): pass

@no_such(1, name="x")
def called(): pass

@no_such(
    "y",
)
class Thing:
    pass
"""
    )
    for thing in (got.Derived, got.bare, got.called, got.Thing):
        with pytest.raises(MissingSymbolError, match=r"layers\.no_such.*(Derived|bare|called|Thing)"):
            thing()
    assert got.called.__name__ == "called" and isinstance(got.Thing, type)


def test_a_program_that_expects_an_import_error_gets_it(program):
    got = program("""
import contextlib
caught = []
try:
    from tensorflow.contrib.rnn import never_was
except ImportError as e:
    caught.append(str(e))
try:
    import tensorflow.nothing.here
except (ImportError, AttributeError) as e:
    caught.append(str(e))
try:
    from tensorflow.python.ops import foo_ops
except Exception:
    caught.append("general")
with contextlib.suppress(ImportError):
    from tensorflow.python.ops import foo_ops
try:
    pass
except ImportError:
    from tensorflow.python.ops import fallback_ops
""")
    assert caught_names(got.caught) == ["never_was", "tensorflow.nothing", "general"]
    assert not hasattr(got, "foo_ops")
    with pytest.raises(ImportError, match="handler"):
        program("try:\n    raise ImportError\nexcept ImportError:\n    raise ImportError('handler')")


def caught_names(messages):
    found = ["never_was", "tensorflow.nothing", "general"]
    return [next(name for name in found if name in message) for message in messages]


def test_names_tensorflow_does_not_have_are_no_attributes(program):
    got = program("import tensorflow as tf\nfrom tensorflow.python.ops import math_ops")
    assert not hasattr(got.math_ops, "qqq") and not hasattr(got.tf.contrib, "qqq") and not hasattr(got.tf, "qqq")
    assert hasattr(got.math_ops, "_mul_dispatch")  # TensorFlow has it: what it gives raises when it is used
    with pytest.raises(MissingSymbolError):
        got.math_ops._mul_dispatch(1, 2)


def test_constants_and_star_imports(program):
    got = program(
        """
from tensorflow.python.platform.gfile import *
from tensorflow.python.framework import types_that_are_not if False else ops
""".replace("types_that_are_not if False else ", "")
    )
    assert got.GFile is tfcompat.gfile.GFile


def test_uninstall_puts_everything_back(program):
    real = types.ModuleType("tensorflow")
    tfcompat.uninstall()
    before = set(vars(tfcompat)), tfcompat.__getattr__
    sys.modules["tensorflow"] = real
    try:
        tfcompat.install()
        tfcompat.install()
        program("import tensorflow.python.ops.math_ops, tensorflow.contrib.slim, tensorflow.examples.tutorials.mnist")
        assert sys.modules["tensorflow"] is tfcompat
        tfcompat.uninstall()
        tfcompat.uninstall()
        assert sys.modules["tensorflow"] is real
        assert (set(vars(tfcompat)), tfcompat.__getattr__) == before
    finally:
        del sys.modules["tensorflow"]
    assert not any(name.startswith("tensorflow.") for name in sys.modules)
    assert not internal_modules._patched


def test_every_recorded_module_imports_and_resolves():
    """No entry of the table leads to an exception."""
    for module in (
        "python.ops.math_ops",
        "python.ops.gen_math_ops",
        "contrib.layers",
        "contrib.rnn",
        "python.training",
    ):
        loaded = importlib.import_module(f"tensorflow.{module}")
        for name in internal_modules.symbols(module):
            getattr(loaded, name)
