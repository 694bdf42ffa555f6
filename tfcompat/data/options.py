"""tf.data.Options and the groups of options in it.

Source: TF 1.15, python/data/util/options.py, python/data/experimental/ops/*_options.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.framework.export import export


class OptionsBase:
    """A set of named settings, None where nothing was said. Unknown names are refused."""

    def __init__(self) -> None:
        object.__setattr__(self, "_options", {})

    _options: dict[str, Any]

    def __eq__(self, other: object) -> Any:
        if not isinstance(other, type(self)):
            return NotImplemented
        names = set(self._options) | set(other._options)
        return all(getattr(self, name) == getattr(other, name) for name in names)

    def __ne__(self, other: object) -> Any:
        same = self.__eq__(other)
        return same if same is NotImplemented else not same

    __hash__ = None  # type: ignore[assignment]

    def __setattr__(self, name: str, value: Any) -> None:
        if not hasattr(self, name):
            raise AttributeError(f"Cannot set the property {name} on {type(self).__name__}.")
        object.__setattr__(self, name, value)


def option(name: str, kind: Any, text: str, default: Callable[[], Any] = lambda: None) -> Any:
    """A property of an options class. Setting it to a value of another type raises TypeError."""

    def get(self: OptionsBase) -> Any:
        if name not in self._options:
            self._options[name] = default()
        return self._options[name]

    def put(self: OptionsBase, value: Any) -> None:
        if value is not None and not isinstance(value, kind):
            raise TypeError(f'Property "{name}" must be of type {kind}, got: {value!r} (type: {type(value)!r})')
        self._options[name] = value

    return property(get, put, None, text)


def merged(*options: Any) -> Any:
    """One set of options that says what any of them says.

    Raises: TypeError when their types differ, ValueError when they contradict each other.
    """
    if not options:
        raise ValueError("At least one options should be provided")
    kind = type(options[0])
    for other in options:
        if not isinstance(other, kind):
            raise TypeError(f"Incompatible options type: {kind!r} vs {type(other)!r}")
    if not isinstance(options[0], OptionsBase):
        raise TypeError("The inputs should inherit from `OptionsBase`")
    plain, out = kind(), kind()
    for given in options:
        for name in given._options:
            said, new = getattr(out, name), getattr(given, name)
            if new == getattr(plain, name):
                continue
            if said == getattr(plain, name):
                setattr(out, name, new)
            elif isinstance(said, OptionsBase):
                setattr(out, name, merged(said, new))
            elif said != new:
                raise ValueError(f"Cannot merge incompatible values ({said!r} and {new!r}) of option: {name}")
    return out


@export("data.experimental.MapVectorizationOptions")
class MapVectorizationOptions(OptionsBase):
    """Whether functions of elements are turned into functions of batches. Kept, without effect on how we run."""

    enabled = option("enabled", bool, "Whether to vectorize; None means no.")
    use_choose_fastest = option("use_choose_fastest", bool, "Whether the faster form is picked in the run.")

    def _static_optimizations(self) -> list[str]:
        return ["map_vectorization"] if self.enabled else []

    def _static_optimization_configs(self) -> list[str]:
        return [f"map_vectorization:use_choose_fastest:{'true' if self.use_choose_fastest else 'false'}"]


_OPTIMIZATIONS = (
    "filter_fusion",
    "filter_with_random_uniform_fusion",
    "hoist_random_uniform",
    "map_and_batch_fusion",
    "map_and_filter_fusion",
    "map_parallelization",
    "map_fusion",
    "noop_elimination",
    "parallel_batch",
    "shuffle_and_repeat_fusion",
)
_DEFAULT_OPTIMIZATIONS = ("map_and_batch_fusion", "noop_elimination", "shuffle_and_repeat_fusion")


@export("data.experimental.OptimizationOptions")
class OptimizationOptions(OptionsBase):
    """Which rewrites of the pipeline are wanted. Only shuffle_and_repeat_fusion changes what comes out of it."""

    apply_default_optimizations = option("apply_default_optimizations", bool, "Whether the usual rewrites are made.")
    autotune = option("autotune", bool, "Whether parallelism left open is chosen in the run; None means yes.")
    autotune_algorithm = option("autotune_algorithm", int, "How it is chosen.")
    autotune_buffers = option("autotune_buffers", bool, "Whether buffer sizes are chosen too; None means no.")
    autotune_cpu_budget = option("autotune_cpu_budget", int, "How many cores it may count on.")
    filter_fusion = option("filter_fusion", bool, "Whether filters in a row become one.")
    filter_with_random_uniform_fusion = option(
        "filter_with_random_uniform_fusion", bool, "Whether random filters become samplers."
    )
    hoist_random_uniform = option("hoist_random_uniform", bool, "Whether random numbers are drawn outside of functions.")
    map_and_batch_fusion = option("map_and_batch_fusion", bool, "Whether a map and its batch become one; None means yes.")
    map_and_filter_fusion = option("map_and_filter_fusion", bool, "Whether a map and its filter become one.")
    map_fusion = option("map_fusion", bool, "Whether maps in a row become one.")
    map_parallelization = option("map_parallelization", bool, "Whether maps without state run in parallel.")
    map_vectorization = option("map_vectorization", MapVectorizationOptions, "See the class.", MapVectorizationOptions)
    noop_elimination = option("noop_elimination", bool, "Whether what does nothing is left out; None means yes.")
    parallel_batch = option("parallel_batch", bool, "Whether batches are copied in parallel.")
    prefetch_to_device = option("prefetch_to_device", str, "A device to copy the next batch to.")
    shuffle_and_repeat_fusion = option(
        "shuffle_and_repeat_fusion", bool, "Whether a shuffle and its repeat become one; None means yes."
    )

    def _static_optimizations(self) -> list[str]:
        wanted = {name for name in _OPTIMIZATIONS if getattr(self, name)}
        if self.apply_default_optimizations is not False:
            wanted.update(name for name in _DEFAULT_OPTIMIZATIONS if getattr(self, name) is not False)
        if self.map_vectorization is not None:
            wanted.update(self.map_vectorization._static_optimizations())
        if self.autotune is not False and self.autotune_buffers:
            wanted.add("inject_prefetch")
        return sorted(wanted)

    def _static_optimization_configs(self) -> list[str]:
        return [] if self.map_vectorization is None else self.map_vectorization._static_optimization_configs()


@export("data.experimental.ThreadingOptions")
class ThreadingOptions(OptionsBase):
    """How many threads a pipeline has. Kept, without effect on how we run."""

    max_intra_op_parallelism = option("max_intra_op_parallelism", int, "The most threads in one op.")
    private_threadpool_size = option("private_threadpool_size", int, "The size of a pool of its own.")


@export("data.experimental.DistributeOptions")
class DistributeOptions(OptionsBase):
    """How a pipeline is divided among workers. Kept, without effect in one process."""

    auto_shard = option("auto_shard", bool, "Whether elements are divided among workers.", lambda: True)
    _make_stateless = option("_make_stateless", bool, "Whether the pipeline is to be free of state.")
    num_devices = option("num_devices", int, "How many devices read from the pipeline.")


@export("data.experimental.StatsOptions")
class StatsOptions(OptionsBase):
    """Where statistics of a pipeline go."""

    aggregator = option("aggregator", object, "Who collects them.")
    prefix = option("prefix", str, "What their names begin with.", lambda: "")
    counter_prefix = option("counter_prefix", str, "What the names of counters begin with.", lambda: "")
    latency_all_edges = option("latency_all_edges", bool, "Whether every transformation is measured.")


@export("data.Options", v2=("data.Options",))
class Options(OptionsBase):
    """Settings of a dataset: `dataset.with_options(options)`."""

    experimental_deterministic = option("experimental_deterministic", bool, "Whether order is kept; None means yes.")
    experimental_distribute = option("experimental_distribute", DistributeOptions, "See the class.", DistributeOptions)
    experimental_optimization = option(
        "experimental_optimization", OptimizationOptions, "See the class.", OptimizationOptions
    )
    experimental_slack = option("experimental_slack", bool, "Whether the last prefetch leaves the processor some rest.")
    experimental_stats = option("experimental_stats", StatsOptions, "See the class.", StatsOptions)
    experimental_threading = option("experimental_threading", ThreadingOptions, "See the class.", ThreadingOptions)
    experimental_stateful_whitelist = option(
        "experimental_stateful_whitelist", list, "Stateful op types that may be in a pipeline that is saved."
    )

    def _static_optimizations(self) -> list[str]:
        out = list(self.experimental_optimization._static_optimizations())
        if self.experimental_deterministic is False:
            out.append("make_sloppy")
        if self.experimental_stats and self.experimental_stats.latency_all_edges:
            out.append("latency_all_edges")
        if self.experimental_slack:
            out.append("slack")
        if self.experimental_distribute and self.experimental_distribute._make_stateless:
            out.append("make_stateless")
        return out

    def _static_optimization_configs(self) -> list[str]:
        out = list(self.experimental_optimization._static_optimization_configs())
        if self.experimental_slack:
            out.append(f"slack:slack_period:{self.experimental_distribute.num_devices or 1}")
        return out

    def merge(self, options: Options) -> Options:
        """These options and those of another object. Raises ValueError when they contradict each other."""
        return merged(self, options)  # type: ignore[no-any-return]
