"""tf.layers: dense, dropout, flatten. Source: TF 1.15, python/layers/core.py and python/keras/layers/core.py."""

from __future__ import annotations

from typing import Any

import numpy as np

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.shapes import TensorShape
from tfcompat.layers import smart
from tfcompat.layers.base import InputSpec, Layer
from tfcompat.ops import bias, dropout, identity, initializers, matmul, permuting, shapes


@export("layers.Dense")
class Dense(Layer):
    """`activation(inputs @ kernel + bias)` over the last axis.

    Shapes: inputs [..., n] -> [..., units]; kernel [n, units], bias [units].
    Raises: ValueError when the last dimension is not known; TypeError for integer inputs.
    """

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = None,
        bias_initializer: Any = initializers.Zeros(),
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        trainable: bool = True,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(trainable=trainable, name=name, activity_regularizer=activity_regularizer, **kwargs)
        self.units = int(units) if not isinstance(units, int) else units
        self.activation = activation
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        self.supports_masking = True
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        dtype = dtypes.as_dtype(self.dtype or "float32")
        if not (dtype.is_floating or dtype.is_complex):
            raise TypeError(f"Unable to build `Dense` layer with non-floating point dtype {dtype}")
        shape = TensorShape(input_shape)
        last = shape.dims[-1].value if shape.dims else None
        if last is None:
            raise ValueError("The last dimension of the inputs to `Dense` should be defined. Found `None`.")
        self.input_spec = InputSpec(min_ndim=2, axes={-1: last})
        self.kernel = self.add_weight(
            "kernel",
            shape=[last, self.units],
            initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
            dtype=self.dtype,
            trainable=True,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias",
                shape=[self.units],
                initializer=self.bias_initializer,
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
                dtype=self.dtype,
                trainable=True,
            )
        self.built = True

    def call(self, inputs: Any) -> Any:
        rank = inputs.shape.ndims
        if rank is not None and rank > 2:
            outputs = matmul.tensordot(inputs, self.kernel, [[rank - 1], [0]])
            outputs.set_shape(inputs.shape.as_list()[:-1] + [self.units])
        else:
            inputs = conversion.to_tensor(inputs)
            outputs = matmul.matmul(inputs, self.kernel)
        if self.use_bias:
            outputs = bias.bias_add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        shape = TensorShape(input_shape).with_rank_at_least(2)
        if shape.dims is None or shape.dims[-1].value is None:
            raise ValueError(f"The innermost dimension of input_shape must be defined, but saw: {input_shape}")
        return shape[:-1].concatenate(self.units)


@export("layers.dense")
def dense(
    inputs: Any,
    units: int,
    activation: Any = None,
    use_bias: bool = True,
    kernel_initializer: Any = None,
    bias_initializer: Any = initializers.Zeros(),
    kernel_regularizer: Any = None,
    bias_regularizer: Any = None,
    activity_regularizer: Any = None,
    kernel_constraint: Any = None,
    bias_constraint: Any = None,
    trainable: bool = True,
    name: str | None = None,
    reuse: bool | None = None,
) -> Any:
    """A `Dense` layer made and applied."""
    layer = Dense(
        units,
        activation=activation,
        use_bias=use_bias,
        kernel_initializer=kernel_initializer,
        bias_initializer=bias_initializer,
        kernel_regularizer=kernel_regularizer,
        bias_regularizer=bias_regularizer,
        activity_regularizer=activity_regularizer,
        kernel_constraint=kernel_constraint,
        bias_constraint=bias_constraint,
        trainable=trainable,
        name=name,
        _scope=name,
        _reuse=reuse,
    )
    return layer.apply(inputs)


@export("layers.Dropout")
class Dropout(Layer):
    """In training, zeroes a share `rate` of the inputs and scales the others by 1 / (1 - rate)."""

    def __init__(
        self, rate: Any = 0.5, noise_shape: Any = None, seed: int | None = None, name: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.rate = rate
        self.noise_shape = noise_shape
        self.seed = seed
        self.supports_masking = True

    def _noise_shape(self, inputs: Any) -> Any:
        if self.noise_shape is None:
            return None
        actual = shapes.shape(inputs)
        return conversion.to_tensor([actual[i] if value is None else value for i, value in enumerate(self.noise_shape)])

    def call(self, inputs: Any, training: Any = False) -> Any:
        return smart.cond(
            smart.learning_phase() if training is None else training,
            lambda: dropout.dropout(inputs, noise_shape=self._noise_shape(inputs), seed=self.seed, rate=self.rate),
            lambda: identity.identity(inputs),
        )

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


@export("layers.dropout")
def dropout_layer(
    inputs: Any,
    rate: Any = 0.5,
    noise_shape: Any = None,
    seed: int | None = None,
    training: Any = False,
    name: str | None = None,
) -> Any:
    """A `Dropout` layer made and applied."""
    return Dropout(rate, noise_shape=noise_shape, seed=seed, name=name).apply(inputs, training=training)


@export("layers.Flatten")
class Flatten(Layer):
    """Flattens all axes but the first.

    Shapes: [n, ...] -> [n, product of the others].
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = smart.data_format(data_format or "channels_last")
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        rank = inputs.shape.ndims
        if self.data_format == "channels_first" and rank is not None and rank > 1:
            inputs = permuting.transpose(inputs, perm=[0, *range(2, rank), 1])
        batch = inputs.shape.dims[0].value if rank else None
        target = (batch if batch is not None else shapes.shape(inputs)[0], -1)
        outputs = shapes.reshape(inputs, target)
        outputs.set_shape(self.compute_output_shape(inputs.shape))
        return outputs

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        shape = TensorShape(input_shape)
        if shape.rank is None:
            return TensorShape([None, None])
        dims = shape.as_list()
        rest = None if None in dims[1:] else int(np.prod(dims[1:], dtype=np.int64))  # type: ignore[arg-type]
        return TensorShape([dims[0], rest])


@export("layers.flatten")
def flatten(inputs: Any, name: str | None = None, data_format: str = "channels_last") -> Any:
    """A `Flatten` layer made and applied."""
    return Flatten(name=name, data_format=data_format).apply(inputs)
