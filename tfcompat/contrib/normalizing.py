"""batch_norm and layer_norm. Source: TF 1.15, contrib/layers/python/layers/layers.py."""

from __future__ import annotations

from typing import Any

from tfcompat.contrib.arg_scoping import add_arg_scope
from tfcompat.contrib.connected import check_format, layer_variables
from tfcompat.contrib.model_variables import model_variable
from tfcompat.contrib.named_outputs import add_variable, collect_named_outputs, get_variable_collections
from tfcompat.framework import conversion, dtypes, stacks
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.export import export
from tfcompat.layers import normalization, smart
from tfcompat.ops import constants, identity, initializers, moments, shape_queries, shapes
from tfcompat.ops.variable_scope import get_variable_scope, variable_scope
from tfcompat.training.moving_averages import assign_moving_average

_STARTS = {
    "beta": initializers.Zeros(),
    "gamma": initializers.Ones(),
    "moving_mean": initializers.Zeros(),
    "moving_variance": initializers.Ones(),
}


@export("contrib.layers.layer_norm", "contrib.slim.layer_norm")
@add_arg_scope
def layer_norm(
    inputs: Any,
    center: bool = True,
    scale: bool = True,
    activation_fn: Any = None,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    begin_norm_axis: int = 1,
    begin_params_axis: int = -1,
    scope: Any = None,
) -> Any:
    """Mean 0 and variance 1 over the axes from begin_norm_axis on, then times `gamma` plus `beta`.

    Shapes: both variables have the sizes of the axes from begin_params_axis on.
    Raises: ValueError for axes that the input does not have or sizes that are not known.
    """
    with variable_scope(scope, "LayerNorm", [inputs], reuse=reuse) as sc:
        inputs = conversion.to_tensor(inputs)
        shape = inputs.get_shape()
        rank = shape.ndims
        if rank is None:
            raise ValueError(f"Inputs {inputs.name} has undefined rank.")
        dtype = inputs.dtype.base_dtype
        if begin_norm_axis < 0:
            begin_norm_axis += rank
        if begin_params_axis >= rank or begin_norm_axis >= rank:
            raise ValueError(
                f"begin_params_axis ({begin_params_axis}) and begin_norm_axis ({begin_norm_axis}) must be < "
                f"rank(inputs) ({rank})"
            )
        params_shape = shape[begin_params_axis:]
        if not params_shape.is_fully_defined():
            raise ValueError(f"Inputs {inputs.name}: shape(inputs)[{begin_params_axis}:] is not fully defined: {shape}")

        def parameter(name: str) -> Any:
            collections = get_variable_collections(variables_collections, name)
            return model_variable(
                name,
                shape=params_shape,
                dtype=dtype,
                initializer=_STARTS[name],
                collections=collections,
                trainable=trainable,
            )

        beta = parameter("beta") if center else None
        gamma = parameter("gamma") if scale else None
        mean, variance = moments.moments(inputs, list(range(begin_norm_axis, rank)), keep_dims=True)
        # The smallest number that does not drown in half precision.
        epsilon = 1e-3 if dtype == dtypes.float16 else 1e-12
        outputs = moments.batch_normalization(
            inputs, mean, variance, offset=beta, scale=gamma, variance_epsilon=epsilon
        )
        outputs.set_shape(shape)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        return collect_named_outputs(outputs_collections, sc.name, outputs)


@export("contrib.layers.batch_norm", "contrib.slim.batch_norm")
@add_arg_scope
def batch_norm(
    inputs: Any,
    decay: Any = 0.999,
    center: bool = True,
    scale: bool = False,
    epsilon: float = 0.001,
    activation_fn: Any = None,
    param_initializers: Any = None,
    param_regularizers: Any = None,
    updates_collections: Any = GraphKeys.UPDATE_OPS,
    is_training: Any = True,
    reuse: Any = None,
    variables_collections: Any = None,
    outputs_collections: Any = None,
    trainable: bool = True,
    batch_weights: Any = None,
    fused: bool | None = None,
    data_format: str = "NHWC",
    zero_debias_moving_mean: bool = False,
    scope: Any = None,
    renorm: bool = False,
    renorm_clipping: Any = None,
    renorm_decay: Any = 0.99,
    adjustment: Any = None,
) -> Any:
    """Batch normalization with a variable `beta` and, with `scale`, `gamma`.

    Updates of the moving averages go into `updates_collections`; with None they run before the output is given.
    Raises: ValueError for an unknown data_format, rank or number of channels, and for renorm with other updates.
    """
    inputs = conversion.to_tensor(inputs)
    rank = inputs.get_shape().ndims
    if fused is None:
        fused = True
    starts = {**_STARTS, **(param_initializers or {})}
    usual_updates = updates_collections is GraphKeys.UPDATE_OPS and not zero_debias_moving_mean
    by_hand = _Statistics(
        decay, epsilon, starts, param_regularizers or {}, updates_collections, is_training, variables_collections,
        trainable, data_format, zero_debias_moving_mean,
    )  # fmt: skip
    can_fuse = batch_weights is None and not renorm and rank in (2, 4) and adjustment is None
    if fused and can_fuse and (not usual_updates or rank == 2):
        check_format(data_format)
        with variable_scope(scope, "BatchNorm", [inputs], reuse=reuse) as sc:
            outputs = by_hand.fused(conversion.to_tensor(inputs), center, scale)
            outputs = activation_fn(outputs) if activation_fn is not None else outputs
            return collect_named_outputs(outputs_collections, sc.name, outputs)
    check_format(data_format)
    with variable_scope(scope, "BatchNorm", [inputs], reuse=reuse, custom_getter=layer_variables()) as sc:
        if batch_weights is None and usual_updates:
            layer = normalization.BatchNormalization(
                axis=1 if data_format == "NCHW" else -1,
                momentum=decay,
                epsilon=epsilon,
                center=center,
                scale=scale,
                **{f"{name}_initializer": start for name, start in starts.items()},
                **{f"{n}_regularizer": (param_regularizers or {}).get(n) for n in ("beta", "gamma")},
                trainable=trainable,
                renorm=renorm,
                renorm_clipping=renorm_clipping,
                renorm_momentum=renorm_decay,
                adjustment=adjustment,
                name=sc.name,
                _scope=sc,
                _reuse=reuse,
                fused=fused,
            )
            outputs = layer.apply(inputs, training=is_training)
            for name in ("moving_mean", "moving_variance", "beta", "gamma"):
                if (made := getattr(layer, name)) is not None:
                    add_variable(made, variables_collections, name)
        elif renorm:
            raise ValueError(
                "renorm is not supported with batch_weights, updates_collections or zero_debias_moving_mean"
            )
        else:
            outputs = by_hand.plain(inputs, center, scale, batch_weights)
        if activation_fn is not None:
            outputs = activation_fn(outputs)
        return collect_named_outputs(outputs_collections, sc.name, outputs)


class _Statistics:
    """Batch normalization where tf.layers has none that fits: other places for the updates, two axes, weights."""

    def __init__(
        self,
        decay: Any,
        epsilon: float,
        starts: dict[str, Any],
        regularizers: dict[str, Any],
        updates_collections: Any,
        is_training: Any,
        variables_collections: Any,
        trainable: bool,
        data_format: str,
        zero_debias: bool,
    ) -> None:
        self.decay, self.epsilon, self.starts, self.regularizers = decay, epsilon, starts, regularizers
        self.updates_collections, self.is_training = updates_collections, is_training
        self.variables_collections, self.trainable = variables_collections, trainable
        self.channels_first, self.data_format, self.zero_debias = data_format == "NCHW", data_format, zero_debias

    def _variable(self, name: str, shape: Any, dtype: Any, trainable: bool, regularize: bool = False) -> Any:
        return model_variable(
            name,
            shape=shape,
            dtype=dtype,
            initializer=self.starts[name],
            regularizer=self.regularizers.get(name) if regularize else None,
            collections=get_variable_collections(self.variables_collections, name),
            trainable=trainable,
        )

    def _moving(self, shape: Any, dtype: Any) -> tuple[Any, Any]:
        # Moving averages are small and assigned as a whole: never partitioned.
        with variable_scope(get_variable_scope()) as here:
            here.set_partitioner(None)
            mean = self._variable("moving_mean", shape, dtype, False)
            return mean, self._variable("moving_variance", shape, dtype, False)

    def _update(self, moving: tuple[Any, Any], mean: Any, variance: Any) -> tuple[Any, Any]:
        debias = (self.zero_debias, False)
        pairs = zip(moving, (mean, variance), debias, strict=True)
        first, second = (assign_moving_average(m, new, self.decay, zero_debias=d) for m, new, d in pairs)
        return first, second

    def _collect(self, moving: tuple[Any, Any], mean: Any, variance: Any) -> None:
        """Adds the updates to their collections."""
        updates = smart.cond(self.is_training, lambda: self._update(moving, mean, variance), lambda: moving)
        for update in updates:
            stacks.get_default_graph().add_to_collections(self.updates_collections, update)

    def _channels(self, inputs: Any) -> Any:
        shape = inputs.get_shape()
        return shape[1:2] if self.channels_first else shape[-1:]

    def fused(self, inputs: Any, center: bool, scale: bool) -> Any:
        """With the op FusedBatchNormV3; a matrix becomes images of one pixel."""
        given, rank = inputs, inputs.get_shape().ndims
        if rank == 2:
            channels = inputs.get_shape().dims[-1].value
            if channels is None:
                raise ValueError("`C` dimension must be known but is None")
            inputs = shapes.reshape(inputs, [-1, channels, 1, 1] if self.channels_first else [-1, 1, 1, channels])
        shape = self._channels(inputs)
        if not shape.is_fully_defined():
            raise ValueError(f"Inputs {inputs.name} has undefined `C` dimension {shape}.")
        kind = dtypes.float32
        if center:
            beta = self._variable("beta", shape, kind, self.trainable, regularize=True)
        else:
            beta = constants.constant(0.0, dtype=kind, shape=shape)
        if scale:
            gamma = self._variable("gamma", shape, kind, self.trainable, regularize=True)
        else:
            gamma = constants.constant(1.0, dtype=kind, shape=shape)
        moving = self._moving(shape, kind)
        common: dict[str, Any] = {"epsilon": self.epsilon, "data_format": self.data_format}
        outputs, mean, variance = smart.cond(
            self.is_training,
            lambda: moments.fused_batch_norm(inputs, gamma, beta, **common),
            lambda: moments.fused_batch_norm(
                inputs, gamma, beta, mean=moving[0], variance=moving[1], is_training=False, **common
            ),
        )
        if smart.static_bool(self.is_training) is not False:
            if self.updates_collections is None:
                outputs = smart.cond(
                    self.is_training,
                    lambda plain=outputs: self._after_updates(moving, mean, variance, [plain])[0],
                    lambda plain=outputs: plain,
                )
            else:
                self._collect(moving, mean, variance)
        outputs.set_shape(inputs.get_shape())
        return shapes.reshape(outputs, shape_queries.shape(given)) if rank == 2 else outputs

    def _after_updates(self, moving: tuple[Any, Any], mean: Any, variance: Any, results: list[Any]) -> list[Any]:
        with stacks.get_default_graph().control_dependencies(list(self._update(moving, mean, variance))):
            return [identity.identity(result) for result in results]

    def _moments(self, inputs: Any, weights: Any) -> tuple[Any, Any]:
        rank = inputs.get_shape().ndims
        axes = [0, *range(2, rank)] if self.channels_first else list(range(rank - 1))
        keep = self.channels_first
        if weights is None:
            mean, variance = moments.moments(inputs, axes, keep_dims=keep)
        else:
            mean, variance = moments.weighted_moments(inputs, axes, weights, keep_dims=keep)
        return (shapes.reshape(mean, [-1]), shapes.reshape(variance, [-1])) if keep else (mean, variance)

    def plain(self, inputs: Any, center: bool, scale: bool, weights: Any) -> Any:
        """With ordinary ops; each example counts as much as its weight."""
        shape = inputs.get_shape()
        if shape.ndims is None:
            raise ValueError(f"Inputs {inputs.name} has undefined rank.")
        if weights is not None:
            weights = conversion.to_tensor(weights)
            shape[0:1].assert_is_compatible_with(weights.get_shape())
            weights = shapes.reshape(weights, [-1] + [1] * (shape.ndims - 1))
        sizes = self._channels(inputs)
        if not sizes.is_fully_defined():
            raise ValueError(f"Inputs {inputs.name} has undefined channels dimension {sizes}.")
        kind = inputs.dtype.base_dtype
        beta = self._variable("beta", sizes, kind, self.trainable) if center else None
        gamma = self._variable("gamma", sizes, kind, self.trainable) if scale else None
        moving = self._moving(sizes, kind)
        if smart.static_bool(self.is_training) is False:
            mean, variance = moving
        else:
            now = self._moments(inputs, weights)
            if self.updates_collections is None:
                mean, variance = smart.cond(
                    self.is_training, lambda: tuple(self._after_updates(moving, *now, [*now])), lambda: moving
                )
            else:
                self._collect(moving, *now)
                mean, variance = smart.cond(self.is_training, lambda: now, lambda: moving)
        if self.channels_first:
            across = [1, sizes.dims[0].value] + [1] * (shape.ndims - 2)
            mean, variance = shapes.reshape(mean, across), shapes.reshape(variance, across)
            beta = None if beta is None else shapes.reshape(beta, across)
            gamma = None if gamma is None else shapes.reshape(gamma, across)
        outputs = moments.batch_normalization(inputs, mean, variance, beta, gamma, self.epsilon)
        outputs.set_shape(shape)
        return outputs
