"""Cells around cells: dropout, residual connections, placement on a device.

Source: TF 1.15, python/ops/rnn_cell_wrapper_impl.py.
"""

from __future__ import annotations

import hashlib
import itertools
import numbers
from collections.abc import Callable
from typing import Any

from tfcompat.framework import nest, scopes
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, dropout, elementwise, random
from tfcompat.rnn.cell import RNNCell, check_cell
from tfcompat.rnn.cells import LSTMStateTuple


class _Wrapper(RNNCell):
    """A cell that calls another one and changes what goes in or comes out."""

    def __init__(self, cell: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        check_cell("cell", cell)
        self.cell = cell

    @property
    def state_size(self) -> Any:
        return self.cell.state_size

    @property
    def output_size(self) -> Any:
        return self.cell.output_size

    @property
    def wrapped_cell(self) -> Any:
        return self.cell

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        with name_scope(type(self).__name__ + "ZeroState", values=[batch_size]):
            return self._zero_state(batch_size, dtype)

    def _zero_state(self, batch_size: Any, dtype: Any) -> Any:
        return self.cell.zero_state(batch_size, dtype)

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        return self._call_cell(inputs, state, lambda i, s: self.cell.__call__(i, s, scope=scope))

    def _call_cell(self, inputs: Any, state: Any, call: Callable[[Any, Any], Any]) -> Any:
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        inner = {"class_name": type(self.cell).__name__, "config": self.cell.get_config()}
        return {**super().get_config(), "cell": inner}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        config = dict(config)
        cell = config.pop("cell")
        try:
            check_cell("cell", cell)
            return cls(cell, **config)
        except TypeError:
            raise ValueError(
                "RNNCellWrapper cannot reconstruct the wrapped cell. Please overwrite the cell in the config with a "
                "RNNCell instance."
            ) from None


def _numbered_map(shallow: Any, fn: Callable[..., Any], *structures: Any) -> Any:
    """`map_structure_up_to` whose function gets the number of the leaf first."""
    count = itertools.count()
    return nest.map_structure_up_to(shallow, lambda *leaves: fn(next(count), *leaves), *structures)


def _default_state_filter(part: Any) -> Any:
    """State dropout leaves the memory of an LSTM alone, and TensorArrays."""
    if isinstance(part, LSTMStateTuple):
        return LSTMStateTuple(c=False, h=True)
    return not getattr(part, "_is_tensor_array", False)


@export("nn.rnn_cell.DropoutWrapper", "contrib.rnn.DropoutWrapper")
class DropoutWrapper(_Wrapper):
    """Dropout on the inputs, the outputs and the state of a cell.

    variational_recurrent: the same mask at every step of a run (then dtype is needed, and input_size for inputs).
    Raises: ValueError for a probability outside 0..1.
    """

    def __init__(
        self,
        cell: Any,
        input_keep_prob: Any = 1.0,
        output_keep_prob: Any = 1.0,
        state_keep_prob: Any = 1.0,
        variational_recurrent: bool = False,
        input_size: Any = None,
        dtype: Any = None,
        seed: int | None = None,
        dropout_state_filter_visitor: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(cell, dtype=dtype, **kwargs)
        if dropout_state_filter_visitor is not None and not callable(dropout_state_filter_visitor):
            raise TypeError("dropout_state_filter_visitor must be callable")
        self._dropout_state_filter = dropout_state_filter_visitor or _default_state_filter
        with name_scope("DropoutWrapperInit"):
            self._input_keep_prob = _probability(input_keep_prob, "input_keep_prob")
            self._state_keep_prob = _probability(state_keep_prob, "state_keep_prob")
            self._output_keep_prob = _probability(output_keep_prob, "output_keep_prob")
        self._variational_recurrent = variational_recurrent
        self._input_size = input_size
        self._seed = seed
        self._recurrent_input_noise: Any = None
        self._recurrent_state_noise: Any = None
        self._recurrent_output_noise: Any = None
        if variational_recurrent:
            self._make_noise(dtype)

    def _make_noise(self, dtype: Any) -> None:
        if dtype is None:
            raise ValueError("When variational_recurrent=True, dtype must be provided")

        def noise(size: Any, salt: str) -> Any:
            def one(i: int, s: Any) -> Tensor:
                shape = arrays.concat(([1], TensorShape(s).as_list()), 0)
                return random.random_uniform(shape, seed=self._gen_seed(salt, i), dtype=dtype)

            return _numbered_map(size, one, size)

        keep = self._input_keep_prob
        if not isinstance(keep, numbers.Real) or keep < 1.0:
            if self._input_size is None:
                raise ValueError(
                    "When variational_recurrent=True and input_keep_prob < 1.0 or is unknown, input_size must be "
                    "provided"
                )
            self._recurrent_input_noise = noise(self._input_size, "input")
        self._recurrent_state_noise = noise(self.cell.state_size, "state")
        self._recurrent_output_noise = noise(self.cell.output_size, "output")

    def _gen_seed(self, salt_prefix: str, index: int) -> int | None:
        """A seed for each use, from the wrapper's seed."""
        if self._seed is None:
            return None
        text = f"{self._seed}{salt_prefix}_{index}"
        return int(hashlib.md5(text.encode("utf-8")).hexdigest()[:8], 16) & 0x7FFFFFFF

    def _dropout(self, value: Any, salt: str, noise: Any, keep: Any, where: Any = None) -> Any:
        where = value if where is None else where

        def fresh(i: int, wanted: Any, v: Any) -> Any:
            if isinstance(wanted, bool) and not wanted:
                return v
            return dropout.dropout_v2(v, rate=1.0 - keep, seed=self._gen_seed(salt, i))

        def same_mask(i: int, wanted: Any, v: Any, n: Any) -> Any:
            if isinstance(wanted, bool) and not wanted:
                return v
            mask = elementwise.floor(keep + n)
            made = elementwise.div(v, keep) * mask
            made.set_shape(v.shape)
            return made

        if self._variational_recurrent:
            return _numbered_map(where, same_mask, where, value, noise)
        return _numbered_map(where, fresh, where, value)

    def _call_cell(self, inputs: Any, state: Any, call: Callable[[Any, Any], Any]) -> Any:
        if _drops(self._input_keep_prob):
            inputs = self._dropout(inputs, "input", self._recurrent_input_noise, self._input_keep_prob)
        output, new_state = call(inputs, state)
        if _drops(self._state_keep_prob):
            where = nest.get_traverse_shallow_structure(self._dropout_state_filter, new_state)
            new_state = self._dropout(
                new_state, "state", self._recurrent_state_noise, self._state_keep_prob, where
            )
        if _drops(self._output_keep_prob):
            output = self._dropout(output, "output", self._recurrent_output_noise, self._output_keep_prob)
        return output, new_state

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "input_keep_prob": self._input_keep_prob,
            "output_keep_prob": self._output_keep_prob,
            "state_keep_prob": self._state_keep_prob,
            "variational_recurrent": self._variational_recurrent,
            "input_size": self._input_size,
            "seed": self._seed,
        }


def _probability(value: Any, name: str) -> Any:
    """A number where it is known, else the tensor. Raises ValueError outside 0..1."""
    tensor = to_tensor(value)
    known = constant_value(tensor)
    if known is None:
        return tensor
    if known < 0 or known > 1:
        raise ValueError(f"Parameter {name} must be between 0 and 1: {int(known)}")
    return float(known)


def _drops(keep: Any) -> bool:
    return not isinstance(keep, float) or keep < 1


@export("nn.rnn_cell.ResidualWrapper", "contrib.rnn.ResidualWrapper")
class ResidualWrapper(_Wrapper):
    """Adds a cell's inputs to its outputs, or combines them by `residual_fn(inputs, outputs)`."""

    def __init__(self, cell: Any, residual_fn: Any = None, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self._residual_fn = residual_fn

    def _call_cell(self, inputs: Any, state: Any, call: Callable[[Any, Any], Any]) -> Any:
        outputs, new_state = call(inputs, state)
        return (self._residual_fn or _add_inputs)(inputs, outputs), new_state

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "residual_fn": self._residual_fn}


def _add_inputs(inputs: Any, outputs: Any) -> Any:
    nest.assert_same_structure(inputs, outputs)
    nest.map_structure(lambda i, o: i.shape.assert_is_compatible_with(o.shape), inputs, outputs)
    return nest.map_structure(lambda i, o: i + o, inputs, outputs)


@export("nn.rnn_cell.DeviceWrapper", "contrib.rnn.DeviceWrapper")
class DeviceWrapper(_Wrapper):
    """Runs a cell on a device."""

    def __init__(self, cell: Any, device: Any, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self._device = device

    def _zero_state(self, batch_size: Any, dtype: Any) -> Any:
        with scopes.device(self._device):
            return self.cell.zero_state(batch_size, dtype)

    def _call_cell(self, inputs: Any, state: Any, call: Callable[[Any, Any], Any]) -> Any:
        with scopes.device(self._device):
            return call(inputs, state)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "device": self._device}
