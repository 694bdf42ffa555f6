"""tf.metrics: the area under a curve, and one rate where another has a given value.

Source: TF 1.15, python/ops/metrics_impl.py; the interpolation of precision-recall curves: Davis & Goadrich 2006.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework import dtypes, tf_logging
from tfcompat.framework.export import export
from tfcompat.framework.tensor import Tensor
from tfcompat.metrics.accumulating import collect
from tfcompat.metrics.counts import Metric, confusion_at_thresholds
from tfcompat.ops import casting, comparison, elementwise, exponents, reductions, scans, selecting, shapes
from tfcompat.ops.variable_scope import variable_scope

_SMALL = 1e-7
_EPSILON = 1e-6


def _even_thresholds(n: int) -> list[float]:
    return [(i + 1) * 1.0 / (n - 1) for i in range(n - 2)]


@export("metrics.auc")
def auc(
    labels: Any,
    predictions: Any,
    weights: Any = None,
    num_thresholds: int = 200,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    curve: str = "ROC",
    name: str | None = None,
    summation_method: str = "trapezoidal",
    thresholds: Sequence[float] | None = None,
) -> Metric:
    """The area under the ROC or precision-recall (PR) curve, from counts at thresholds.

    summation_method: trapezoidal, careful_interpolation (for PR), minoring or majoring.
    Raises: ValueError for another curve or method.
    """
    with variable_scope(name, "auc", (labels, predictions, weights)):
        if curve not in ("ROC", "PR"):
            raise ValueError(f"curve must be either ROC or PR, {curve} unknown")
        if thresholds is not None:
            inner = sorted(thresholds)
            num_thresholds = len(inner) + 2
        else:
            inner = _even_thresholds(num_thresholds)
        limits = [0.0 - _SMALL, *inner, 1.0 + _SMALL]
        values, updates = confusion_at_thresholds(labels, predictions, limits, weights)
        n = num_thresholds - 1
        value = collect(metrics_collections, _area(values, n, curve, summation_method, "value"))
        return value, collect(updates_collections, _area(updates, n, curve, summation_method, "update_op"))


def _area(counts: dict[str, Any], n: int, curve: str, method: str, name: str) -> Tensor:
    """The area under a curve of n + 1 points."""
    tp, fn, tn, fp = (counts[k] for k in ("tp", "fn", "tn", "fp"))
    if curve == "PR":
        if method == "trapezoidal":
            tf_logging.warning(
                "Trapezoidal rule is known to produce incorrect PR-AUCs; please switch to "
                '"careful_interpolation" instead.'
            )
        elif method == "careful_interpolation":
            return _interpolated(tp, fp, fn, n)
    recall = elementwise.div(tp + _EPSILON, tp + fn + _EPSILON)
    if curve == "ROC":
        x, y = elementwise.div(fp, fp + tn + _EPSILON), recall
    else:
        x, y = recall, elementwise.div(tp + _EPSILON, tp + fp + _EPSILON)
    widths = x[:n] - x[1:]
    if method in ("trapezoidal", "careful_interpolation"):
        heights = (y[:n] + y[1:]) / 2.0
    elif method == "minoring":
        heights = elementwise.minimum(y[:n], y[1:])
    elif method == "majoring":
        heights = elementwise.maximum(y[:n], y[1:])
    else:
        raise ValueError(f"Invalid summation_method: {method}")
    return reductions.reduce_sum(elementwise.multiply(widths, heights), name=name)


def _interpolated(tp: Any, fp: Any, fn: Any, n: int) -> Tensor:
    """The area under the precision-recall curve when true positives grow linearly with all positives in between."""
    step = tp[:n] - tp[1:]
    positives = tp + fp
    slope = elementwise.divide_no_nan(step, elementwise.maximum(positives[:n] - positives[1:], 0), name="prec_slope")
    intercept = tp[1:] - elementwise.multiply(slope, positives[1:])
    ratio = selecting.where(
        comparison.logical_and(positives[:n] > 0, positives[1:] > 0),
        elementwise.divide_no_nan(positives[:n], elementwise.maximum(positives[1:], 0), name="recall_relative_ratio"),
        shapes.ones_like(positives[1:]),
    )
    increments = elementwise.divide_no_nan(
        slope * (step + intercept * exponents.log(ratio)),
        elementwise.maximum(tp[1:] + fn[1:], 0),
        name="pr_auc_increment",
    )
    return reductions.reduce_sum(increments, name="interpolate_pr_auc")


def _rate_at_rate(
    default_name: str,
    compute: Callable[[dict[str, Any], str], Tensor],
    last_threshold: float,
    labels: Any,
    predictions: Any,
    weights: Any,
    num_thresholds: int,
    metrics_collections: Any,
    updates_collections: Any,
    name: str | None,
) -> Metric:
    with variable_scope(name, default_name, (predictions, labels, weights)):
        limits = [0.0 - _SMALL, *_even_thresholds(num_thresholds), last_threshold]
        values, updates = confusion_at_thresholds(labels, predictions, limits, weights)
        value = collect(metrics_collections, compute(values, "value"))
        return value, collect(updates_collections, compute(updates, "update_op"))


@export("metrics.sensitivity_at_specificity")
def sensitivity_at_specificity(
    labels: Any,
    predictions: Any,
    specificity: float,
    weights: Any = None,
    num_thresholds: int = 200,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """The share of true labels found, at the threshold whose share of false labels left out is nearest to the given.

    Raises: ValueError for a specificity outside [0, 1].
    """
    if specificity < 0 or specificity > 1:
        raise ValueError("`specificity` must be in the range [0, 1].")

    def compute(c: dict[str, Any], label: str) -> Tensor:
        rates = elementwise.div(c["tn"], c["tn"] + c["fp"] + _SMALL)
        at = reductions.argmin(elementwise.abs(rates - specificity), 0)
        at = casting.cast(at, dtypes.int32)
        return elementwise.div(c["tp"][at], c["tp"][at] + c["fn"][at] + _SMALL, label)

    return _rate_at_rate(
        "sensitivity_at_specificity",
        compute,
        1.0 + _SMALL,
        labels,
        predictions,
        weights,
        num_thresholds,
        metrics_collections,
        updates_collections,
        name,
    )


@export("metrics.specificity_at_sensitivity")
def specificity_at_sensitivity(
    labels: Any,
    predictions: Any,
    sensitivity: float,
    weights: Any = None,
    num_thresholds: int = 200,
    metrics_collections: Any = None,
    updates_collections: Any = None,
    name: str | None = None,
) -> Metric:
    """The share of false labels left out, at the last threshold whose share of true labels found is nearest the given.

    Raises: ValueError for a sensitivity outside [0, 1].
    """
    if sensitivity < 0 or sensitivity > 1:
        raise ValueError("`sensitivity` must be in the range [0, 1].")

    def compute(c: dict[str, Any], label: str) -> Tensor:
        rates = elementwise.div(c["tp"], c["tp"] + c["fn"] + _SMALL)
        least = reductions.reduce_min(elementwise.abs(rates - sensitivity))
        # The last of several equally near ones: where the running count of them is largest for the first time.
        nearest = comparison.equal(elementwise.abs(rates - sensitivity), least)
        nearest = scans.cumsum(casting.cast(nearest, dtypes.int64))
        at = casting.cast(reductions.argmax(nearest, 0), dtypes.int32)
        return elementwise.div(c["tn"][at], c["tn"][at] + c["fp"][at] + _SMALL, label)

    return _rate_at_rate(
        "specificity_at_sensitivity",
        compute,
        1.0 - _SMALL,
        labels,
        predictions,
        weights,
        num_thresholds,
        metrics_collections,
        updates_collections,
        name,
    )
