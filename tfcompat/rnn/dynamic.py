"""Recurrences as loops: dynamic_rnn and its relatives.

Source: TF 1.15, python/ops/rnn.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework import dtypes, nest, stacks
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import Dimension, TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    assertions,
    casting,
    comparison,
    constants,
    elementwise,
    permuting,
    reductions,
    selecting,
    shapes,
    variable_scope,
)
from tfcompat.ops.identity import identity
from tfcompat.ops.tensor_array import TensorArray
from tfcompat.ops.while_loop import while_loop
from tfcompat.rnn import steps
from tfcompat.rnn.cell import check_cell, joined_shape, joined_static_shape


@export("nn.dynamic_rnn")
def dynamic_rnn(
    cell: Any,
    inputs: Any,
    sequence_length: Any = None,
    initial_state: Any = None,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
) -> tuple[Any, Any]:
    """Applies `cell` along the time axis of `inputs` in a loop; returns the outputs and the final state.

    Shapes: inputs [batch, time, n] (time first when time_major), or a structure of those; outputs likewise.
    sequence_length: [batch]; beyond its end a sequence gives zeros and keeps its state.
    Raises: TypeError for something that is no cell; ValueError when neither initial_state nor dtype is given, or
    shapes do not fit.
    """
    check_cell("cell", cell)
    with variable_scope.variable_scope(scope or "rnn") as opened:
        steps.cache_variables(opened)
        flat = nest.flatten(inputs)
        if not time_major:
            flat = [steps.swap_batch_and_time(t) for t in [to_tensor(t) for t in flat]]
        if sequence_length is not None:
            sequence_length = casting.cast(sequence_length, dtypes.int32)
            if sequence_length.shape.ndims not in (None, 1):
                raise ValueError(
                    "sequence_length must be a vector of length batch_size, but saw shape: "
                    f"{sequence_length.shape}"
                )
            sequence_length = identity(sequence_length, name="sequence_length")
        batch_size = steps.time_major_batch_size(flat)
        if initial_state is not None:
            state = initial_state
        else:
            if not dtype:
                raise ValueError("If there is no initial_state, you must give a dtype.")
            state = steps.initial_state(cell, batch_size, dtype)
        if sequence_length is not None:
            check = _check_shape(sequence_length, [batch_size])
            with stacks.get_default_graph().control_dependencies([check]):
                sequence_length = identity(sequence_length, name="CheckSeqLen")
        outputs, final_state = _Loop(
            cell, nest.pack_sequence_as(inputs, flat), state, sequence_length, dtype
        ).run(parallel_iterations or 32, swap_memory)
        if not time_major:
            outputs = nest.map_structure(steps.swap_batch_and_time, outputs)
        return outputs, final_state


def _check_shape(x: Tensor, shape: Sequence[Any]) -> Any:
    found = shapes.shape(x)
    wanted = arrays.stack(shape)
    return assertions.Assert(
        reductions.reduce_all(comparison.equal(found, wanted)),
        [f"Expected shape for Tensor {x.name} is ", wanted, " but saw shape: ", found],
    )


class _Loop:
    """The loop over time-major inputs."""

    def __init__(self, cell: Any, inputs: Any, state: Any, lengths: Any, dtype: Any) -> None:
        self.cell = cell
        self.inputs = inputs
        self.state = state
        self.lengths = lengths
        self.flat = nest.flatten(inputs)
        self.sizes = nest.flatten(cell.output_size)
        self.time_steps = shapes.shape(self.flat[0])[0]
        self.batch_size = steps.time_major_batch_size(self.flat)
        self.input_shapes = [t.shape.with_rank_at_least(3) for t in self.flat]
        self.static_time, self.static_batch = self._static_sizes()
        self.dtype = dtype

    def _static_sizes(self) -> tuple[Any, Any]:
        time, batch = self.input_shapes[0].as_list()[:2]
        for shape in self.input_shapes:
            if not shape[2:].is_fully_defined():
                raise ValueError(
                    "Input size (depth of inputs) must be accessible via shape inference, but saw value None."
                )
            if shape.dims[0].value != time:
                raise ValueError("Time steps is not the same for all the elements in the input in a batch.")
            if shape.dims[1].value != batch:
                raise ValueError("Batch_size is not the same for all the elements in the input.")
        return time, batch

    def _array(self, name: str, shape: TensorShape, dtype: Any) -> TensorArray:
        return TensorArray(
            dtype=dtype, size=self.time_steps, element_shape=shape, tensor_array_name=self.base_name + name
        )

    def run(self, parallel_iterations: int, swap_memory: bool) -> tuple[Any, Any]:
        self.zero_output = steps.zero_outputs(
            self.cell, self.batch_size, None, steps.state_dtype(self.dtype, self.state), keep_static=False
        )
        self.shortest: Any = None
        self.longest: Any = self.time_steps
        if self.lengths is not None:
            self.shortest = reductions.reduce_min(self.lengths)
            self.longest = reductions.reduce_max(self.lengths)
        time = constants.constant(0, dtype=dtypes.int32, name="time")
        with name_scope("dynamic_rnn") as scope:
            self.base_name = scope
        output_dtype = steps.state_dtype(self.dtype, self.state)
        targets = tuple(
            self._array(
                f"output_{i}", TensorShape([self.static_batch]).concatenate(_static_shape(size)), output_dtype
            )
            for i, size in enumerate(self.sizes)
        )
        made = [self._array(f"input_{i}", t.shape[1:], t.dtype) for i, t in enumerate(self.flat)]
        self.sources = [array.unstack(t) for array, t in zip(made, self.flat, strict=True)]
        bound = elementwise.minimum(self.time_steps, elementwise.maximum(1, self.longest))
        _, done, final_state = while_loop(
            cond=lambda time, *_: time < bound,
            body=self._step,
            loop_vars=(time, targets, self.state),
            parallel_iterations=parallel_iterations,
            maximum_iterations=self.time_steps,
            swap_memory=swap_memory,
        )
        outputs = [array.stack() for array in done]
        for output, size in zip(outputs, self.sizes, strict=True):
            output.set_shape(joined_static_shape([self.static_time, self.static_batch], size))
        return nest.pack_sequence_as(self.cell.output_size, outputs), final_state

    def _step(self, time: Any, targets: Any, state: Any) -> Any:
        rows = [array.read(time) for array in self.sources]
        for row, shape in zip(rows, self.input_shapes, strict=True):
            row.set_shape(shape[1:])
        value = nest.pack_sequence_as(self.inputs, rows)
        if self.lengths is None:
            output, new_state = self.cell(value, state)
        else:
            output, new_state = steps.masked_step(
                time, self.lengths, self.shortest, self.longest, self.zero_output, state,
                lambda: self.cell(value, state), skip_conditionals=True,
            )
        flat = nest.flatten(output)
        targets = tuple(array.write(time, out) for array, out in zip(targets, flat, strict=True))
        return time + 1, targets, new_state


def _static_shape(size: Any) -> TensorShape:
    if isinstance(size, Tensor):
        known = constant_value(size)
        return TensorShape(None if known is None else known.tolist())
    return size if isinstance(size, TensorShape) else TensorShape(size)


@export("nn.bidirectional_dynamic_rnn")
def bidirectional_dynamic_rnn(
    cell_fw: Any,
    cell_bw: Any,
    inputs: Any,
    sequence_length: Any = None,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
) -> tuple[Any, Any]:
    """Two `dynamic_rnn`s, one over the reversed inputs; returns pairs (forwards, backwards) of outputs and states."""
    check_cell("cell_fw", cell_fw)
    check_cell("cell_bw", cell_bw)
    time_axis, batch_axis = (0, 1) if time_major else (1, 0)

    def reverse(t: Any) -> Tensor:
        if sequence_length is None:
            return permuting.reverse(t, axis=[time_axis])
        return permuting.reverse_sequence(
            input=t, seq_lengths=sequence_length, seq_axis=time_axis, batch_axis=batch_axis
        )

    def run(cell: Any, given: Any, state: Any, opened: Any) -> tuple[Any, Any]:
        return dynamic_rnn(
            cell, given, sequence_length, state, dtype, parallel_iterations, swap_memory, time_major, opened
        )

    with variable_scope.variable_scope(scope or "bidirectional_rnn"):
        with variable_scope.variable_scope("fw") as opened:
            forward, state_fw = run(cell_fw, inputs, initial_state_fw, opened)
        with variable_scope.variable_scope("bw") as opened:
            found, state_bw = run(cell_bw, nest.map_structure(reverse, inputs), initial_state_bw, opened)
    return (forward, reverse(found)), (state_fw, state_bw)


@export("nn.raw_rnn")
def raw_rnn(
    cell: Any,
    loop_fn: Callable[..., Any],
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    scope: Any = None,
) -> tuple[Any, Any, Any]:
    """A loop in which `loop_fn(time, output, state, loop_state)` gives each next input, state and what is emitted.

    loop_fn returns (finished [batch], next_input, next_state, emit_output, next_loop_state); the first call gets None
    for all but time. Returns: TensorArrays of what was emitted, the final state, the final loop state.
    """
    check_cell("cell", cell)
    if not callable(loop_fn):
        raise TypeError("loop_fn must be a callable")
    with variable_scope.variable_scope(scope or "rnn") as opened:
        steps.cache_variables(opened)
        time = constants.constant(0, dtype=dtypes.int32)
        finished, next_input, initial, emit_structure, first_loop_state = loop_fn(time, None, None, None)
        loop_state = constants.constant(0, dtype=dtypes.int32) if first_loop_state is None else first_loop_state
        flat_input = nest.flatten(next_input)
        static_batch = _first_dimension(flat_input)
        batch_size = static_batch if static_batch is not None else shapes.shape(flat_input[0])[0]
        nest.assert_same_structure(initial, cell.state_size)
        state = nest.pack_sequence_as(initial, [to_tensor(s) for s in nest.flatten(initial)])
        emitted = _Emitted(cell, emit_structure, state, batch_size, static_batch)

        def body(time: Any, finished: Any, current: Any, targets: Any, state: Any, loop_state: Any) -> Any:
            output, cell_state = cell(current, state)
            nest.assert_same_structure(state, cell_state)
            nest.assert_same_structure(cell.output_size, output)
            next_time = time + 1
            now_finished, following, next_state, emit, next_loop_state = loop_fn(
                next_time, output, cell_state, loop_state
            )
            nest.assert_same_structure(state, next_state)
            nest.assert_same_structure(current, following)
            nest.assert_same_structure(targets, emit)
            loop_state = loop_state if next_loop_state is None else next_loop_state
            emit = _keep_finished(finished, emitted.zeros, emit)
            next_state = _keep_finished(finished, state, next_state)
            targets = nest.map_structure(lambda array, e: array.write(time, e), targets, emit)
            finished = comparison.logical_or(finished, now_finished)
            return next_time, finished, following, targets, next_state, loop_state

        returned = while_loop(
            lambda _, finished, *rest: comparison.logical_not(reductions.reduce_all(finished)),
            body,
            loop_vars=[time, finished, next_input, emitted.arrays, state, loop_state],
            parallel_iterations=parallel_iterations or 32,
            swap_memory=swap_memory,
        )
        targets, final_state, final_loop_state = returned[-3:]
        return targets, final_state, None if first_loop_state is None else final_loop_state


def _first_dimension(tensors: Sequence[Tensor]) -> Any:
    found = _dimension(tensors[0])
    for t in tensors:
        found.merge_with(_dimension(t))
    return found.value


def _dimension(t: Tensor) -> Dimension:
    return Dimension(None) if t.shape.dims is None else t.shape.dims[0]  # type: ignore[no-any-return]


def _keep_finished(finished: Any, current: Any, candidate: Any) -> Any:
    """`candidate` where a sequence goes on, `current` where it has finished."""

    def keep(old: Any, new: Any) -> Any:
        if steps.is_tensor_array(old) or old.shape.ndims == 0:
            return new
        with stacks.get_default_graph().colocate_with(new):
            return selecting.where(finished, old, new)

    return nest.map_structure(keep, current, candidate)


class _Emitted:
    """What raw_rnn collects: arrays, and zeros for sequences that have finished."""

    def __init__(self, cell: Any, structure: Any, state: Any, batch_size: Any, static_batch: Any) -> None:
        if structure is not None:
            flat = nest.flatten(structure)
            sizes = [e.shape if e.shape.is_fully_defined() else shapes.shape(e) for e in flat]
            types = [e.dtype for e in flat]
        else:
            structure = cell.output_size
            sizes = nest.flatten(structure)
            types = [nest.flatten(state)[0].dtype] * len(sizes)
        made = [
            TensorArray(
                dtype=dtype,
                dynamic_size=True,
                element_shape=TensorShape([static_batch]).concatenate(_static_shape(size)),
                size=0,
                name=f"rnn_output_{i}",
            )
            for i, (dtype, size) in enumerate(zip(types, sizes, strict=True))
        ]
        self.arrays = nest.pack_sequence_as(structure, made)
        zeros = [shapes.zeros(joined_shape(batch_size, s), d) for s, d in zip(sizes, types, strict=True)]
        self.zeros = nest.pack_sequence_as(structure, zeros)
