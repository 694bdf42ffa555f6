"""`tf.test.TestCase`.

Source: TF 1.15, python/framework/test_util.py.
"""

from __future__ import annotations

import contextlib
import difflib
import os
import random
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tfcompat.client.session import Session
from tfcompat.framework import device, errors, protos, stacks, versions
from tfcompat.framework import tf_logging as logging
from tfcompat.framework.export import export
from tfcompat.platform import googletest
from tfcompat.platform.array_assertions import ArrayAssertions
from tfcompat.platform.device_lib import gpu_device_name

GRAPH_SEED = 87654321
# Beyond this unittest shows no line-by-line difference.
_DIFFABLE = 2**16


class CapturedWrites:
    """What captureWritesToStream has caught so far."""

    def __init__(self, capture_location: str) -> None:
        self.capture_location = capture_location

    def contents(self) -> str:
        """All of it as one string."""
        with open(self.capture_location) as f:
            return f.read()


class _CheckedThread:
    """A thread whose exception fails the test when it is joined; the test fails too when nobody joins it."""

    def __init__(self, case: TestCase, target: Callable[..., Any], args: Any, kwargs: Any) -> None:
        self._case = case
        self._target, self._args, self._kwargs = target, args or (), kwargs or {}
        self._thread = threading.Thread(target=self._run)
        self._exception: Exception | None = None
        self._joined = False

    def _run(self) -> None:
        try:
            self._target(*self._args, **self._kwargs)
        except Exception as error:
            self._exception = error

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def join(self) -> None:
        """Waits for the thread and fails the test if it raised."""
        self._joined = True
        self._thread.join()
        if self._exception is not None:
            self._case.fail(f"Error in checkedThread: {self._exception}")

    def is_alive(self) -> bool:
        """Whether the thread is running."""
        return self._thread.is_alive()

    def check_termination(self) -> None:
        """Fails the test if the thread was not joined."""
        if not self._joined:
            self._case.fail("A checked thread was not joined.")
        if self.is_alive():
            raise RuntimeError("Thread was not joined with main thread, and is still running when the test finished.")


class ErrorLoggingSession(Session):
    """A session that logs what its runs raise, the end of a data set aside."""

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        """The values of fetches."""
        try:
            return super().run(fetches, feed_dict, options, run_metadata)
        except errors.OutOfRangeError:
            raise
        except Exception as error:
            logging.error(str(error))
            raise


def _session_config(config: Any, force_gpu: bool) -> Any:
    """The configuration tests run with: nothing folded, and devices strict only where a GPU is asked for."""
    if config is None or (force_gpu and config.allow_soft_placement):
        config = protos.ConfigProto(allow_soft_placement=not force_gpu)
    config.graph_options.optimizer_options.opt_level = -1
    config.graph_options.rewrite_options.constant_folding = protos.RewriterConfig.OFF
    config.graph_options.rewrite_options.pin_to_host_optimization = protos.RewriterConfig.OFF
    return config


def _with_rounded_numbers(message: Any) -> Any:
    """The message with floats rounded to six places and doubles to seven, so that text can be compared."""
    from google.protobuf.descriptor import FieldDescriptor

    places = {FieldDescriptor.TYPE_FLOAT: 6, FieldDescriptor.TYPE_DOUBLE: 7}
    for field, value in message.ListFields():
        is_map = field.type == FieldDescriptor.TYPE_MESSAGE and field.message_type.GetOptions().map_entry
        if field.type in places:
            if isinstance(value, float):
                setattr(message, field.name, round(value, places[field.type]))
            else:
                value[:] = [round(x, places[field.type]) for x in value]
        elif is_map:
            for key in value if field.message_type.fields_by_number[2].message_type else ():
                _with_rounded_numbers(value[key])
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            for item in value if hasattr(value, "__len__") else [value]:
                _with_rounded_numbers(item)
    return message


@export("test.TestCase", v2=("test.TestCase",))
class TestCase(ArrayAssertions):
    """A test with sessions, a fresh default graph and fixed seeds."""

    def __init__(self, methodName: str = "runTest") -> None:
        super().__init__(methodName)
        self._threads: list[_CheckedThread] = []
        self._tempdir: str | None = None
        self._cached_session: Any = None
        self._cached_arguments: tuple[Any, Any, bool] = (None, None, False)

    def setUp(self) -> None:
        """Seeds Python, NumPy and an empty default graph."""
        super().setUp()
        self._close_cached_session()
        random.seed(GRAPH_SEED)
        np.random.seed(GRAPH_SEED)
        # A test that failed inside `with graph.as_default()` may have left its graph behind.
        stacks.graph_stack().clear()
        stacks.reset_default_graph()
        stacks.get_default_graph().seed = GRAPH_SEED
        # Its name makes test runners take the method of that name for a test.
        if self.id().endswith(".test_session"):
            self.skipTest("Not a test.")

    def tearDown(self) -> None:
        """Closes the cached session; fails if a checked thread was not joined."""
        for thread in self._threads:
            thread.check_termination()
        self._close_cached_session()
        super().tearDown()

    def _close_cached_session(self) -> None:
        if self._cached_session is not None:
            self._cached_session.close()
            self._cached_session = None

    # ---------------------------------------------------------------- sessions

    def evaluate(self, tensors: Any) -> Any:
        """The values of a tensor or a structure of tensors, in the default session or a session of the test's own."""
        session = stacks.get_default_session()
        if session is not None:
            return session.run(tensors)
        with self.test_session() as session:
            return session.run(tensors)

    @contextlib.contextmanager
    def session(
        self, graph: Any = None, config: Any = None, use_gpu: bool = False, force_gpu: bool = False
    ) -> Iterator[Any]:
        """A block with a new session, and its graph, as the defaults.

        Ops made in it go to the CPU; with `use_gpu` where the session likes; with `force_gpu` to the first GPU.
        """
        with self._new_session(graph, config, force_gpu) as session, self._as_default(session, use_gpu, force_gpu):
            yield session

    @contextlib.contextmanager
    def cached_session(
        self, graph: Any = None, config: Any = None, use_gpu: bool = False, force_gpu: bool = False
    ) -> Iterator[Any]:
        """Like session(), but the same session at every call in a test; it is closed when the test ends.

        Raises: ValueError when called again with another graph, config or `force_gpu`.
        """
        session = self._get_cached_session(graph, config, force_gpu, must_agree=True)
        with self._as_default(session, use_gpu, force_gpu):
            yield session

    @contextlib.contextmanager
    def test_session(
        self, graph: Any = None, config: Any = None, use_gpu: bool = False, force_gpu: bool = False
    ) -> Iterator[Any]:
        """cached_session() without its checks, or session() when a graph is given."""
        if self.id().endswith(".test_session"):
            self.skipTest("Not a test.")
        if graph is not None:
            with self.session(graph, config, use_gpu, force_gpu) as session:
                yield session
            return
        session = self._get_cached_session(graph, config, force_gpu, must_agree=False)
        with self._as_default(session, use_gpu, force_gpu):
            yield session

    def _new_session(self, graph: Any, config: Any, force_gpu: bool) -> Any:
        return ErrorLoggingSession(graph=graph, config=_session_config(config, force_gpu))

    def _get_cached_session(self, graph: Any, config: Any, force_gpu: bool, must_agree: bool) -> Any:
        asked = (graph, config, force_gpu)
        if self._cached_session is None:
            self._cached_session = self._new_session(graph, config, force_gpu)
            self._cached_arguments = asked
        elif must_agree:
            for name, new, old in zip(
                ("graph", "config", "force_gpu value"), asked, self._cached_arguments, strict=True
            ):
                if new is not old:
                    raise ValueError(
                        f"The {name} used to get the cached session is different than the one that was used to create "
                        "the session. Maybe create a new session with self.session()"
                    )
        return self._cached_session

    @contextlib.contextmanager
    def _as_default(self, session: Any, use_gpu: bool, force_gpu: bool) -> Iterator[None]:
        with session.graph.as_default(), session.as_default():
            if use_gpu and not force_gpu:
                yield
                return
            where = (gpu_device_name() or "/device:GPU:0") if force_gpu else "/device:CPU:0"
            with session.graph.device(where):
                yield

    # ---------------------------------------------------------------- files, streams, threads

    def get_temp_dir(self) -> str:
        """A directory for this test, the same at every call."""
        if not self._tempdir:
            self._tempdir = tempfile.mkdtemp(dir=googletest.get_temp_dir())
        return self._tempdir

    @contextlib.contextmanager
    def captureWritesToStream(self, stream: Any) -> Iterator[CapturedWrites]:
        """A block whose writes to a stream's file descriptor, also those of C++ code, go to the object it yields."""
        stream.flush()
        descriptor = stream.fileno()
        file, path = tempfile.mkstemp(dir=self.get_temp_dir())
        original = os.dup(descriptor)
        os.dup2(file, descriptor)
        try:
            yield CapturedWrites(path)
        finally:
            stream.flush()
            os.close(file)
            os.dup2(original, descriptor)
            os.close(original)

    def checkedThread(self, target: Callable[..., Any], args: Any = None, kwargs: Any = None) -> _CheckedThread:
        """A thread to start() and join(); what `target` raises fails the test."""
        thread = _CheckedThread(self, target, args, kwargs)
        self._threads.append(thread)
        return thread

    # ---------------------------------------------------------------- text and messages

    def assertStartsWith(self, actual: str, expected_start: str, msg: str | None = None) -> None:
        """Asserts that a string starts with another."""
        if not actual.startswith(expected_start):
            self.fail(f"{actual!r} does not start with {expected_start!r}" + (f" : {msg!r}" if msg else ""))

    def assertDeviceEqual(self, device1: Any, device2: Any, msg: str | None = None) -> None:
        """Asserts that two device names or DeviceSpecs mean the same device."""
        first, second = (device.canonical_name(d) for d in (device1, device2))
        self.assertEqual(first, second, f"Devices {first} and {second} are not equal. {msg}")

    def assertProtoEquals(self, expected_message_maybe_ascii: Any, message: Any, msg: str | None = None) -> None:
        """Asserts that a message equals another, or the one that a text describes; -0.0 and rounding do not count."""
        from google.protobuf import text_format

        expected = expected_message_maybe_ascii
        if isinstance(expected, str):
            expected = text_format.Merge(expected, type(message)())
        elif not isinstance(expected, type(message)):
            raise AssertionError(f"Can't compare protos of type {type(expected)} and {type(message)}. {msg or ''}")
        if expected == message:
            return
        texts = []
        for original in (expected, message):
            rounded = type(original)()
            rounded.CopyFrom(original)
            texts.append(text_format.MessageToString(_with_rounded_numbers(rounded)))
        if max(map(len, texts)) < _DIFFABLE:
            self.assertMultiLineEqual(*texts, msg=msg or "")
        elif texts[0] != texts[1]:
            lines = difflib.unified_diff(*(text.splitlines(True) for text in texts))
            self.fail(f"{msg or ''} : \n{''.join(lines)}")

    def assertProtoEqualsVersion(
        self,
        expected: str,
        actual: Any,
        producer: int = versions.GRAPH_DEF_VERSION,
        min_consumer: int = versions.GRAPH_DEF_VERSION_MIN_CONSUMER,
        msg: str | None = None,
    ) -> None:
        """assertProtoEquals for a GraphDef, with the version numbers added to the expected text."""
        header = f"versions {{ producer: {producer} min_consumer: {min_consumer} }};\n"
        self.assertProtoEquals(header + expected, actual, msg=msg)

    # ---------------------------------------------------------------- errors

    @contextlib.contextmanager
    def assertRaisesWithPredicateMatch(
        self, exception_type: type[BaseException], expected_err_re_or_predicate: Any
    ) -> Iterator[None]:
        """A block that must raise an exception which a function accepts or a regular expression is found in.

        For an OpError, the names of the ops that it was caused by are searched too.
        """
        try:
            yield
        except Exception as error:
            if isinstance(error, exception_type) and self._accepts(error, expected_err_re_or_predicate):
                return
            raise AssertionError(f"Exception of type {type(error)}: {error}") from error
        raise AssertionError(f"Exception of type {type(self.failureException())}: {exception_type.__name__} not raised")

    @staticmethod
    def _accepts(error: Exception, wanted: Any) -> bool:
        if callable(wanted):
            return bool(wanted(error))
        text = str(error)
        if isinstance(error, errors.OpError):
            text, op = error.message, error.op
            while op is not None:
                text += f"\nCaused by: {op.name}"
                op = op._original_op
        logging.info("Searching within error strings: '%s' within '%s'", wanted, text)
        return re.search(wanted, text) is not None

    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> Any:
        """assertRaisesWithPredicateMatch of an OpError."""
        return self.assertRaisesWithPredicateMatch(errors.OpError, expected_err_re_or_predicate)

    # Names that Python 3 has given up or renamed and TF 1.15 keeps.
    assertRaisesRegexp = ArrayAssertions.assertRaisesRegex
    assertItemsEqual = ArrayAssertions.assertCountEqual
    assertEquals = ArrayAssertions.assertEqual
    assertNotEquals = ArrayAssertions.assertNotEqual
    assert_ = ArrayAssertions.assertTrue
    assertRegexpMatches = ArrayAssertions.assertRegex
    assertNotRegexpMatches = ArrayAssertions.assertNotRegex
    assertAlmostEquals = ArrayAssertions.assertAlmostEqual
    assertNotAlmostEquals = ArrayAssertions.assertNotAlmostEqual


TensorFlowTestCase = TestCase
