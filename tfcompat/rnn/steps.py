"""What static and dynamic recurrences share: batch sizes, lengths, one step under sequence lengths.

Source: TF 1.15, python/ops/rnn.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework import nest, stacks
from tfcompat.framework.body_graph import in_loop
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, control_flow, permuting, ranges, selecting, shapes
from tfcompat.rnn.cell import joined_shape, joined_static_shape


def is_tensor_array(value: Any) -> bool:
    return getattr(value, "_is_tensor_array", False)


def cache_variables(scope: Any) -> None:
    """Variables of the scope are read once a run, not once a step; not possible inside a loop."""
    if not in_loop(stacks.get_default_graph()) and scope.caching_device is None:
        scope.set_caching_device(lambda op: op.device)


def state_dtype(explicit: Any, state: Any) -> Any:
    """The one dtype of a state. Raises ValueError when it has several or none."""
    if explicit is not None:
        return explicit
    if not nest.is_sequence(state):
        return state.dtype
    found = [t.dtype for t in nest.flatten(state)]
    if not found:
        raise ValueError("Unable to infer dtype from empty state.")
    if any(d != found[0] for d in found):
        raise ValueError(
            "State has tensors of different inferred_dtypes. Unable to infer a single representative dtype."
        )
    return found[0]


def initial_state(cell: Any, batch_size: Any, dtype: Any) -> Any:
    if getattr(cell, "get_initial_state", None) is not None:
        return cell.get_initial_state(inputs=None, batch_size=batch_size, dtype=dtype)
    return cell.zero_state(batch_size, dtype)


def zero_outputs(cell: Any, batch_size: Any, static_batch: Any, dtype: Any, keep_static: bool) -> Any:
    """Zeros in the structure of the cell's output, for steps beyond a sequence's end."""

    def zeros(size: Any) -> Tensor:
        made = shapes.zeros(arrays.stack(joined_shape(batch_size, size)), dtype)
        if keep_static:
            made.set_shape(TensorShape(joined_static_shape(static_batch, size)))
        return made

    return nest.pack_sequence_as(cell.output_size, [zeros(s) for s in nest.flatten(cell.output_size)])


def swap_batch_and_time(x: Tensor) -> Tensor:
    """`x` with its first two dimensions exchanged; a scalar or vector as it is."""
    known = x.shape
    if known.ndims is not None and known.ndims < 2:
        return x
    rank = shapes.rank(x)
    made = permuting.transpose(x, arrays.concat(([1, 0], ranges.range(2, rank)), axis=0))
    if known.ndims is not None:
        made.set_shape(TensorShape([known.dims[1].value, known.dims[0].value]).concatenate(known[2:]))
    return made


def time_major_batch_size(flat_input: Sequence[Tensor]) -> Any:
    """The batch size of time-major inputs: static where one of them knows it.

    Raises: ValueError for an input of rank below 2.
    """
    for t in flat_input:
        if t.shape.ndims is None:
            continue
        if t.shape.ndims < 2:
            raise ValueError(f"Expected input tensor {t} to have rank at least 2")
        size = t.shape.dims[1].value
        if size is not None:
            return size
    return shapes.shape(flat_input[0])[1]


def masked_step(
    time: Any,
    sequence_length: Tensor,
    min_length: Any,
    max_length: Any,
    zero_output: Any,
    state: Any,
    call_cell: Callable[[], Any],
    skip_conditionals: bool = False,
) -> tuple[Any, Any]:
    """One step in which sequences that have ended keep their state and give zeros.

    Without skip_conditionals the cell is not run at all beyond the longest sequence.
    """
    flat_state = nest.flatten(state)
    flat_zeros = nest.flatten(zero_output)
    ended = time >= sequence_length

    def keep_one(old: Any, new: Any) -> Any:
        if is_tensor_array(old) or old.shape.ndims == 0:
            return new
        with stacks.get_default_graph().colocate_with(new):
            return selecting.where(ended, old, new)

    def keep_ended(new_output: list[Any], new_state: list[Any]) -> list[Any]:
        outputs = [keep_one(old, new) for old, new in zip(flat_zeros, new_output, strict=True)]
        return outputs + [keep_one(old, new) for old, new in zip(flat_state, new_state, strict=True)]

    def run_cell() -> tuple[list[Any], list[Any]]:
        new_output, new_state = call_cell()
        nest.assert_same_structure(zero_output, new_output)
        nest.assert_same_structure(state, new_state)
        # TensorFlow flattens the state first here; the order has no effect on nodes.
        return nest.flatten(new_output), nest.flatten(new_state)

    def run_and_keep() -> Any:
        new_output, new_state = run_cell()
        return control_flow.cond(
            time < min_length, lambda: new_output + new_state, lambda: keep_ended(new_output, new_state)
        )

    if skip_conditionals:
        flat = keep_ended(*run_cell())
    else:
        flat = control_flow.cond(time >= max_length, lambda: flat_zeros + flat_state, run_and_keep)
    n = len(flat_zeros)
    for made, like in zip(flat, flat_zeros + flat_state, strict=True):
        if not is_tensor_array(made):
            made.set_shape(like.shape)
    return nest.pack_sequence_as(zero_output, flat[:n]), nest.pack_sequence_as(state, flat[n:])
