"""Adding up the gradients that reach one tensor along several paths."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from tfcompat.framework import constant_value, conversion, dtypes, scopes, stacks
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.operation import Operation
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import accumulation, arrays, reductions

_LARGE_SPARSE = 100_000_000


@export("AggregationMethod")
class AggregationMethod:
    """How several gradients of one tensor are added: one AddN, a tree of AddN, or AccumulateNV2."""

    ADD_N = 0
    DEFAULT = ADD_N
    EXPERIMENTAL_TREE = 1
    EXPERIMENTAL_ACCUMULATE_N = 2


_METHODS = (AggregationMethod.ADD_N, AggregationMethod.EXPERIMENTAL_TREE, AggregationMethod.EXPERIMENTAL_ACCUMULATE_N)


def check_method(method: Any) -> None:
    """Raises ValueError for an unknown aggregation method."""
    if method is not None and method not in _METHODS:
        raise ValueError(f"Invalid aggregation_method specified {method}.")


def aggregate(gradients: Sequence[Any], op: Operation, method: Any) -> Any:
    """The sum of `gradients` (tensors or IndexedSlices, at least one)."""
    if len(gradients) == 1:
        return gradients[0]
    if all(isinstance(g, Tensor) for g in gradients):
        return _add_dense(list(gradients), op, method)
    return sum_slices(gradients)


def _add_dense(gradients: list[Tensor], op: Operation, method: Any) -> Tensor:
    if method == AggregationMethod.EXPERIMENTAL_ACCUMULATE_N and len(gradients) > 2:
        try:
            return accumulation.accumulate_n(gradients)
        except ValueError:  # shapes are not static: AddN takes them
            pass
    if method in (AggregationMethod.EXPERIMENTAL_TREE, AggregationMethod.EXPERIMENTAL_ACCUMULATE_N):
        with scopes.name_scope(op._name + "_gradient_sum"):
            running = gradients[0]
            for g in gradients[1:]:
                running = accumulation.add_n([running, g])
            return running
    return _add_by_device(gradients)


def _add_by_device(gradients: list[Tensor]) -> Tensor:
    """One AddN a device, then one over the devices."""
    by_device: dict[str, list[Tensor]] = {}
    for g in gradients:
        by_device.setdefault(g.device, []).append(g)
    sums = []
    for device in sorted(by_device):
        group = by_device[device]
        with stacks.get_default_graph().colocate_with(group[0]._op, ignore_existing=True):
            sums.append(accumulation.add_n(group))
    return sums[0] if len(sums) == 1 else accumulation.add_n(sums)


def sum_slices(gradients: Sequence[Any]) -> Any:
    """The sum where at least one is IndexedSlices: concatenated if all are, dense otherwise."""
    if len(gradients) == 1:
        return gradients[0]
    if any(isinstance(g, Tensor) for g in gradients):
        return accumulation.add_n(list(gradients))
    values = [g.values for g in gradients]
    indices = [conversion.to_tensor(g.indices) for g in gradients]
    if any(i.dtype is not indices[0].dtype for i in indices):
        from tfcompat.ops import casting

        indices = [casting.cast(i, dtypes.int64) for i in indices]
    return IndexedSlices(arrays.concat(values, 0), arrays.concat(indices, 0), gradients[0].dense_shape)


def _slices_to_tensor(value: Any, dtype: Any = None, name: str | None = None, as_ref: bool = False) -> Any:
    """Dense form of an IndexedSlices; warns when that may be large, as TF does."""
    if dtype is not None and not dtype.is_compatible_with(value.dtype):
        raise ValueError(
            f"Tensor conversion requested dtype {dtype.name} for IndexedSlices with dtype {value.dtype.name}"
        )
    if value.dense_shape is None:
        raise ValueError(
            f"Tensor conversion requested for IndexedSlices without dense_shape: {value}"
        )
    dims = constant_value.folded(value.dense_shape)
    if dims is None:
        warnings.warn(
            "Converting sparse IndexedSlices to a dense Tensor of unknown shape. This may consume a large amount of "
            "memory.",
            stacklevel=6,
        )
    else:
        count = int(dims.prod())
        if count >= _LARGE_SPARSE:
            warnings.warn(
                f"Converting sparse IndexedSlices to a dense Tensor with {count} elements. This may consume a large "
                "amount of memory.",
                stacklevel=6,
            )
    return reductions.unsorted_segment_sum(value.values, value.indices, value.dense_shape[0], name=name)


conversion.register_tensor_conversion_function(IndexedSlices, _slices_to_tensor, 100)

