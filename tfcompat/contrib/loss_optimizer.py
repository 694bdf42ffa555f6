"""optimize_loss: from a loss to a train op in one call. Source: TF 1.15, contrib/layers/python/layers/optimizers.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tfcompat.contrib.train_ops import GradsAndVars, change_values
from tfcompat.framework import conversion, stacks
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.export import export, export_value
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, clipping, control, initializers, random, variable_scope, variables
from tfcompat.summary import summary_ops
from tfcompat.training import adagrad, adam, ftrl, gradient_descent, momentum, rmsprop, training_util
from tfcompat.training.optimizer import Optimizer

OPTIMIZER_CLS_NAMES: dict[str, Callable[..., Any]] = {
    "Adagrad": adagrad.AdagradOptimizer,
    "Adam": adam.AdamOptimizer,
    "Ftrl": ftrl.FtrlOptimizer,
    "Momentum": lambda learning_rate: momentum.MomentumOptimizer(learning_rate, momentum=0.9),
    "RMSProp": rmsprop.RMSPropOptimizer,
    "SGD": gradient_descent.GradientDescentOptimizer,
}
OPTIMIZER_SUMMARIES = [
    "learning_rate", "loss", "gradients", "gradient_norm", "global_gradient_norm",
]  # fmt: skip
export_value("contrib.layers.OPTIMIZER_CLS_NAMES")
export_value("contrib.layers.OPTIMIZER_SUMMARIES")


def _learning_rate(given: Any) -> Any:
    """As a scalar tensor or variable."""
    if given is None or (isinstance(given, Tensor) and given.get_shape().ndims == 0):
        return given
    if not isinstance(given, float):
        raise ValueError(f"Learning rate should be 0d Tensor or float. Got {given} of type {type(given)}")
    if given < 0.0:
        raise ValueError("Invalid learning_rate %s.", given)
    start = initializers.Constant(given)
    return variable_scope.get_variable("learning_rate", [], trainable=False, initializer=start)


def _optimizer(given: Any, rate: Any, has_rate: bool) -> Any:
    """An optimizer from its name, its class, a function of the learning rate, or itself."""
    if isinstance(given, str):
        if rate is None:
            raise ValueError(f"Learning rate is None, but should be specified if optimizer is string ({given}).")
        if given not in OPTIMIZER_CLS_NAMES:
            raise ValueError(
                f"Optimizer name should be one of [{', '.join(OPTIMIZER_CLS_NAMES)}], you provided {given}."
            )
        return OPTIMIZER_CLS_NAMES[given](learning_rate=rate)
    if isinstance(given, type) and issubclass(given, Optimizer):
        if rate is None:
            raise ValueError(f"Learning rate is None, but should be specified if optimizer is class ({given}).")
        return given(learning_rate=rate)  # type: ignore[call-arg]
    if isinstance(given, Optimizer):
        return given
    if not callable(given):
        raise ValueError(
            "Unrecognized optimizer: should be string, subclass of Optimizer, instance of subclass of Optimizer or "
            f"function with one argument. Got {given}."
        )
    made = given(rate) if has_rate else given()
    if not isinstance(made, Optimizer):
        raise ValueError(f"Unrecognized optimizer: function should return subclass of Optimizer. Got {made}.")
    return made


def _noisy(gradients: GradsAndVars, scale: float) -> GradsAndVars:
    def noise(gradient: Any) -> Any:
        shape = gradient.dense_shape if isinstance(gradient, IndexedSlices) else gradient.get_shape()
        return gradient + random.truncated_normal(shape) * scale

    return [(None if g is None else noise(g), var) for g, var in gradients]


def _multiplied(gradients: GradsAndVars, multipliers: Mapping[Any, Any]) -> GradsAndVars:
    out = []
    for gradient, var in gradients:
        key = var if var in multipliers else var.name
        if gradient is not None and key in multipliers:
            factor = casting.cast(multipliers[key], gradient.dtype)
            gradient = change_values(gradient, lambda values, factor=factor: values * factor)
        out.append((gradient, var))
    return out


def _clipped(gradients: GradsAndVars, clip: Any) -> GradsAndVars:
    if clip is None:
        return gradients
    if isinstance(clip, float):
        values, _ = clipping.clip_by_global_norm([g for g, _ in gradients], clip)
        return [(value, var) for value, (_, var) in zip(values, gradients, strict=True)]
    if callable(clip):
        return clip(gradients)  # type: ignore[no-any-return]
    raise ValueError(f"Unknown type {type(clip)} for clip_gradients")


@export("contrib.layers.optimize_loss")
def optimize_loss(
    loss: Any,
    global_step: Any,
    learning_rate: Any,
    optimizer: Any,
    gradient_noise_scale: float | None = None,
    gradient_multipliers: Mapping[Any, Any] | None = None,
    clip_gradients: Any = None,
    learning_rate_decay_fn: Callable[[Any, Any], Any] | None = None,
    update_ops: Any = None,
    variables: Sequence[Any] | None = None,
    name: str | None = None,
    summaries: Sequence[str] | None = None,
    colocate_gradients_with_ops: bool = False,
    increment_global_step: bool = True,
) -> Any:
    """A tensor that trains by one step and gives the loss.

    optimizer: a name such as "Adam", a class, an instance, or a function of the learning rate. clip_gradients: a
    bound of the global norm, or a function of the list of gradients. summaries: some of OPTIMIZER_SUMMARIES.
    Raises: ValueError for arguments that do not fit.
    """
    loss = conversion.to_tensor(loss)
    loss.get_shape().assert_has_rank(0)
    if global_step is None:
        global_step = training_util.get_global_step()
    else:
        training_util.assert_global_step(global_step)
    with variable_scope.variable_scope(name, "OptimizeLoss", [loss, global_step]):
        if update_ops is None:
            update_ops = set(stacks.get_default_graph().get_collection(GraphKeys.UPDATE_OPS))
        if update_ops:
            loss = control.with_dependencies(list(update_ops), loss)
        rate = _learning_rate(learning_rate)
        wanted = ["loss", "learning_rate", "global_gradient_norm"] if summaries is None else summaries
        for summary in wanted:
            if summary not in OPTIMIZER_SUMMARIES:
                raise ValueError(
                    f"Summaries should be one of [{', '.join(OPTIMIZER_SUMMARIES)}], you provided {summary}."
                )
        if learning_rate is not None and learning_rate_decay_fn is not None:
            if global_step is None:
                raise ValueError("global_step is required for learning_rate_decay_fn.")
            rate = learning_rate_decay_fn(rate, global_step)
            if "learning_rate" in wanted:
                summary_ops.scalar("learning_rate", rate)
        made = _optimizer(optimizer, rate, learning_rate is not None)
        gradients = made.compute_gradients(
            loss, _trained(variables), colocate_gradients_with_ops=colocate_gradients_with_ops
        )
        if gradient_noise_scale is not None:
            gradients = _noisy(gradients, gradient_noise_scale)
        if gradient_multipliers is not None:
            gradients = _multiplied(gradients, gradient_multipliers)
        norms = "global_gradient_norm" in wanted or "gradient_norm" in wanted
        if norms:
            summary_ops.scalar("global_norm/gradient_norm", clipping.global_norm([g for g, _ in gradients]))
        gradients = _clipped(gradients, clip_gradients)
        if "loss" in wanted:
            summary_ops.scalar("loss", loss)
        _summarize_each(gradients, wanted)
        if clip_gradients is not None and norms:
            summary_ops.scalar("global_norm/clipped_gradient_norm", clipping.global_norm([g for g, _ in gradients]))
        step = global_step if increment_global_step else None
        return control.with_dependencies([made.apply_gradients(gradients, global_step=step, name="train")], loss)


def _trained(given: Sequence[Any] | None) -> Sequence[Any]:
    return variables.trainable_variables() if given is None else given


def _summarize_each(gradients: GradsAndVars, wanted: Sequence[str]) -> None:
    for gradient, var in gradients:
        if gradient is None:
            continue
        values = gradient.values if isinstance(gradient, IndexedSlices) else gradient
        shown = var.name.replace(":", "_")
        if "gradients" in wanted:
            summary_ops.histogram(f"gradients/{shown}", values)
        if "gradient_norm" in wanted:
            summary_ops.scalar(f"gradient_norm/{shown}", clipping.global_norm([values]))
