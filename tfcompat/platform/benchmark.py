"""`tf.test.Benchmark`: timed programs that report in TF's BenchmarkEntries format.

Source: TF 1.15, python/platform/benchmark.py.
"""

from __future__ import annotations

import inspect
import numbers
import os
import re
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from tfcompat.framework import protos, stacks
from tfcompat.framework import tf_logging as logging
from tfcompat.framework.export import export
from tfcompat.platform import app, gfile
from tfcompat.platform.benchmark_entries import message_class

# Every concrete subclass of Benchmark, for `--benchmarks=regex`.
GLOBAL_BENCHMARK_REGISTRY: set[type] = set()

_REPORT_PREFIX = "TEST_REPORT_FILE_PREFIX"


def _entry(values: dict[str, Any], extras: Any, metrics: Any) -> Any:
    entry = message_class("BenchmarkEntry")(**{name: value for name, value in values.items() if value is not None})
    if extras is not None:
        if not isinstance(extras, dict):
            raise TypeError("extras must be a dict")
        for key, value in extras.items():
            if isinstance(value, numbers.Number):
                entry.extras[key].double_value = value
            else:
                entry.extras[key].string_value = str(value)
    if metrics is not None:
        if not isinstance(metrics, list):
            raise TypeError("metrics must be a list")
        for metric in metrics:
            for required in ("name", "value"):
                if required not in metric:
                    raise TypeError(f"metric must has a '{required}' field")
            added = entry.metrics.add(name=metric["name"], value=metric["value"])
            for bound in ("min_value", "max_value"):
                if bound in metric:
                    getattr(added, bound).value = metric[bound]
    return entry


def _report(name: str, values: dict[str, Any], extras: Any, metrics: Any) -> None:
    """Prints the entry, or writes it to a file when the environment names a prefix for such files."""
    shown = {key: -1 if value is None else value for key, value in values.items()}
    logging.info(
        "Benchmark [%s] iters: %d, wall_time: %g, cpu_time: %g,throughput: %g, extras: %s, metrics: %s",
        name,
        shown["iters"],
        shown["wall_time"],
        shown["cpu_time"],
        shown["throughput"],
        str(extras) if extras else "None",
        str(metrics) if metrics else "None",
    )
    entries = message_class("BenchmarkEntries")(entry=[_entry({"name": name, **values}, extras, metrics)])
    prefix = os.environ.get(_REPORT_PREFIX)
    if prefix is None:
        print(str(entries))
        return
    path = prefix + name.replace("/", "__")
    if gfile.file_exists(path):
        raise OSError(f"File already exists: {path}")
    with gfile.GFile(path, "wb") as out:
        out.write(entries.SerializeToString())


class Benchmark:
    """A class whose methods named `benchmark...` are benchmarks; subclasses register themselves."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.is_abstract():
            GLOBAL_BENCHMARK_REGISTRY.add(cls)

    @classmethod
    def is_abstract(cls) -> bool:
        """Whether the class is only a base of benchmarks."""
        return len(cls.mro()) <= 2

    def _get_name(self, overwrite_name: str | None = None) -> str:
        for frame in reversed(inspect.stack()):
            running = frame.frame.f_locals.get("self")
            if isinstance(running, Benchmark):
                return f"{type(running).__name__}.{overwrite_name or frame.function}"
        raise ValueError("Unable to determine calling Benchmark class.")

    def report_benchmark(
        self,
        iters: int | None = None,
        cpu_time: float | None = None,
        wall_time: float | None = None,
        throughput: float | None = None,
        extras: dict[str, Any] | None = None,
        name: str | None = None,
        metrics: list[dict[str, Any]] | None = None,
    ) -> None:
        """Reports a result: times in seconds, throughput in MB/s, under `Class.method` or `Class.name`.

        Raises: TypeError when `extras` is no dict or `metrics` no list of dicts with name and value.
        """
        values = {"iters": iters, "cpu_time": cpu_time, "wall_time": wall_time, "throughput": throughput}
        _report(self._get_name(name), values, extras, metrics)


@export("test.benchmark_config", v2=("test.benchmark_config",))
def benchmark_config() -> Any:
    """A ConfigProto with the dependency optimizer off."""
    config = protos.ConfigProto()
    config.graph_options.rewrite_options.dependency_optimization = protos.RewriterConfig.OFF
    return config


@export("test.Benchmark", v2=("test.Benchmark",))
class TensorFlowBenchmark(Benchmark):
    """A benchmark that can time a session's run of an op."""

    @classmethod
    def is_abstract(cls) -> bool:
        """Whether the class is only a base of benchmarks."""
        return len(cls.mro()) <= 3

    def run_op_benchmark(
        self,
        sess: Any,
        op_or_tensor: Any,
        feed_dict: Any = None,
        burn_iters: int = 2,
        min_iters: int = 10,
        store_trace: bool = False,
        store_memory_usage: bool = True,
        name: str | None = None,
        extras: dict[str, Any] | None = None,
        mbs: float = 0,
    ) -> dict[str, Any]:
        """Times `sess.run(op_or_tensor)` and reports the median of `min_iters` runs.

        Memory use is not measured, so `store_memory_usage` adds nothing to the result.
        Raises: NotImplementedError for `store_trace`.
        """
        if store_trace:
            raise NotImplementedError("tfcompat: run_op_benchmark(store_trace=True) is not supported")
        for _ in range(burn_iters):
            sess.run(op_or_tensor, feed_dict=feed_dict)
        seconds = []
        for _ in range(min_iters):
            start = time.time()
            sess.run(op_or_tensor, feed_dict=feed_dict)
            seconds.append(time.time() - start)
        median = statistics.median(seconds) if seconds else -1
        result = {
            "iters": min_iters,
            "wall_time": median,
            "extras": extras if extras is not None else {},
            "name": name,
            "throughput": mbs / median,
        }
        self.report_benchmark(**result)
        return result

    def evaluate(self, tensors: Any) -> Any:
        """The values of tensors in the default session."""
        session = stacks.get_default_session()
        if session is None:
            raise ValueError("Benchmark.evaluate() needs a default session: use `with session.as_default():`")
        return session.run(tensors)


def _run_benchmarks(regex: str) -> None:
    """Runs the registered benchmarks whose `module.Class.method` matches."""
    for cls in list(GLOBAL_BENCHMARK_REGISTRY):
        instance = None
        for name in dir(cls):
            full_name = f"{cls.__module__}.{cls.__name__}.{name}"
            if not name.startswith("benchmark") or not callable(getattr(cls, name)):
                continue
            if regex == "all" or re.search(regex, full_name):
                instance = instance or cls()
                getattr(instance, name)()


def benchmarks_main(true_main: Callable[[], Any], argv: list[str] | None = None) -> None:
    """Runs the benchmarks that `--benchmarks=regex` names, or `true_main()` when there is no such argument."""
    argv = sys.argv if argv is None else argv
    asked = [arg for arg in argv if arg.startswith(("--benchmarks=", "-benchmarks="))]
    if not asked:
        true_main()
        return
    argv.remove(asked[0])
    regex = asked[0].split("=")[1]
    app.run(lambda _: _run_benchmarks(regex), argv=argv)
