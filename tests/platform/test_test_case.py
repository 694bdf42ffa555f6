"""tf.test: what its assertions accept and say (recorded from TF 1.15.0), sessions, threads, stubs, benchmarks."""

from __future__ import annotations

import os
import random
import sys
import types
import unittest
from collections import namedtuple

import numpy as np
import pytest

from tfcompat.client.session import Session
from tfcompat.framework import errors, protos, stacks
from tfcompat.framework.graph import Graph
from tfcompat.ops.constants import constant_v1 as constant
from tfcompat.platform import benchmark, googletest, test_util
from tfcompat.platform.graph_def_equality import assert_equal_graph_def
from tfcompat.platform.test_case import GRAPH_SEED, TestCase


class Case(TestCase):
    def runTest(self):
        pass


@pytest.fixture
def case():
    made = Case()
    made.setUp()
    yield made
    made.tearDown()


NT = namedtuple("NT", "x y")
A = np.array
PASSES = [
    ("assertAllClose", ([1.0, 2.0], [1.0, 2.0000001])),
    ("assertAllClose", (NT(1, {"q": 2}), {"x": 1, "y": {"q": 2}})),
    ("assertAllClose", ([A([1.0, 2]), A([3.0])], [A([1.0, 2]), A([3.0])])),
    ("assertAllClose", (float("nan"), float("nan"))),
    ("assertAllClose", (1e-7, 0)),
    ("assertAllCloseAccordingToType", (A([1.0], np.float16), A([1.0009]))),
    ("assertNotAllClose", ([1.0], [2.0])),
    ("assertAllEqual", ([1, float("nan")], [1, float("nan")])),
    ("assertAllEqual", (b"ab", b"ab")),
    ("assertNotAllEqual", ([1], [2])),
    ("assertAllGreater", ([1, 2], 0)),
    ("assertAllLess", ([1, 2], 3)),
    ("assertAllGreaterEqual", ([1, 2], 1)),
    ("assertAllLessEqual", ([1, 2], 2)),
    ("assertAllInRange", ([1, 2], 1, 2)),
    ("assertAllInSet", ([1, 2], [1, 2, 3])),
    ("assertDTypeEqual", (A([1.0]), np.float64)),
    ("assertNear", (float("inf"), float("inf"), 0.1)),
    ("assertArrayNear", ([1, 2], [1, 2.2], 0.3)),
    ("assertNDArrayNear", (A([1.0, 2]), A([1.0, 2.2]), 0.3)),
    ("assertDeviceEqual", ("/cpu:0", "/device:CPU:0")),
    ("assertDeviceEqual", (None, "")),
    ("assertStartsWith", ("abc", "ab")),
    ("assertItemsEqual", ([1, 2], [2, 1])),
    ("assertEquals", (1, 1)),
]


@pytest.mark.parametrize("name, arguments", PASSES)
def test_passes(case, name, arguments):
    getattr(case, name)(*arguments)


FAILS = [
    ("assertAllClose", ([1.0, 2.0], [1.0, 2.1]), "not close where = \\(array\\(\\[1\\]\\),\\)"),
    ("assertAllClose", ([1.0, 2.0], [1.0, 2.1]), "Mismatched value: a is different from b"),
    ("assertAllClose", ([1.0], [1.0, 2.1]), "Shape mismatch: expected \\(1,\\), got \\(2,\\) with contents \\[1"),
    ("assertAllClose", ({"a": 1.0}, {"b": 1}), "mismatched keys: a has keys dict_keys\\(\\['a'\\]\\)"),
    ("assertAllClose", (NT(1, {"q": 2}), NT(1, {"q": 3})), "a\\[y\\]\\[q\\] is different from b\\[y\\]\\[q\\]"),
    ("assertAllClose", ([(1, {"d": 2})], [(1, {"d": 2.5})]), "a\\[0\\]\\[1\\]\\[d\\] is different"),
    ("assertAllCloseAccordingToType", (A([1.0], np.float32), A([1.0009])), "not close rhs"),
    ("assertNotAllClose", ([1.0], [1.0]), "The two values are close at all elements"),
    ("assertAllEqual", ([1, 2], [1, 3]), "not equal lhs = \\[2\\]"),
    ("assertAllEqual", ([1, 2], [1]), "Shape mismatch: expected \\(2,\\), got \\(1,\\). Contents: \\[1\\]"),
    ("assertNotAllEqual", ([1], [1]), "The two values are equal at all elements"),
    ("assertAllGreater", ([1, 2], 1), "not greater than 1"),
    ("assertAllInRange", ([1, 2, 3], 1, 2), "1 of the 3 element\\(s\\) are outside the range \\[1, 2\\]"),
    (
        "assertAllInRange",
        (np.arange(40).reshape(4, 10), 1, 20, True, True),
        "(?s)22 of the 40 .* \\(1, 20\\).*\\.\\.\\.$",
    ),
    ("assertAllInRange", ([1.0, float("nan")], 0, 9), "1 of the 2 element\\(s\\) are NaN"),
    ("assertAllInRange", (["a"], 0, 9), "does not have an ordered numeric type"),
    ("assertAllInSet", ([1, 2, 9], {1, 2}), "1 unique element\\(s\\) are not in the set \\{1, 2\\}: \\[9\\]"),
    ("assertNear", (1, 2, 0.5, "x"), "1.000000 != 2.000000 \\+/- 0.500000 \\(x\\)"),
    ("assertDeviceEqual", ("/cpu:0", "/gpu:0"), "Devices /device:CPU:0 and /device:GPU:0 are not equal"),
    ("assertStartsWith", ("abc", "b", "why"), "'abc' does not start with 'b' : 'why'"),
]


@pytest.mark.parametrize("name, arguments, message", FAILS)
def test_fails(case, name, arguments, message):
    with pytest.raises(AssertionError, match=message):
        getattr(case, name)(*arguments)


def test_structures_that_cannot_be_compared(case):
    with pytest.raises(ValueError, match="Can't compare dict to non-dict, a vs b"):
        case.assertAllClose({"a": 1.0}, [1])
    with pytest.raises(TypeError, match="np_array must be a Numpy ndarray or Numpy scalar"):
        case.assertShapeEqual([1], 3)
    with pytest.raises(TypeError, match="tf_tensor must be a Tensor"):
        case.assertShapeEqual(A([1]), 3)


def test_messages(case):
    graph = protos.GraphDef()
    graph.node.add(name="a", op="Const").attr["f"].f = 0.1
    case.assertProtoEquals("node { name: 'a' op: 'Const' attr { key: 'f' value { f: 0.1 } } }", graph)
    case.assertProtoEquals("node { name: 'a' op: 'Const' attr { key: 'f' value { f: 0.10000001 } } }", graph)
    with pytest.raises(AssertionError, match="mm"):
        case.assertProtoEquals("node { name: 'b' }", graph, msg="mm")
    with pytest.raises(AssertionError, match="Can't compare protos of type <class 'int'>"):
        case.assertProtoEquals(3, graph)
    graph.versions.producer = 134
    case.assertProtoEqualsVersion("node { name: 'a' op: 'Const' attr { key: 'f' value { f: 0.1 } } }", graph)


def boom(error=None):
    raise error or ValueError("kaboom 12")


def test_expected_errors(case):
    with case.assertRaisesWithPredicateMatch(ValueError, r"boom \d"):
        boom()
    with case.assertRaisesWithPredicateMatch(ValueError, lambda e: "12" in str(e)):
        boom()
    with case.assertRaisesOpError("not there"):
        boom(errors.NotFoundError(None, None, "it is not there"))
    for expected, pattern in ((ValueError, "zzz"), (TypeError, "boom")):
        outer = pytest.raises(AssertionError, match="Exception of type <class 'ValueError'>: kaboom 12")
        with outer, case.assertRaisesWithPredicateMatch(expected, pattern):
            boom()
    outer = pytest.raises(AssertionError, match="ValueError not raised")
    with outer, case.assertRaisesWithPredicateMatch(ValueError, "x"):
        pass


def test_threads():
    case = Case()
    thread = case.checkedThread(boom)
    thread.start()
    with pytest.raises(AssertionError, match="Error in checkedThread: kaboom 12"):
        thread.join()
    assert not thread.is_alive()
    case.tearDown()
    case.checkedThread(print)
    with pytest.raises(AssertionError, match="A checked thread was not joined"):
        case.tearDown()


def test_captured_writes(case, capfd):
    with case.captureWritesToStream(sys.stderr) as captured:
        os.write(sys.stderr.fileno(), b"low")
        sys.stderr.write("high")
        sys.stderr.flush()
        assert captured.contents() == "lowhigh"
    assert case.get_temp_dir() == case.get_temp_dir() and os.path.isdir(case.get_temp_dir())


def test_set_up_starts_afresh():
    left_over = Graph()
    stacks.graph_stack().append(left_over)
    case = Case()
    case.setUp()
    assert stacks.get_default_graph() is not left_over
    assert stacks.get_default_graph().seed == GRAPH_SEED
    first = random.random(), np.random.rand()
    case.setUp()
    assert (random.random(), np.random.rand()) == first


def test_sessions(case):
    with case.cached_session() as session:
        c = constant([1, 2])
        assert isinstance(session, Session) and stacks.get_default_session() is session
        assert c.device == "/device:CPU:0"
        case.assertAllEqual(c, [1, 2])
        case.assertShapeEqual(np.zeros(2), c)
    with case.cached_session(use_gpu=True) as again:
        assert again is session and constant(1).device == ""
    outer = pytest.raises(ValueError, match="The graph used to get the cached session is different")
    with outer, case.cached_session(graph=Graph()):
        pass
    with case.test_session(force_gpu=True) as again:
        assert again is session and constant(1).device == "/device:GPU:0"
    with case.session(graph=Graph()) as other:
        assert other is not session and stacks.get_default_graph() is other.graph
        assert case.evaluate(constant(3.0)) == 3.0
    assert list(case.evaluate(c)) == [1, 2]


def test_the_method_test_session_is_no_test():
    result = unittest.TestResult()
    Case("test_session").run(result)
    assert [reason for _, reason in result.skipped] == ["Not a test."] and result.wasSuccessful()


def test_a_decorated_test_runs_in_its_session():
    seen = []

    class Decorated(TestCase):
        @test_util.run_in_graph_and_eager_modes
        def testIt(self):
            seen.append(stacks.get_default_session() is not None)

        @test_util.run_v2_only
        def testOther(self):
            raise AssertionError

    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Decorated).run(result)
    assert seen == [True] and result.wasSuccessful() and len(result.skipped) == 2


def nodes(**changes):
    graph = protos.GraphDef()
    graph.node.add(name="x", op="Placeholder")
    node = graph.node.add(name="y", op="Neg", input=["x", "^z"])
    node.attr["T"].type = 1
    for name, value in changes.items():
        if name == "input":
            node.input[:] = value
        elif name == "attr":
            node.attr["T"].type = value
        else:
            setattr(node, name, value)
    return graph


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"op": "Abs"}, "Node named 'y' has op 'Abs' that is not expected 'Neg'"),
        ({"device": "d"}, "Node named 'y' has device 'd' that is not expected ''"),
        ({"input": ["x"]}, "Node named 'y' has inputs 'x' that don't match expected 'x, \\^z'"),
        ({"input": ["w", "^z"]}, "Node named 'y' has input 0 'w' that doesn't match expected 'x'"),
        ({"input": ["x", "^w"]}, "Node named 'y' missing expected control input '\\^z'"),
        ({"attr": 2}, "Node named 'y' has attr 'T' with value: type: DT_DOUBLE that does not match expected"),
        ({"name": "q"}, 'Did not find expected node \'name: "y"'),
    ],
)
def test_different_graphs(changes, message):
    assert_equal_graph_def(nodes(input=["x:0", "^z"]), nodes())
    with pytest.raises(AssertionError, match=message):
        assert_equal_graph_def(nodes(**changes), nodes())


def test_only_graphs_are_compared():
    with pytest.raises(TypeError, match="Expected tf.GraphDef for actual, got int"):
        assert_equal_graph_def(3, nodes())


def test_stubs():
    module = types.ModuleType("module")
    module.value = 1

    class Thing:
        @staticmethod
        def method():
            return "real"

    with googletest.StubOutForTesting() as stubs:
        stubs.Set(module, "value", 2)
        stubs.Set(module, "value", 3)
        stubs.SmartSet(Thing(), "method", lambda self: "stub")
        assert (module.value, Thing().method()) == (3, "stub")
        with pytest.raises(AttributeError, match="Attribute not found"):
            stubs.SmartSet(Thing, "nope", 1)
    assert (module.value, Thing.method(), Thing().method()) == (1, "real", "real")


def test_benchmarks(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(benchmark, "GLOBAL_BENCHMARK_REGISTRY", set())

    class Timed(benchmark.TensorFlowBenchmark):
        def benchmarkIt(self):
            with Graph().as_default(), Session() as session:
                got = self.run_op_benchmark(session, constant(1), min_iters=3, mbs=2, extras={"a": 1, "b": "x"})
            assert got["wall_time"] > 0 and got["throughput"] == 2 / got["wall_time"]

        def benchmarkOther(self):
            self.report_benchmark(name="n", metrics=[{"name": "m", "value": 2.0, "min_value": 1}])

    assert set(benchmark.GLOBAL_BENCHMARK_REGISTRY) == {Timed}
    benchmark._run_benchmarks("benchmarkIt")
    shown = capsys.readouterr().out
    assert 'name: "Timed.benchmarkIt"' in shown and "iters: 3" in shown and 'string_value: "x"' in shown
    monkeypatch.setenv("TEST_REPORT_FILE_PREFIX", f"{tmp_path}/")
    benchmark._run_benchmarks("Other")
    written = benchmark.message_class("BenchmarkEntries").FromString((tmp_path / "Timed.n").read_bytes())
    assert written.entry[0].metrics[0].min_value.value == 1
    with pytest.raises(OSError, match="File already exists"):
        benchmark._run_benchmarks("Other")
    with pytest.raises(TypeError, match="metric must has a 'value' field"):
        Timed().report_benchmark(name="n", metrics=[{"name": "m"}])
    assert (
        benchmark.benchmark_config().graph_options.rewrite_options.dependency_optimization == protos.RewriterConfig.OFF
    )
