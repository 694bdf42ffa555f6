"""The basic cells: BasicRNNCell, GRUCell, BasicLSTMCell, LSTMCell, and MultiRNNCell that stacks cells.

Source: TF 1.15, python/ops/rnn_cell_impl.py.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tfcompat.framework import dtypes, nest, tf_logging
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.layers.base import BaseLayer, InputSpec
from tfcompat.ops import (
    arrays,
    bias,
    clipping,
    constants,
    elementwise,
    exponents,
    initializers,
    matmul,
    slicing,
    variable_parts,
    variable_scope,
)
from tfcompat.rnn.cell import LayerRNNCell, RNNCell, activation_function, check_float, check_inputs


def _depth(inputs_shape: Any) -> int:
    """The last dimension of the inputs. Raises ValueError where it is not known."""
    dims = TensorShape(inputs_shape[0] if isinstance(inputs_shape, list) else inputs_shape)
    last = dims.as_list()[-1]
    if last is None:
        raise ValueError(f"Expected inputs.shape[-1] to be known, saw shape: {tuple(dims.as_list())}")
    return int(last)


def _affine(inputs: list[Tensor], kernel: Any, offset: Any) -> Tensor:
    return bias.bias_add(matmul.matmul(arrays.concat(inputs, 1), kernel), offset)


@export("nn.rnn_cell.BasicRNNCell", "contrib.rnn.BasicRNNCell")
class BasicRNNCell(LayerRNNCell):
    """`output = new_state = activation([inputs, state] @ kernel + bias)`; the activation defaults to tanh."""

    def __init__(
        self,
        num_units: int,
        activation: Any = None,
        reuse: Any = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        check_float(self.dtype)
        self.input_spec = InputSpec(ndim=2)
        self._num_units = num_units
        self._activation = activation_function(activation)

    @property
    def state_size(self) -> int:
        return self._num_units

    @property
    def output_size(self) -> int:
        return self._num_units

    def build(self, inputs_shape: Any) -> None:
        depth = _depth(inputs_shape)
        check_float(self.dtype)
        n = self._num_units
        self._kernel = self.add_variable("kernel", shape=[depth + n, n])
        self._bias = self.add_variable("bias", shape=[n], initializer=initializers.Zeros(dtype=self.dtype))
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        check_inputs(inputs, state)
        output = self._activation(_affine([inputs, state], self._kernel, self._bias))
        return output, output

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(), "num_units": self._num_units, "activation": self._activation, "reuse": self._reuse,
        }


@export("nn.rnn_cell.GRUCell", "contrib.rnn.GRUCell")
class GRUCell(LayerRNNCell):
    """Gated recurrent unit: reset and update gates from one product, the candidate from another.

    Source: Cho et al. 2014, arXiv:1406.1078; variables as in TF 1.15.
    """

    def __init__(
        self,
        num_units: int,
        activation: Any = None,
        reuse: Any = None,
        kernel_initializer: Any = None,
        bias_initializer: Any = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        check_float(self.dtype)
        self.input_spec = InputSpec(ndim=2)
        self._num_units = num_units
        self._activation = activation_function(activation)
        self._kernel_initializer = initializer_of(kernel_initializer)
        self._bias_initializer = initializer_of(bias_initializer)

    @property
    def state_size(self) -> int:
        return self._num_units

    @property
    def output_size(self) -> int:
        return self._num_units

    def build(self, inputs_shape: Any) -> None:
        depth = _depth(inputs_shape)
        check_float(self.dtype)
        n = self._num_units
        given = self._bias_initializer
        ones = initializers.Constant(1.0, dtype=self.dtype) if given is None else given
        self._gate_kernel = self.add_variable(
            "gates/kernel", shape=[depth + n, 2 * n], initializer=self._kernel_initializer
        )
        self._gate_bias = self.add_variable("gates/bias", shape=[2 * n], initializer=ones)
        self._candidate_kernel = self.add_variable(
            "candidate/kernel", shape=[depth + n, n], initializer=self._kernel_initializer
        )
        zeros = initializers.Zeros(dtype=self.dtype) if given is None else given
        self._candidate_bias = self.add_variable("candidate/bias", shape=[n], initializer=zeros)
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        check_inputs(inputs, state)
        gates = exponents.sigmoid(_affine([inputs, state], self._gate_kernel, self._gate_bias))
        reset, update = arrays.split(value=gates, num_or_size_splits=2, axis=1)
        kept = reset * state
        candidate = self._activation(_affine([inputs, kept], self._candidate_kernel, self._candidate_bias))
        new = update * state + (1 - update) * candidate
        return new, new

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_units": self._num_units,
            "kernel_initializer": self._kernel_initializer,
            "bias_initializer": self._bias_initializer,
            "activation": self._activation,
            "reuse": self._reuse,
        }


class _LSTMStateTuple(NamedTuple):
    c: Any
    h: Any


@export("nn.rnn_cell.LSTMStateTuple", "contrib.rnn.LSTMStateTuple")
class LSTMStateTuple(_LSTMStateTuple):
    """The state of an LSTM cell: memory `c` and output `h`."""

    __slots__ = ()

    @property
    def dtype(self) -> Any:
        c, h = self
        if c.dtype != h.dtype:
            raise TypeError(f"Inconsistent internal state: {c.dtype} vs {h.dtype}")
        return c.dtype


def _warn_joined_state(cell: Any) -> None:
    tf_logging.warn(
        "%s: Using a concatenated state is slower and will soon be deprecated.  Use state_is_tuple=True.", cell
    )


@export("nn.rnn_cell.BasicLSTMCell", "contrib.rnn.BasicLSTMCell")
class BasicLSTMCell(LayerRNNCell):
    """LSTM without peepholes, clipping or projection; `forget_bias` is added to the forget gate.

    Source: Zaremba et al. 2014, arXiv:1409.2329; gates in TF's order i, j, f, o.
    """

    def __init__(
        self,
        num_units: int,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Any = None,
        reuse: Any = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        check_float(self.dtype)
        if not state_is_tuple:
            _warn_joined_state(self)
        self.input_spec = InputSpec(ndim=2)
        self._num_units = num_units
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple
        self._activation = activation_function(activation)

    @property
    def state_size(self) -> Any:
        n = self._num_units
        return LSTMStateTuple(n, n) if self._state_is_tuple else 2 * n

    @property
    def output_size(self) -> int:
        return self._num_units

    def build(self, inputs_shape: Any) -> None:
        depth = _depth(inputs_shape)
        check_float(self.dtype)
        n = self._num_units
        self._kernel = self.add_variable("kernel", shape=[depth + n, 4 * n])
        self._bias = self.add_variable(
            "bias", shape=[4 * n], initializer=initializers.Zeros(dtype=self.dtype)
        )
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        check_inputs(inputs, state)
        axis = constants.constant(1, dtype=dtypes.int32)
        c, h = state if self._state_is_tuple else arrays.split(value=state, num_or_size_splits=2, axis=axis)
        gates = _affine([inputs, h], self._kernel, self._bias)
        i, j, f, o = arrays.split(value=gates, num_or_size_splits=4, axis=axis)
        forget_bias = constants.constant(self._forget_bias, dtype=f.dtype)
        add, multiply, sigmoid = elementwise.add, elementwise.multiply, exponents.sigmoid
        new_c = add(
            multiply(c, sigmoid(add(f, forget_bias))), multiply(sigmoid(i), self._activation(j))
        )
        new_h = multiply(self._activation(new_c), sigmoid(o))
        if self._state_is_tuple:
            return new_h, LSTMStateTuple(new_c, new_h)
        return new_h, arrays.concat([new_c, new_h], 1)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_units": self._num_units,
            "forget_bias": self._forget_bias,
            "state_is_tuple": self._state_is_tuple,
            "activation": self._activation,
            "reuse": self._reuse,
        }


@export("nn.rnn_cell.LSTMCell", "contrib.rnn.LSTMCell")
class LSTMCell(LayerRNNCell):
    """LSTM with optional peepholes, cell clipping and a projection of the output.

    Source: Sak et al. 2014, https://research.google.com/pubs/archive/43905.pdf; variables as in TF 1.15.
    """

    def __init__(
        self,
        num_units: int,
        use_peepholes: bool = False,
        cell_clip: float | None = None,
        initializer: Any = None,
        num_proj: int | None = None,
        proj_clip: float | None = None,
        num_unit_shards: int | None = None,
        num_proj_shards: int | None = None,
        forget_bias: float = 1.0,
        state_is_tuple: bool = True,
        activation: Any = None,
        reuse: Any = None,
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **kwargs)
        check_float(self.dtype)
        if not state_is_tuple:
            _warn_joined_state(self)
        if num_unit_shards is not None or num_proj_shards is not None:
            tf_logging.warn(
                "%s: The num_unit_shards and proj_unit_shards parameters are deprecated and will be removed in Jan "
                "2017.  Use a variable scope with a partitioner instead.",
                self,
            )
        self.input_spec = InputSpec(ndim=2)
        self._num_units = num_units
        self._use_peepholes = use_peepholes
        self._cell_clip = cell_clip
        self._initializer = initializer_of(initializer)
        self._num_proj = num_proj
        self._proj_clip = proj_clip
        self._num_unit_shards = num_unit_shards
        self._num_proj_shards = num_proj_shards
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple
        self._activation = activation_function(activation)
        self._output_size = num_proj or num_units
        out = self._output_size
        self._state_size: Any = LSTMStateTuple(num_units, out) if state_is_tuple else num_units + out

    @property
    def state_size(self) -> Any:
        return self._state_size

    @property
    def output_size(self) -> int:
        return self._output_size

    def build(self, inputs_shape: Any) -> None:
        depth = _depth(inputs_shape)
        check_float(self.dtype)
        n = self._num_units
        previous = n if self._num_proj is None else self._num_proj
        self._kernel = self.add_variable(
            "kernel", shape=[depth + previous, 4 * n], initializer=self._initializer,
            partitioner=_shards(self._num_unit_shards),
        )
        zeros: Any = initializers.Zeros
        self._bias = self.add_variable(
            "bias", shape=[4 * n], initializer=zeros if self.dtype is None else zeros(dtype=self.dtype)
        )
        if self._use_peepholes:
            self._w_f_diag = self.add_variable("w_f_diag", shape=[n], initializer=self._initializer)
            self._w_i_diag = self.add_variable("w_i_diag", shape=[n], initializer=self._initializer)
            self._w_o_diag = self.add_variable("w_o_diag", shape=[n], initializer=self._initializer)
        if self._num_proj is not None:
            self._proj_kernel = self.add_variable(
                "projection/kernel", shape=[n, self._num_proj], initializer=self._initializer,
                partitioner=_shards(self._num_proj_shards),
            )
        self.built = True

    def call(self, inputs: Any, state: Any) -> Any:
        check_inputs(inputs, state)
        sigmoid = exponents.sigmoid
        if self._state_is_tuple:
            c_before, m_before = state
        else:
            n = self._num_units
            c_before = slicing.slice(state, [0, 0], [-1, n])
            m_before = slicing.slice(state, [0, n], [-1, self._num_proj or n])
        if inputs.shape.with_rank(2).dims[1].value is None:
            raise ValueError("Could not infer input size from inputs.get_shape()[-1]")
        gates = _affine([inputs, m_before], self._kernel, self._bias)
        i, j, f, o = arrays.split(value=gates, num_or_size_splits=4, axis=1)
        if self._use_peepholes:
            kept = sigmoid(f + self._forget_bias + self._w_f_diag * c_before) * c_before
            c = kept + sigmoid(i + self._w_i_diag * c_before) * self._activation(j)
        else:
            c = sigmoid(f + self._forget_bias) * c_before + sigmoid(i) * self._activation(j)
        if self._cell_clip is not None:
            c = clipping.clip_by_value(c, -self._cell_clip, self._cell_clip)
        if self._use_peepholes:
            m = sigmoid(o + self._w_o_diag * c) * self._activation(c)
        else:
            m = sigmoid(o) * self._activation(c)
        if self._num_proj is not None:
            m = matmul.matmul(m, self._proj_kernel)
            if self._proj_clip is not None:
                m = clipping.clip_by_value(m, -self._proj_clip, self._proj_clip)
        return m, LSTMStateTuple(c, m) if self._state_is_tuple else arrays.concat([c, m], 1)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "num_units": self._num_units,
            "use_peepholes": self._use_peepholes,
            "cell_clip": self._cell_clip,
            "initializer": self._initializer,
            "num_proj": self._num_proj,
            "proj_clip": self._proj_clip,
            "num_unit_shards": self._num_unit_shards,
            "num_proj_shards": self._num_proj_shards,
            "forget_bias": self._forget_bias,
            "state_is_tuple": self._state_is_tuple,
            "activation": self._activation,
            "reuse": self._reuse,
        }


def _shards(count: int | None) -> Any:
    return None if count is None else variable_parts.fixed_size_partitioner(count)


def initializer_of(given: Any) -> Any:
    """An initializer by object or by the name of its class. Raises ValueError for an unknown name."""
    if not isinstance(given, str):
        return given
    camel = "".join(part.title() for part in given.split("_"))
    for name in (given, camel, f"{given}_initializer"):
        found = getattr(initializers, name, None)
        if found is not None:
            return found()
    raise ValueError(f"Unknown initializer:{given}")


@export("nn.rnn_cell.MultiRNNCell", "contrib.rnn.MultiRNNCell")
class MultiRNNCell(RNNCell):
    """Cells stacked: the output of each is the input of the next; the states form a tuple.

    Raises: ValueError for no cells, or cells with tuple states when `state_is_tuple` is off; TypeError for no sequence.
    """

    def __init__(self, cells: Any, state_is_tuple: bool = True) -> None:
        super().__init__()
        if not cells:
            raise ValueError("Must specify at least one cell for MultiRNNCell.")
        if not nest.is_sequence(cells):
            raise TypeError(f"cells must be a list or tuple, but saw: {cells}.")
        if len({id(cell) for cell in cells}) < len(cells):
            tf_logging.log_first_n(
                tf_logging.WARN,
                "At least two cells provided to MultiRNNCell are the same object and will share weights.",
                1,
            )
        self._cells = cells
        self._state_is_tuple = state_is_tuple
        if not state_is_tuple and any(nest.is_sequence(c.state_size) for c in cells):
            raise ValueError(
                "Some cells return tuples of states, but the flag state_is_tuple is not set.  State sizes are: "
                f"{[c.state_size for c in cells]}"
            )

    @property
    def state_size(self) -> Any:
        sizes = [cell.state_size for cell in self._cells]
        return tuple(sizes) if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> Any:
        return self._cells[-1].output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        with name_scope(type(self).__name__ + "ZeroState", values=[batch_size]):
            if self._state_is_tuple:
                return tuple(cell.zero_state(batch_size, dtype) for cell in self._cells)
            return super().zero_state(batch_size, dtype)

    def _of_cells(self, which: str) -> list[Any]:
        return [w for cell in self._cells if isinstance(cell, BaseLayer) for w in getattr(cell, which)]

    @property
    def trainable_weights(self) -> list[Any]:
        return self._of_cells("trainable_weights") if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Any]:
        fixed = self._of_cells("non_trainable_weights")
        return fixed if self.trainable else self._of_cells("trainable_weights") + fixed

    def call(self, inputs: Any, state: Any) -> Any:
        current = inputs
        at = 0
        new_states = []
        for i, cell in enumerate(self._cells):
            with variable_scope.variable_scope(f"cell_{i}"):
                if self._state_is_tuple:
                    if not nest.is_sequence(state):
                        raise ValueError(
                            f"Expected state to be a tuple of length {len(self.state_size)}, but received: {state}"
                        )
                    before = state[i]
                else:
                    before = slicing.slice(state, [0, at], [-1, cell.state_size])
                    at += cell.state_size
                current, new_state = cell(current, before)
                new_states.append(new_state)
        return current, tuple(new_states) if self._state_is_tuple else arrays.concat(new_states, 1)
