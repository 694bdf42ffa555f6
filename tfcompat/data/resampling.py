"""rejection_resample: elements dropped and repeated until their classes are distributed as asked.

Source: TF 1.15, python/data/experimental/ops/resampling.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tfcompat.data.dataset import DatasetV1
from tfcompat.data.experimental import sample_from_datasets, scan, unbatch
from tfcompat.framework import constant_value, conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.ops import (
    arrays,
    casting,
    comparison,
    control_flow,
    elementwise,
    gathering,
    printing,
    random,
    reductions,
    selecting,
    shapes,
)

_EXAMPLES_A_TIME = 32
_SMOOTHING = 10


@export("data.experimental.rejection_resample", v2=("data.experimental.rejection_resample",))
def rejection_resample(
    class_func: Any, target_dist: Any, initial_dist: Any = None, seed: Any = None
) -> Callable[[Any], Any]:
    """Pairs of class and element, the classes distributed as `target_dist`; `initial_dist` is estimated when not given."""

    def apply(dataset: Any) -> Any:
        target = conversion.convert_to_tensor(target_dist, name="target_dist")
        classes = dataset.map(class_func)
        keep_all: Any = None
        if initial_dist is not None:
            initial = conversion.convert_to_tensor(initial_dist, name="initial_dist")
            accept, original = _acceptance(initial, target)
            initials, accepts, originals = (
                DatasetV1.from_tensors(t).repeat() for t in (initial, accept, original)
            )
            known = constant_value.folded(initial), constant_value.folded(target)
            if known[0] is not None and known[1] is not None:
                keep_all = np.min(known[1] / known[0])
        else:
            initials = _estimated(target, classes)
            both = initials.map(lambda initial: _acceptance(initial, target))
            accepts = both.map(lambda accept_prob, _: accept_prob)
            originals = both.map(lambda _, prob_original: prob_original)
        kept = _filtered(dataset, accepts, initials, classes, seed).prefetch(3)
        if keep_all == 1:
            return DatasetV1.zip((classes, dataset))
        if keep_all == 0:
            return kept
        return sample_from_datasets(
            [DatasetV1.zip((classes, dataset)), kept],
            weights=originals.map(lambda prob: [(prob, 1.0 - prob)]),
            seed=seed,
        )

    return apply


def _filtered(dataset: Any, accepts: Any, initials: Any, classes: Any, seed: Any) -> Any:
    def maybe_warn_on_large_rejection(accept: Any, initial: Any) -> Any:
        rejected = reductions.reduce_sum((1 - accept) * initial)
        return control_flow.cond(
            comparison.less(rejected, 0.5),
            lambda: accept,
            lambda: printing.Print(
                accept,
                [rejected, initial, accept],
                message="Proportion of examples rejected by sampler is high: ",
                summarize=100,
                first_n=10,
            ),
        )

    checked = DatasetV1.zip((accepts, initials)).map(maybe_warn_on_large_rejection)

    def _gather_and_copy(kind: Any, accept: Any, data: Any) -> Any:
        return kind, gathering.gather(accept, kind), data

    rows = DatasetV1.zip((classes, checked, dataset)).map(_gather_and_copy)
    kept = rows.filter(lambda _1, p, _2: random.random_uniform([], seed=seed) < p)
    return kept.map(lambda class_value, _, data: (class_value, data))


def _estimated(target: Any, classes: Any) -> Any:
    """The distribution of classes so far, for each element."""
    known = target.shape._tuple
    number = known[0] if known and known[0] else shapes.shape(target)[0]
    seen = shapes.fill([number], np.int64(_SMOOTHING))

    def update_estimate_and_tile(counts: Any, c: Any) -> Any:
        fresh = selecting.one_hot(c, counts.shape[0].value, dtype=dtypes.int64)
        counts = elementwise.add(counts, reductions.reduce_sum(fresh, 0))
        share = elementwise.truediv(counts, reductions.reduce_sum(counts))
        dist = casting.cast(share, dtypes.float32)
        return counts, arrays.tile(shapes.expand_dims(dist, 0), [_EXAMPLES_A_TIME, 1])

    return classes.batch(_EXAMPLES_A_TIME).apply(scan(seen, update_estimate_and_tile)).apply(unbatch())


def _acceptance(initial: Any, target: Any) -> tuple[Any, Any]:
    """How likely an element of each class is kept, and how likely one is taken without asking."""
    ratio = target / (initial + np.finfo(initial.dtype.as_numpy_dtype).tiny)
    most = reductions.reduce_max(ratio)
    least = reductions.reduce_min(ratio)
    return (ratio - least) / (most - least), least
