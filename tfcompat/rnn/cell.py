"""RNNCell: what all cells are, and what is checked of things used as cells.

Source: TF 1.15, python/ops/rnn_cell_impl.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.framework import conversion, dtypes, nest
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.layers.base import Layer
from tfcompat.ops import activations, arrays, constants, exponents, shapes, variable_parts, variable_scope, variables


def _has(obj: Any, name: str) -> bool:
    try:
        getattr(obj, name)
    except AttributeError:
        return False
    return True


def check_cell(argument: str, cell: Any) -> None:
    """Raises TypeError, with what is missing, unless `cell` can be used as a cell."""
    wanted = (
        (_has(cell, "output_size"), "'output_size' property is missing"),
        (_has(cell, "state_size"), "'state_size' property is missing"),
        (
            _has(cell, "get_initial_state") or _has(cell, "zero_state"),
            "either 'zero_state' or 'get_initial_state' method is required",
        ),
        (callable(cell), "is not callable"),
    )
    missing = [text for there, text in wanted if not there]
    if missing:
        raise TypeError(f"The argument {argument!r} ({cell}) is not an RNNCell: {', '.join(missing)}.")


def check_float(dtype: Any) -> None:
    """Raises ValueError unless `dtype` (None is allowed) is floating or complex."""
    if dtype is None:
        return
    dtype = dtypes.as_dtype(dtype)
    if not (dtype.is_floating or dtype.is_complex):
        raise ValueError(f"RNN cell only supports floating point inputs, but saw dtype: {dtype}")


def check_inputs(*inputs: Any) -> None:
    for t in nest.flatten(list(inputs)):
        check_float(t.dtype)


def _shape_part(part: Any, role: str) -> tuple[Tensor | None, Any]:
    """A size, shape or shape tensor as a vector (None where it is not fully known) and as a static list."""
    if isinstance(part, Tensor):
        known = constant_value(part)
        rank = part._rank()
        if rank == 0:
            part = shapes.expand_dims(part, 0)
        elif rank != 1:
            raise ValueError(f"{role} tensor must be either a scalar or vector, but saw tensor: {part}")
        return part, None if known is None else known.ravel().tolist()
    shape = part if isinstance(part, TensorShape) else TensorShape(part)
    static = shape.as_list() if shape.ndims is not None else None
    vector = constants.constant(static, dtypes.int32) if shape.is_fully_defined() else None
    return vector, static


def joined_shape(prefix: Any, suffix: Any) -> Tensor:
    """The two shapes (numbers, lists, TensorShapes, tensors) one after the other, as a tensor.

    Raises: ValueError where one is not fully known.
    """
    p, _ = _shape_part(prefix, "prefix")
    s, _ = _shape_part(suffix, "suffix")
    if p is None or s is None:
        raise ValueError(f"Provided a prefix or suffix of None: {prefix} and {suffix}")
    return arrays.concat((p, s), 0)


def joined_static_shape(prefix: Any, suffix: Any) -> list[int | None] | None:
    """The same as far as it is known while building."""
    _, p = _shape_part(prefix, "prefix")
    _, s = _shape_part(suffix, "suffix")
    if isinstance(prefix, Tensor) and p is None:
        return None
    shape = TensorShape(p).concatenate(TensorShape(s))
    return shape.as_list() if shape.ndims is not None else None


def zero_states(state_size: Any, batch_size: Any, dtype: Any) -> Any:
    """Zeros of shape [batch_size, ...] for each size in the structure."""

    def zeros(size: Any) -> Tensor:
        made = shapes.zeros(joined_shape(batch_size, size), dtype=dtype)
        made.set_shape(joined_static_shape(batch_size, size))
        return made

    return nest.map_structure(zeros, state_size)


def activation_function(given: Any) -> Callable[[Any], Tensor]:
    """An activation by function or name; tanh when none is given. Raises ValueError for an unknown name."""
    if not given:
        return exponents.tanh
    if callable(given):
        return given  # type: ignore[no-any-return]
    found = {"linear": lambda x: x, "tanh": exponents.tanh, "sigmoid": exponents.sigmoid}.get(given)
    found = found or getattr(activations, str(given), None)
    if found is None:
        raise ValueError(f"Unknown activation function:{given}")
    return found  # type: ignore[no-any-return]


@export("nn.rnn_cell.RNNCell", "contrib.rnn.RNNCell")
class RNNCell(Layer):
    """One step of a recurrent network: `output, new_state = cell(inputs, state)`.

    Shapes: inputs [batch, n]; state [batch, state_size], or a structure of those as `state_size` is one.
    """

    def __init__(self, trainable: bool = True, name: Any = None, dtype: Any = None, **kwargs: Any) -> None:
        super().__init__(trainable=trainable, name=name, dtype=dtype, **kwargs)
        self._is_tf_rnn_cell = True

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:  # type: ignore[override]
        if scope is not None:
            with variable_scope.variable_scope(scope, custom_getter=self._get_and_track) as opened:
                return super().__call__(inputs, state, scope=opened)
        kept = self.__dict__.get("rnncell_scope")
        if kept is None:
            kept = variable_scope.variable_scope(
                variable_scope.get_variable_scope(), custom_getter=self._get_and_track
            )
            self.rnncell_scope = kept
        with kept:
            return super().__call__(inputs, state)

    def _get_and_track(self, getter: Any, *args: Any, **kwargs: Any) -> Any:
        """Variables that a cell makes by tf.get_variable become its weights."""
        variable = getter(*args, **kwargs)
        first = next(iter(variable)) if isinstance(variable, variable_parts.PartitionedVariable) else variable
        trainable = any(first is v for v in variables.trainable_variables())
        weights = self._trainable_weights if trainable else self._non_trainable_weights
        if all(variable is not v for v in weights):
            weights.append(variable)
        return variable

    @property
    def state_size(self) -> Any:
        """The size of the state: a number, a TensorShape, or a tuple of them."""
        raise NotImplementedError("Abstract method")

    @property
    def output_size(self) -> Any:
        """The size of the output: a number or a TensorShape."""
        raise NotImplementedError("Abstract method")

    def build(self, _: Any) -> None:
        """Cells that use tf.get_variable have nothing to build."""

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """The zero state for a batch given by `inputs`, or by size and dtype.

        Raises: ValueError when neither is given or they disagree.
        """
        if inputs is not None:
            inputs = conversion.to_tensor(inputs, name="inputs")
            first = inputs.shape.dims[0].value
            if batch_size is not None:
                static = constant_value(batch_size) if isinstance(batch_size, Tensor) else batch_size
                if first != static:
                    raise ValueError(
                        "batch size from input tensor is different from the input param. Input tensor batch: "
                        f"{first}, batch_size: {batch_size}"
                    )
            if dtype is not None and inputs.dtype != dtype:
                raise ValueError(
                    f"dtype from input tensor is different from the input param. Input tensor dtype: {inputs.dtype}, "
                    f"dtype: {dtype}"
                )
            batch_size = first or shapes.shape(inputs)[0]
            dtype = inputs.dtype
        if batch_size is None or dtype is None:
            raise ValueError(
                "batch_size and dtype cannot be None while constructing initial state: "
                f"batch_size={batch_size}, dtype={dtype}"
            )
        return self.zero_state(batch_size, dtype)

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """Zeros in the structure of `state_size`, for `batch_size` (a number or scalar tensor) sequences."""
        size = self.state_size
        with name_scope(type(self).__name__ + "ZeroState", values=[batch_size]):
            return zero_states(size, batch_size, dtype)


class LayerRNNCell(RNNCell):
    """A cell that makes its variables in `build`, as layers do."""

    def __call__(self, inputs: Any, state: Any, scope: Any = None, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        return Layer.__call__(self, inputs, state, *args, scope=scope, **kwargs)
