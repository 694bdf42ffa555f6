"""tf.contrib.rnn's own cells and wrappers, and its stacked bidirectional recurrences.

Source: TF 1.15, contrib/rnn/python/ops/rnn_cell.py, core_rnn_cell.py, rnn.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.contrib import normalizing
from tfcompat.framework import dtypes, nest, scopes, tf_logging
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    activations,
    arrays,
    bias,
    constants,
    dropout,
    embedding,
    exponents,
    initializers,
    matmul,
    shapes,
    variable_scope,
)
from tfcompat.rnn.cell import LayerRNNCell, RNNCell, check_cell
from tfcompat.rnn.cells import LSTMStateTuple
from tfcompat.rnn.dynamic import bidirectional_dynamic_rnn
from tfcompat.rnn.static import static_bidirectional_rnn


@export("contrib.rnn.LayerNormBasicLSTMCell")
class LayerNormBasicLSTMCell(RNNCell):
    """LSTM with layer normalization of gates and state, and dropout of the candidate that keeps memory alive.

    Source: Ba et al. 2016, arXiv:1607.06450; Semeniuta et al. 2016, arXiv:1603.05118.
    """

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        input_size: Any = None,
        activation: Callable[[Any], Tensor] = exponents.tanh,
        layer_norm: bool = True,
        norm_gain: float = 1.0,
        norm_shift: float = 0.0,
        dropout_keep_prob: Any = 1.0,
        dropout_prob_seed: int | None = None,
        reuse: Any = None,
    ) -> None:
        super().__init__(_reuse=reuse)
        if input_size is not None:
            tf_logging.warn("%s: The input_size parameter is deprecated.", self)
        self._num_units = num_units
        self._activation = activation
        self._forget_bias = forget_bias
        self._keep_prob = dropout_keep_prob
        self._seed = dropout_prob_seed
        self._layer_norm = layer_norm
        self._norm_gain = norm_gain
        self._norm_shift = norm_shift

    @property
    def state_size(self) -> LSTMStateTuple:
        return LSTMStateTuple(self._num_units, self._num_units)

    @property
    def output_size(self) -> int:
        return self._num_units

    def _norm(self, value: Tensor, scope: str) -> Tensor:
        size = value.shape[-1:]
        gain, shift = initializers.Constant(self._norm_gain), initializers.Constant(self._norm_shift)
        with variable_scope.variable_scope(scope):
            variable_scope.get_variable("gamma", shape=size, initializer=gain, dtype=value.dtype)
            variable_scope.get_variable("beta", shape=size, initializer=shift, dtype=value.dtype)
        return normalizing.layer_norm(value, reuse=True, scope=scope)

    def _gates(self, joined: Tensor) -> Tensor:
        size = 4 * self._num_units
        kernel = variable_scope.get_variable("kernel", [joined.shape[-1], size], dtype=joined.dtype)
        out = matmul.matmul(joined, kernel)
        if self._layer_norm:
            return out
        return bias.bias_add(out, variable_scope.get_variable("bias", [size], dtype=joined.dtype))

    def call(self, inputs: Any, state: Any) -> Any:
        c, h = state
        gates = self._gates(arrays.concat([inputs, h], 1))
        i, j, f, o = arrays.split(value=gates, num_or_size_splits=4, axis=1)
        if self._layer_norm:
            i, j = self._norm(i, "input"), self._norm(j, "transform")
            f, o = self._norm(f, "forget"), self._norm(o, "output")
        g = self._activation(j)
        if not isinstance(self._keep_prob, float) or self._keep_prob < 1:
            g = dropout.dropout(g, self._keep_prob, seed=self._seed)
        new_c = c * exponents.sigmoid(f + self._forget_bias) + exponents.sigmoid(i) * g
        if self._layer_norm:
            new_c = self._norm(new_c, "state")
        new_h = self._activation(new_c) * exponents.sigmoid(o)
        return new_h, LSTMStateTuple(new_c, new_h)


@export("contrib.rnn.NASCell")
class NASCell(LayerRNNCell):
    """The cell that architecture search found.

    Source: Zoph and Le 2016, arXiv:1611.01578.
    """

    def __init__(
        self, num_units: int, num_proj: int | None = None, use_bias: bool = False, reuse: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(_reuse=reuse, **kwargs)
        self._num_units = num_units
        self._num_proj = num_proj
        self._use_bias = use_bias
        self._output_size = num_units if num_proj is None else num_proj

    @property
    def state_size(self) -> LSTMStateTuple:
        return LSTMStateTuple(self._num_units, self._output_size)

    @property
    def output_size(self) -> int:
        return self._output_size

    def build(self, inputs_shape: Any) -> None:
        size = TensorShape(inputs_shape).with_rank(2).dims[1].value
        if size is None:
            raise ValueError("Could not infer input size from inputs.get_shape()[-1]")
        gates = 8 * self._num_units
        self.recurrent_kernel = self.add_variable("recurrent_kernel", [self._output_size, gates])
        self.kernel = self.add_variable("kernel", [size, gates])
        if self._use_bias:
            self.bias = self.add_variable("bias", shape=[gates], initializer=initializers.Zeros)
        if self._num_proj is not None:
            self.projection_weights = self.add_variable("projection_weights", [self._num_units, self._num_proj])
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        sigmoid, tanh, relu = exponents.sigmoid, exponents.tanh, activations.relu
        c_before, m_before = state
        from_state = matmul.matmul(m_before, self.recurrent_kernel)
        from_inputs = matmul.matmul(inputs, self.kernel)
        if self._use_bias:
            from_state = bias.bias_add(from_state, self.bias)
        m = arrays.split(axis=1, num_or_size_splits=8, value=from_state)
        x = arrays.split(axis=1, num_or_size_splits=8, value=from_inputs)
        first = [
            sigmoid(x[0] + m[0]), relu(x[1] + m[1]), sigmoid(x[2] + m[2]), relu(x[3] * m[3]),
            tanh(x[4] + m[4]), sigmoid(x[5] + m[5]), tanh(x[6] + m[6]), sigmoid(x[7] + m[7]),
        ]
        left, right = tanh(first[0] * first[1]), tanh(first[2] + first[3])
        other, last = tanh(first[4] * first[5]), sigmoid(first[6] + first[7])
        left = tanh(left + c_before)
        new_c = left * right
        new_m = tanh(new_c * tanh(other + last))
        if self._num_proj is not None:
            new_m = matmul.matmul(new_m, self.projection_weights)
        return new_m, LSTMStateTuple(new_c, new_m)


# --- projections and embeddings around a cell ------------------------------------------------------------------


class Linear:
    """`args @ kernel + bias` with variables made on first use in the current variable scope."""

    def __init__(
        self,
        args: Any,
        output_size: int,
        build_bias: bool,
        bias_initializer: Any = None,
        kernel_initializer: Any = None,
    ) -> None:
        self._several = nest.is_sequence(args)
        given = list(args) if self._several else [args]
        if not given or given[0] is None:
            raise ValueError("`args` must be specified")
        sizes = [a.shape for a in given]
        total = 0
        for size in sizes:
            if size.ndims != 2:
                raise ValueError(f"linear is expecting 2D arguments: {sizes}")
            if size.dims[1].value is None:
                raise ValueError(
                    f"linear expects shape[1] to be provided for shape {size}, but saw {size[1]}"
                )
            total += size.dims[1].value
        dtype = given[0].dtype
        with variable_scope.variable_scope(variable_scope.get_variable_scope()) as outer:
            self._weights = variable_scope.get_variable(
                "kernel", [total, output_size], dtype=dtype, initializer=kernel_initializer
            )
            self._biases = None
            if build_bias:
                with variable_scope.variable_scope(outer) as inner:
                    inner.set_partitioner(None)
                    if bias_initializer is None:
                        bias_initializer = initializers.Constant(0.0, dtype=dtype)
                    self._biases = variable_scope.get_variable(
                        "bias", [output_size], dtype=dtype, initializer=bias_initializer
                    )

    def __call__(self, args: Any) -> Tensor:
        given = list(args) if self._several else [args]
        if len(given) == 1:
            out = matmul.matmul(given[0], self._weights)
        else:
            axis = constants.constant(1, dtype=dtypes.int32)
            out = matmul.matmul(arrays.concat(given, axis), self._weights)
        return out if self._biases is None else bias.bias_add(out, self._biases)


class _Around(RNNCell):
    """A cell around a cell, which keeps its state."""

    def __init__(self, cell: Any, reuse: Any) -> None:
        super().__init__(_reuse=reuse)
        check_cell("cell", cell)
        self._cell = cell

    @property
    def state_size(self) -> Any:
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        with name_scope(type(self).__name__ + "ZeroState", values=[batch_size]):
            return self._cell.zero_state(batch_size, dtype)


@export("contrib.rnn.InputProjectionWrapper")
class InputProjectionWrapper(_Around):
    """A linear layer of `num_proj` units before a cell."""

    def __init__(
        self, cell: Any, num_proj: int, activation: Any = None, input_size: Any = None, reuse: Any = None
    ) -> None:
        super().__init__(cell, reuse)
        if input_size is not None:
            tf_logging.warn("%s: The input_size parameter is deprecated.", self)
        self._num_proj = num_proj
        self._activation = activation
        self._linear: Linear | None = None

    def call(self, inputs: Any, state: Any) -> Any:
        if self._linear is None:
            self._linear = Linear(inputs, self._num_proj, True)
        projected = self._linear(inputs)
        return self._cell(self._activation(projected) if self._activation else projected, state)


@export("contrib.rnn.OutputProjectionWrapper")
class OutputProjectionWrapper(_Around):
    """A linear layer of `output_size` units after a cell."""

    def __init__(self, cell: Any, output_size: int, activation: Any = None, reuse: Any = None) -> None:
        super().__init__(cell, reuse)
        if output_size < 1:
            raise ValueError(f"Parameter output_size must be > 0: {output_size}.")
        self._projected_size = output_size
        self._activation = activation
        self._linear: Linear | None = None

    @property
    def output_size(self) -> int:
        return self._projected_size

    def call(self, inputs: Any, state: Any) -> Any:
        output, new_state = self._cell(inputs, state)
        if self._linear is None:
            self._linear = Linear(output, self._projected_size, True)
        projected = self._linear(output)
        return self._activation(projected) if self._activation else projected, new_state


@export("contrib.rnn.EmbeddingWrapper")
class EmbeddingWrapper(_Around):
    """Looks up the inputs, numbers of symbols, in an embedding that is a variable of the cell."""

    def __init__(
        self, cell: Any, embedding_classes: int, embedding_size: int, initializer: Any = None, reuse: Any = None
    ) -> None:
        super().__init__(cell, reuse)
        if embedding_classes <= 0 or embedding_size <= 0:
            raise ValueError(
                f"Both embedding_classes and embedding_size must be > 0: {embedding_classes}, {embedding_size}."
            )
        self._embedding_classes = embedding_classes
        self._embedding_size = embedding_size
        self._initializer = initializer

    def call(self, inputs: Any, state: Any) -> Any:
        with scopes.device("/cpu:0"):
            initializer = self._initializer or variable_scope.get_variable_scope().initializer
            if not initializer:
                bound = math.sqrt(3)
                initializer = initializers.RandomUniform(-bound, bound)
            table = variable_scope.get_variable(
                "embedding",
                [self._embedding_classes, self._embedding_size],
                initializer=initializer,
                dtype=state[0].dtype if isinstance(state, tuple) else state.dtype,
            )
            return self._cell(embedding.embedding_lookup(table, shapes.reshape(inputs, [-1])), state)


# --- stacks ----------------------------------------------------------------------------------------------------


def _check_stack(cells_fw: Any, cells_bw: Any, states_fw: Any, states_bw: Any) -> None:
    for cells, short in ((cells_fw, "fw"), (cells_bw, "bw")):
        if not cells:
            raise ValueError(f"Must specify at least one {short} cell for BidirectionalRNN.")
    for cells, short in ((cells_fw, "fw"), (cells_bw, "bw")):
        if not isinstance(cells, list):
            raise ValueError(f"cells_{short} must be a list of RNNCells (one per layer).")
    if len(cells_fw) != len(cells_bw):
        raise ValueError("Forward and Backward cells must have the same depth.")
    for states, short in ((states_fw, "fw"), (states_bw, "bw")):
        if states is not None and (not isinstance(states, list) or len(states) != len(cells_fw)):
            raise ValueError(f"initial_states_{short} must be a list of state tensors (one per layer).")


def _stack(
    scope: Any,
    cells: Sequence[tuple[Any, Any]],
    states: Sequence[tuple[Any, Any]],
    inputs: Any,
    layer: Callable[..., tuple[Any, Any, Any]],
) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:
    current = inputs
    ends: list[tuple[Any, Any]] = []
    with variable_scope.variable_scope(scope or "stack_bidirectional_rnn"):
        for i, (pair, begin) in enumerate(zip(cells, states, strict=True)):
            with variable_scope.variable_scope(f"cell_{i}") as opened:
                current, forward, backward = layer(*pair, current, *begin, opened)
            ends.append((forward, backward))
    return current, tuple(e[0] for e in ends), tuple(e[1] for e in ends)


def _pairs(fw: Any, bw: Any, n: int) -> list[tuple[Any, Any]]:
    return list(zip(fw or [None] * n, bw or [None] * n, strict=True))


@export("contrib.rnn.stack_bidirectional_rnn")
def stack_bidirectional_rnn(
    cells_fw: Any,
    cells_bw: Any,
    inputs: Any,
    initial_states_fw: Any = None,
    initial_states_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> tuple[Any, Any, Any]:
    """Layers of `static_bidirectional_rnn`, each over the joined outputs of the one before."""
    _check_stack(cells_fw, cells_bw, initial_states_fw, initial_states_bw)

    def layer(fw: Any, bw: Any, given: Any, state_fw: Any, state_bw: Any, opened: Any) -> Any:
        return static_bidirectional_rnn(fw, bw, given, state_fw, state_bw, dtype, sequence_length, opened)

    states = _pairs(initial_states_fw, initial_states_bw, len(cells_fw))
    return _stack(scope, _pairs(cells_fw, cells_bw, 0), states, inputs, layer)


@export("contrib.rnn.stack_bidirectional_dynamic_rnn")
def stack_bidirectional_dynamic_rnn(
    cells_fw: Any,
    cells_bw: Any,
    inputs: Any,
    initial_states_fw: Any = None,
    initial_states_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    parallel_iterations: int | None = None,
    time_major: bool = False,
    scope: Any = None,
    swap_memory: bool = False,
) -> tuple[Any, Any, Any]:
    """Layers of `bidirectional_dynamic_rnn`, each over the joined outputs of the one before."""
    _check_stack(cells_fw, cells_bw, initial_states_fw, initial_states_bw)

    def layer(fw: Any, bw: Any, given: Any, state_fw: Any, state_bw: Any, _: Any) -> Any:
        outputs, (end_fw, end_bw) = bidirectional_dynamic_rnn(
            fw, bw, given, sequence_length, state_fw, state_bw, dtype, parallel_iterations, swap_memory, time_major
        )
        return arrays.concat(outputs, 2), end_fw, end_bw

    states = _pairs(initial_states_fw, initial_states_bw, len(cells_fw))
    return _stack(scope, _pairs(cells_fw, cells_bw, 0), states, inputs, layer)
