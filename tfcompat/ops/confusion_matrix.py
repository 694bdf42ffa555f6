"""tf.confusion_matrix, and the squeezing of a last dimension that losses and metrics allow.

Source: TF 1.15, python/ops/confusion_matrix.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, casting, checks, comparison, control_flow, elementwise, reductions, shapes
from tfcompat.ops.control import with_dependencies
from tfcompat.ops.sparse_arithmetic import sparse_add_v2


def remove_squeezable_dimensions(
    labels: Any, predictions: Any, expected_rank_diff: int = 0, name: str | None = None
) -> tuple[Tensor, Tensor]:
    """Both tensors, the last dimension of one squeezed where their ranks differ by one from what is expected.

    expected_rank_diff: rank(predictions) - rank(labels). Ranks that are not known are compared in the run.
    """
    with name_scope(name, "remove_squeezable_dimensions", [labels, predictions]):
        predictions = conversion.to_tensor(predictions)
        labels = conversion.to_tensor(labels)
        p_rank, l_rank = predictions.shape.ndims, labels.shape.ndims
        if p_rank is not None and l_rank is not None:
            if p_rank - l_rank == expected_rank_diff + 1:
                predictions = shapes.squeeze(predictions, [-1])
            elif p_rank - l_rank == expected_rank_diff - 1:
                labels = shapes.squeeze(labels, [-1])
            return labels, predictions
        found = shapes.rank(predictions) - shapes.rank(labels)
        predictions = _squeezed_where(predictions, expected_rank_diff + 1, found)
        labels = _squeezed_where(labels, expected_rank_diff - 1, found)
        return labels, predictions


def _squeezed_where(tensor: Tensor, wanted: int, found: Tensor) -> Tensor:
    """`tensor`, without its last dimension in runs where the ranks differ by `wanted`."""
    if tensor.shape.ndims is not None and not tensor.shape.dims[-1].is_compatible_with(1):
        return tensor
    return control_flow.cond(  # type: ignore[no-any-return]
        comparison.equal(wanted, found), lambda: shapes.squeeze(tensor, [-1]), lambda: tensor
    )


@export("math.confusion_matrix", "confusion_matrix")
def confusion_matrix_v1(
    labels: Any,
    predictions: Any,
    num_classes: Any = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
    weights: Any = None,
) -> Tensor:
    """How often (or with what total weight) each label, a row, met each prediction, a column.

    Shapes: labels, predictions and weights [n] -> [num_classes, num_classes]; by default one more than the largest.
    Raises: InvalidArgumentError in the run for a class that is negative or not below `num_classes`.
    """
    return confusion_matrix(labels, predictions, num_classes, weights, dtype, name)


@export(v2=("math.confusion_matrix",))
def confusion_matrix(
    labels: Any,
    predictions: Any,
    num_classes: Any = None,
    weights: Any = None,
    dtype: Any = dtypes.int32,
    name: str | None = None,
) -> Tensor:
    """How often (or with what total weight) each label, a row, met each prediction, a column."""
    with name_scope(name, "confusion_matrix", (predictions, labels, num_classes, weights)):
        labels, predictions = remove_squeezable_dimensions(
            conversion.to_tensor(labels, name="labels"), conversion.to_tensor(predictions, name="predictions")
        )
        predictions = casting.cast(predictions, dtypes.int64)
        labels = casting.cast(labels, dtypes.int64)
        labels = with_dependencies(
            [checks.assert_non_negative(labels, message="`labels` contains negative values")], labels
        )
        predictions = with_dependencies(
            [checks.assert_non_negative(predictions, message="`predictions` contains negative values")], predictions
        )
        if num_classes is None:
            num_classes = elementwise.maximum(reductions.reduce_max(predictions), reductions.reduce_max(labels)) + 1
        else:
            limit = casting.cast(num_classes, dtypes.int64)
            labels = with_dependencies([checks.assert_less(labels, limit, message="`labels` out of bound")], labels)
            predictions = with_dependencies(
                [checks.assert_less(predictions, limit, message="`predictions` out of bound")], predictions
            )
        if weights is not None:
            weights = conversion.to_tensor(weights, name="weights")
            predictions.shape.assert_is_compatible_with(weights.shape)
            weights = casting.cast(weights, dtype)
        shape = arrays.stack([num_classes, num_classes])
        places = arrays.stack([labels, predictions], axis=1)
        values = shapes.ones_like(predictions, dtype) if weights is None else weights
        counted = SparseTensor(places, values, casting.cast(shape, dtypes.int64))
        zeros = shapes.zeros(casting.cast(shape, dtypes.int32), dtype)
        return sparse_add_v2(zeros, counted)  # type: ignore[no-any-return]
