"""Recurrences written out step by step: static_rnn and its relatives.

Source: TF 1.15, python/ops/rnn.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tfcompat.framework import dtypes, nest, stacks
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.shapes import Dimension, TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, casting, permuting, reductions, shapes, variable_scope
from tfcompat.ops.identity import identity
from tfcompat.rnn import steps
from tfcompat.rnn.cell import check_cell


def _check_sequence(inputs: Any) -> None:
    if not nest.is_sequence(inputs):
        raise TypeError("inputs must be a sequence")
    if not inputs:
        raise ValueError("inputs must not be empty")


def _batch_dimension(inputs: Any) -> Dimension:
    """The batch dimension that all inputs share. Raises ValueError when another dimension is not known."""
    first = nest.flatten(inputs)[0]
    if first.shape.ndims == 1:
        return first.shape.with_rank_at_least(1).dims[0]  # type: ignore[no-any-return]
    batch = first.shape.with_rank_at_least(2).dims[0]
    for t in nest.flatten(inputs):
        dims = t.shape.with_rank_at_least(2).dims
        batch.merge_with(dims[0])
        for i, size in enumerate(dims[1:]):
            if size.value is None:
                raise ValueError(
                    f"Input size (dimension {i} of inputs) must be accessible via shape inference, but saw value None."
                )
    return batch  # type: ignore[no-any-return]


@export("nn.static_rnn", "contrib.rnn.static_rnn")
def static_rnn(
    cell: Any,
    inputs: Any,
    initial_state: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> tuple[list[Any], Any]:
    """Applies `cell` to each of a list of inputs in turn; returns the outputs and the final state.

    Shapes: inputs a list of [batch, n] (or structures of those); outputs a list of [batch, output_size].
    sequence_length: [batch]; beyond its end a sequence gives zeros and keeps its state.
    Raises: TypeError and ValueError for inputs that are no list, are empty, or do not fit together.
    """
    check_cell("cell", cell)
    _check_sequence(inputs)
    outputs = []
    with variable_scope.variable_scope(scope or "rnn") as opened:
        steps.cache_variables(opened)
        first = inputs
        while nest.is_sequence(first):
            first = first[0]
        batch = _batch_dimension(inputs)
        batch_size = batch.value or shapes.shape(first)[0]
        if initial_state is not None:
            state = initial_state
        else:
            if not dtype:
                raise ValueError("If no initial_state is provided, dtype must be specified")
            state = steps.initial_state(cell, batch_size, dtype)
        lengths = None
        if sequence_length is not None:
            lengths = _Lengths(cell, sequence_length, batch_size, batch.value, dtype, state)
        for time, value in enumerate(inputs):
            if time > 0:
                opened.reuse_variables()
            if lengths is None:
                output, state = cell(value, state)
            else:
                output, state = lengths.step(time, state, value)
            outputs.append(output)
        return outputs, state


class _Lengths:
    """The lengths of the sequences in a batch, and steps that heed them."""

    def __init__(self, cell: Any, given: Any, batch_size: Any, static_batch: Any, dtype: Any, state: Any) -> None:
        self.cell = cell
        given = to_tensor(given, name="sequence_length")
        if given.shape.ndims not in (None, 1):
            raise ValueError("sequence_length must be a vector of length batch_size")
        self.zero_output = steps.zero_outputs(
            cell, batch_size, static_batch, steps.state_dtype(dtype, state), keep_static=True
        )
        self.lengths = casting.cast(given, dtypes.int32)
        self.shortest = reductions.reduce_min(self.lengths)
        self.longest = reductions.reduce_max(self.lengths)

    def step(self, time: int, state: Any, value: Any) -> tuple[Any, Any]:
        return steps.masked_step(
            time, self.lengths, self.shortest, self.longest, self.zero_output, state, lambda: self.cell(value, state)
        )


@export("nn.static_state_saving_rnn", "contrib.rnn.static_state_saving_rnn")
def static_state_saving_rnn(
    cell: Any, inputs: Any, state_saver: Any, state_name: Any, sequence_length: Any = None, scope: Any = None
) -> tuple[list[Any], Any]:
    """`static_rnn` that takes its first state from `state_saver.state(name)` and gives the last to `save_state`.

    Raises: ValueError when state_name has not the structure of the cell's state.
    """
    size = cell.state_size
    several = nest.is_sequence(size)
    if several != nest.is_sequence(state_name):
        raise ValueError(
            f"state_name should be the same type as cell.state_size.  state_name: {state_name}, cell.state_size: {size}"
        )
    names = nest.flatten(state_name)
    if several and len(names) != len(nest.flatten(size)):
        raise ValueError(f"#elems(state_name) != #elems(state_size): {len(names)} vs. {len(nest.flatten(size))}")
    begin = [state_saver.state(n) for n in names]
    outputs, state = static_rnn(
        cell,
        inputs,
        initial_state=nest.pack_sequence_as(size, begin) if several else begin[0],
        sequence_length=sequence_length,
        scope=scope,
    )
    saved = [state_saver.save_state(n, s) for n, s in zip(names, nest.flatten(state), strict=True)]
    with stacks.get_default_graph().control_dependencies(saved):
        outputs[-1] = nest.map_structure(identity, outputs[-1])
        state = nest.map_structure(identity, state)
    return outputs, state


@export("nn.static_bidirectional_rnn", "contrib.rnn.static_bidirectional_rnn")
def static_bidirectional_rnn(
    cell_fw: Any,
    cell_bw: Any,
    inputs: Any,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> tuple[Any, Any, Any]:
    """Two `static_rnn`s, one over the reversed inputs; outputs are joined along their last axis.

    Returns: outputs, the final state forwards, the final state backwards.
    """
    check_cell("cell_fw", cell_fw)
    check_cell("cell_bw", cell_bw)
    _check_sequence(inputs)
    with variable_scope.variable_scope(scope or "bidirectional_rnn"):
        with variable_scope.variable_scope("fw") as fw:
            forward, state_fw = static_rnn(cell_fw, inputs, initial_state_fw, dtype, sequence_length, scope=fw)
        with variable_scope.variable_scope("bw") as bw:
            reversed_inputs = _reversed(inputs, sequence_length)
            found, state_bw = static_rnn(cell_bw, reversed_inputs, initial_state_bw, dtype, sequence_length, scope=bw)
    backward = _reversed(found, sequence_length)
    pairs = zip(nest.flatten(forward), nest.flatten(backward), strict=True)
    joined = [arrays.concat([a, b], 1) for a, b in pairs]
    return nest.pack_sequence_as(forward, joined), state_fw, state_bw


def _reversed(inputs: Sequence[Any], lengths: Any) -> list[Any]:
    """The list backwards; with lengths, each sequence backwards up to its own length."""
    if lengths is None:
        return list(reversed(inputs))
    per_step: list[list[Any]] = [[] for _ in inputs]
    for sequence in zip(*(nest.flatten(x) for x in inputs), strict=True):
        shape = (
            TensorShape([None] * sequence[0].shape.ndims) if sequence[0].shape.ndims is not None else TensorShape(None)
        )
        for t in sequence:
            shape.merge_with(t.shape)
            t.set_shape(shape)
        turned = permuting.reverse_sequence(arrays.stack(sequence), lengths, 0, 1)
        parts: list[Tensor] = arrays.unstack(turned)
        for t, collected in zip(parts, per_step, strict=True):
            t.set_shape(shape)
            collected.append(t)
    return [nest.pack_sequence_as(like, flat) for like, flat in zip(inputs, per_step, strict=True)]
