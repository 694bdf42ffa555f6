"""tf.layers: batch normalization.

Source: TF 1.15, python/layers/normalization.py and python/keras/layers/normalization.py; Ioffe & Szegedy 2015
(arXiv:1502.03167), renormalisation Ioffe 2017 (arXiv:1702.03275).
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import conversion, dtypes, stacks
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import TensorShape
from tfcompat.layers import smart
from tfcompat.layers.base import InputSpec, Layer
from tfcompat.ops import (
    activations,
    assignment,
    casting,
    constants,
    elementwise,
    exponents,
    identity,
    initializers,
    moments,
    reductions,
    shapes,
)
from tfcompat.ops.variable_base import VariableAggregation, VariableSynchronization

_ZEROS = initializers.Zeros()
_ONES = initializers.Ones()


@export("layers.BatchNormalization")
class BatchNormalization(Layer):
    """Normalises by batch moments in training, by moving averages of them otherwise; then scales and shifts.

    The updates of the moving averages enter the collection UPDATE_OPS: run them with the training step.
    """

    def __init__(
        self,
        axis: Any = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = _ZEROS,
        gamma_initializer: Any = _ONES,
        moving_mean_initializer: Any = _ZEROS,
        moving_variance_initializer: Any = _ONES,
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        renorm: bool = False,
        renorm_clipping: Any = None,
        renorm_momentum: float = 0.99,
        fused: bool | None = None,
        trainable: bool = True,
        virtual_batch_size: int | None = None,
        adjustment: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(trainable=trainable, name=name, **kwargs)
        if isinstance(axis, list):
            self.axis: Any = axis[:]
        elif isinstance(axis, int):
            self.axis = axis
        else:
            raise TypeError(f"axis must be int or list, type given: {type(axis)}")
        self.momentum = momentum
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint
        self.renorm = renorm
        self.virtual_batch_size = virtual_batch_size
        self.adjustment = adjustment
        self.supports_masking = True
        self.fused = True if fused is None else fused
        self.renorm_clipping = renorm_clipping or {}
        self.renorm_momentum = renorm_momentum
        self._bessels_correction_test_only = True
        if renorm:
            keys = ["rmax", "rmin", "dmax"]
            if set(self.renorm_clipping) - set(keys):
                raise ValueError(f"renorm_clipping {renorm_clipping} contains keys not in {keys}")

    # --- weights -----------------------------------------------------------------------------------------------

    @property
    def _param_dtype(self) -> Any:
        dtype = dtypes.as_dtype(self.dtype or "float32")
        return dtypes.float32 if dtype in (dtypes.float16, dtypes.bfloat16) else dtype

    def _can_be_fused(self) -> bool:
        single = len(self.axis) == 1 and self.axis[0] in (1, 3)
        return single and not self.renorm and self.virtual_batch_size is None and self.adjustment is None

    def _resolve_axes(self, rank: int) -> None:
        axes = [self.axis] if isinstance(self.axis, int) else self.axis
        self.axis = [rank + a if a < 0 else a for a in axes]
        for a in self.axis:
            if a < 0 or a >= rank:
                raise ValueError(f"Invalid axis: {a}")
        if len(self.axis) != len(set(self.axis)):
            raise ValueError(f"Duplicate axis: {self.axis}")

    def _check_virtual_batch(self) -> None:
        if self.virtual_batch_size is None:
            return
        if self.virtual_batch_size <= 0:
            raise ValueError(
                "virtual_batch_size must be a positive integer that divides the true batch size of the input Tensor"
            )
        if 0 in self.axis:
            raise ValueError(
                "When using virtual_batch_size, the batch dimension must be 0 and thus axis cannot include 0"
            )
        if self.adjustment is not None:
            raise ValueError("When using virtual_batch_size, adjustment cannot be specified")

    def build(self, input_shape: Any) -> None:
        shape = TensorShape(input_shape)
        if not shape.ndims:
            raise ValueError("Input has undefined rank:", shape)
        rank = len(shape)
        self._resolve_axes(rank)
        self._check_virtual_batch()
        if self.fused:
            self.fused = rank == 4 and self._can_be_fused()
        if self.fused and self.axis not in ([1], [3]):
            raise ValueError("Unsupported axis, fused batch norm only supports axis == [1] or axis == [3]")
        dims = {a: shape.dims[a].value for a in self.axis}
        if None in dims.values():
            raise ValueError("Input has undefined `axis` dimension. Input shape: ", shape)
        self.input_spec = InputSpec(ndim=rank, axes=dims)
        if len(dims) == 1 and self.virtual_batch_size is None:
            params: Any = (next(iter(dims.values())),)
        else:
            params = [dims.get(i, 1) for i in range(rank)]
            if self.virtual_batch_size is not None:
                params.insert(1, 1)
                self.axis = [a + 1 for a in self.axis]
        self._add_parameters(params)
        self._add_moving_averages(params)
        self.built = True

    def _add_parameters(self, params: Any) -> None:
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                name="gamma",
                shape=params,
                dtype=self._param_dtype,
                initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
                trainable=True,
            )
        elif self.fused:
            self._gamma_const = constants.constant(1.0, dtype=self._param_dtype, shape=params)
        if self.center:
            self.beta = self.add_weight(
                name="beta",
                shape=params,
                dtype=self._param_dtype,
                initializer=self.beta_initializer,
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
                trainable=True,
            )
        elif self.fused:
            self._beta_const = constants.constant(0.0, dtype=self._param_dtype, shape=params)

    def _add_statistic(self, name: str, params: Any, initializer: Any) -> Any:
        return self.add_weight(
            name=name,
            shape=params,
            dtype=self._param_dtype,
            initializer=initializer,
            synchronization=VariableSynchronization.ON_READ,
            trainable=False,
            aggregation=VariableAggregation.MEAN,
        )

    def _add_moving_averages(self, params: Any) -> None:
        """The statistics are never partitioned, whatever the scope's partitioner says."""
        partitioner = self._scope.partitioner if self._scope else None
        if self._scope:
            self._scope.set_partitioner(None)
        try:
            self.moving_mean = self._add_statistic("moving_mean", params, self.moving_mean_initializer)
            self.moving_variance = self._add_statistic("moving_variance", params, self.moving_variance_initializer)
            if self.renorm:

                def stddev_initializer(*args: Any, **kwargs: Any) -> Any:
                    return exponents.sqrt(self.moving_variance_initializer(*args, **kwargs))

                self.moving_stddev = self._add_statistic("moving_stddev", params, stddev_initializer)
                self.renorm_mean = self._add_statistic("renorm_mean", params, self.moving_mean_initializer)
                self.renorm_stddev = self._add_statistic("renorm_stddev", params, stddev_initializer)
        finally:
            if partitioner:
                self._scope.set_partitioner(partitioner)

    # --- updates -----------------------------------------------------------------------------------------------

    def _move(self, variable: Any, value: Any, momentum: Any) -> Any:
        """variable -= (variable - value) * (1 - momentum)."""
        with name_scope("AssignMovingAvg") as scope, stacks.get_default_graph().colocate_with(variable.op):
            decay = conversion.to_tensor(1.0 - momentum, name="decay")
            if decay.dtype != variable.dtype.base_dtype:
                decay = casting.cast(decay, variable.dtype.base_dtype)
            delta = (variable - casting.cast(value, variable.dtype.base_dtype)) * decay
            return assignment.assign_sub(variable, delta, name=scope)

    def _set(self, variable: Any, value: Any) -> Any:
        with name_scope("AssignNewValue") as scope, stacks.get_default_graph().colocate_with(variable.op):
            return assignment.assign(variable, value, name=scope)

    def _variance_update(self, variance: Any, momentum: Any) -> Any:
        if not self.renorm:
            return self._move(self.moving_variance, variance, momentum)
        stddev = self._move(self.moving_stddev, exponents.sqrt(variance + self.epsilon), momentum)
        return self._set(self.moving_variance, activations.relu(stddev * stddev - self.epsilon))

    # --- the call ----------------------------------------------------------------------------------------------

    def call(self, inputs: Any, training: Any = False) -> Any:
        if training is None:
            training = smart.learning_phase()
        if self.virtual_batch_size is not None:
            original = [-1, *inputs.shape.as_list()[1:]]
            inputs = shapes.reshape(inputs, [self.virtual_batch_size, -1, *original[1:]])
        if self.fused:
            return self._call_fused(inputs, training)
        outputs = self._call_plain(inputs, training)
        if self.virtual_batch_size is not None:
            return shapes.reshape(outputs, original)
        return outputs

    def _call_fused(self, inputs: Any, training: Any) -> Any:
        beta = self.beta if self.center else self._beta_const
        gamma = self.gamma if self.scale else self._gamma_const
        layout = "NCHW" if self.axis == [1] else "NHWC"

        def in_training() -> Any:
            return moments.fused_batch_norm(inputs, gamma, beta, epsilon=self.epsilon, data_format=layout)

        def in_inference() -> Any:
            return moments.fused_batch_norm(
                inputs,
                gamma,
                beta,
                mean=self.moving_mean,
                variance=self.moving_variance,
                epsilon=self.epsilon,
                is_training=False,
                data_format=layout,
            )

        output, mean, variance = smart.cond(training, in_training, in_inference)
        if not self._bessels_correction_test_only:
            # The fused op gives the unbiased variance; the plain way of computing has the biased one.
            ratio = shapes.size(inputs) / shapes.size(variance)
            count = casting.cast(ratio, variance.dtype)
            variance *= (count - casting.cast(1.0, variance.dtype)) / count
        known = smart.static_bool(training)
        if known is None:
            momentum = smart.cond(training, lambda: self.momentum, lambda: 1.0)
        else:
            momentum = conversion.to_tensor(self.momentum)
        if known is not False:
            self.add_update(lambda: self._move(self.moving_mean, mean, momentum))
            self.add_update(lambda: self._variance_update(variance, momentum))
        return output

    def _call_plain(self, inputs: Any, training: Any) -> Any:
        shape = inputs.shape
        rank = len(shape)
        over = [i for i in range(rank) if i not in self.axis]
        if self.virtual_batch_size is not None:
            del over[1]
        wide = [1] * rank
        wide[self.axis[0]] = shape.dims[self.axis[0]].value

        def spread(v: Any) -> Any:
            if v is not None and len(v.shape) != rank and over != list(range(rank - 1)):
                return shapes.reshape(v, wide)
            return v

        scale, offset = spread(self.gamma), spread(self.beta)
        if smart.static_bool(training) is False:
            mean, variance = self.moving_mean, self.moving_variance
        else:
            mean, variance, scale, offset = self._batch_moments(inputs, training, over, spread, scale, offset)
        mean = casting.cast(mean, inputs.dtype)
        variance = casting.cast(variance, inputs.dtype)
        if offset is not None:
            offset = casting.cast(offset, inputs.dtype)
        if scale is not None:
            scale = casting.cast(scale, inputs.dtype)
        outputs = moments.batch_normalization(inputs, spread(mean), spread(variance), offset, scale, self.epsilon)
        outputs.set_shape(shape)
        return outputs

    def _batch_moments(
        self, inputs: Any, training: Any, over: list[int], spread: Any, scale: Any, offset: Any
    ) -> tuple[Any, Any, Any, Any]:
        if self.adjustment:
            adj_scale, adj_bias = self.adjustment(shapes.shape(inputs))
            adj_scale = smart.cond(training, lambda: adj_scale, lambda: shapes.ones_like(adj_scale))
            adj_bias = smart.cond(training, lambda: adj_bias, lambda: shapes.zeros_like(adj_bias))
            scale, offset = _compose(adj_scale, adj_bias, scale, offset)
        keep = self.virtual_batch_size is not None or len(self.axis) > 1
        batch_mean, batch_variance = moments.moments(casting.cast(inputs, self._param_dtype), over, keep_dims=keep)
        mean = smart.cond(training, lambda: batch_mean, lambda: conversion.to_tensor(self.moving_mean))
        variance = smart.cond(training, lambda: batch_variance, lambda: conversion.to_tensor(self.moving_variance))
        new_mean, new_variance = mean, variance
        if self.virtual_batch_size is not None:
            new_mean = reductions.reduce_mean(mean, axis=1, keepdims=True)
            new_variance = reductions.reduce_mean(variance, axis=1, keepdims=True)
        if self.renorm:
            r, d, new_mean, new_variance = self._renorm(new_mean, new_variance, training)
            r = spread(identity.stop_gradient(r, name="renorm_r"))
            d = spread(identity.stop_gradient(d, name="renorm_d"))
            scale, offset = _compose(r, d, scale, offset)
        self.add_update(
            lambda: smart.cond(
                training,
                lambda: self._move(self.moving_mean, new_mean, self.momentum),
                lambda: self.moving_mean,
            )
        )
        self.add_update(
            lambda: smart.cond(
                training,
                lambda: self._variance_update(new_variance, self.momentum),
                lambda: self.moving_variance,
            )
        )
        return mean, variance, scale, offset

    def _renorm(self, mean: Any, variance: Any, training: Any) -> tuple[Any, Any, Any, Any]:
        """The corrections r and d, and the moments to average once the renormalisation's own averages are updated."""
        stddev = exponents.sqrt(variance + self.epsilon)
        floor = elementwise.maximum(self.renorm_stddev, exponents.sqrt(conversion.to_tensor(self.epsilon)))
        r = stddev / floor
        d = (mean - self.renorm_mean) / floor
        graph = stacks.get_default_graph()
        with graph.control_dependencies([r, d]):
            mean = identity.identity(mean)
            stddev = identity.identity(stddev)
        low, high, shift = (self.renorm_clipping.get(key) for key in ("rmin", "rmax", "dmax"))
        if low is not None:
            r = elementwise.maximum(r, low)
        if high is not None:
            r = elementwise.minimum(r, high)
        if shift is not None:
            d = elementwise.minimum(elementwise.maximum(d, -shift), shift)
        r = smart.cond(training, lambda: r, lambda: shapes.ones_like(r))
        d = smart.cond(training, lambda: d, lambda: shapes.zeros_like(d))

        def update(variable: Any, value: Any) -> Any:
            value = identity.identity(value)
            return smart.cond(
                training,
                lambda: self._move(variable, value, self.renorm_momentum),
                lambda: identity.identity(variable),
            )

        updates = [update(self.renorm_mean, mean), update(self.renorm_stddev, stddev)]
        with graph.control_dependencies(updates):
            return r, d, identity.identity(mean), identity.identity(variance)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return input_shape


def _compose(scale: Any, offset: Any, then_scale: Any, then_offset: Any) -> tuple[Any, Any]:
    if then_scale is not None:
        scale *= then_scale
        offset *= then_scale
    if then_offset is not None:
        offset += then_offset
    return scale, offset


@export("layers.batch_normalization")
def batch_normalization(
    inputs: Any,
    axis: Any = -1,
    momentum: float = 0.99,
    epsilon: float = 1e-3,
    center: bool = True,
    scale: bool = True,
    beta_initializer: Any = _ZEROS,
    gamma_initializer: Any = _ONES,
    moving_mean_initializer: Any = _ZEROS,
    moving_variance_initializer: Any = _ONES,
    beta_regularizer: Any = None,
    gamma_regularizer: Any = None,
    beta_constraint: Any = None,
    gamma_constraint: Any = None,
    training: Any = False,
    trainable: bool = True,
    name: str | None = None,
    reuse: bool | None = None,
    renorm: bool = False,
    renorm_clipping: Any = None,
    renorm_momentum: float = 0.99,
    fused: bool | None = None,
    virtual_batch_size: int | None = None,
    adjustment: Any = None,
) -> Any:
    """A `BatchNormalization` layer made and applied."""
    layer = BatchNormalization(
        axis=axis,
        momentum=momentum,
        epsilon=epsilon,
        center=center,
        scale=scale,
        beta_initializer=beta_initializer,
        gamma_initializer=gamma_initializer,
        moving_mean_initializer=moving_mean_initializer,
        moving_variance_initializer=moving_variance_initializer,
        beta_regularizer=beta_regularizer,
        gamma_regularizer=gamma_regularizer,
        beta_constraint=beta_constraint,
        gamma_constraint=gamma_constraint,
        renorm=renorm,
        renorm_clipping=renorm_clipping,
        renorm_momentum=renorm_momentum,
        fused=fused,
        trainable=trainable,
        virtual_batch_size=virtual_batch_size,
        adjustment=adjustment,
        name=name,
        _reuse=reuse,
        _scope=name,
    )
    return layer.apply(inputs, training=training)
