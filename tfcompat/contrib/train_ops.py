"""Train ops with clipped, scaled and summarized gradients.

Source: TF 1.15, contrib/training/python/training/training.py and contrib/slim/python/slim/learning.py.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tfcompat.framework import conversion, stacks, tf_logging
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.scopes import name_scope
from tfcompat.ops import clipping, control, identity, numerics, variables
from tfcompat.summary import summary_ops
from tfcompat.training import monitored_session, training_util
from tfcompat.training.optimizer import Optimizer

GradsAndVars = list[tuple[Any, Any]]

# Stands for the graph's own global step; None means that no step is counted.
_USE_GLOBAL_STEP = 0


def change_values(gradient: Any, change: Callable[[Any], Any]) -> Any:
    """A gradient with its values changed, dense or in slices."""
    if isinstance(gradient, IndexedSlices):
        return IndexedSlices(change(gradient.values), gradient.indices, gradient.dense_shape)
    return change(gradient)


@export("contrib.training.add_gradients_summaries", "contrib.slim.learning.add_gradients_summaries")
def add_gradients_summaries(grads_and_vars: GradsAndVars) -> list[Any]:
    """A histogram and the norm of each gradient."""
    summaries = []
    for gradient, var in grads_and_vars:
        if gradient is None:
            tf_logging.info("Var %s has no gradient", var.op.name)
            continue
        values = gradient.values if isinstance(gradient, IndexedSlices) else gradient
        summaries.append(summary_ops.histogram(f"{var.op.name}_gradient", values))
        summaries.append(summary_ops.scalar(f"{var.op.name}_gradient_norm", clipping.global_norm([values])))
    return summaries


@export("contrib.training.clip_gradient_norms", "contrib.slim.learning.clip_gradient_norms")
def clip_gradient_norms(gradients_to_variables: GradsAndVars, max_norm: Any) -> GradsAndVars:
    """Each gradient by itself shortened to the norm `max_norm`."""

    def clip(values: Any) -> Any:
        return clipping.clip_by_norm(values, max_norm)

    return [(None if g is None else change_values(g, clip), var) for g, var in gradients_to_variables]


@export("contrib.training.clip_gradient_norms_fn")
def clip_gradient_norms_fn(max_norm: Any) -> Callable[[GradsAndVars], GradsAndVars]:
    """`clip_gradient_norms` with the norm given beforehand."""
    return lambda gradients_to_variables: clip_gradient_norms(gradients_to_variables, max_norm)


@export("contrib.training.multiply_gradients", "contrib.slim.learning.multiply_gradients")
def multiply_gradients(grads_and_vars: GradsAndVars, gradient_multipliers: Mapping[Any, Any]) -> GradsAndVars:
    """Gradients times the numbers given for their variables (or the variables' names).

    Raises: ValueError for other arguments, and for a number where there is no gradient.
    """
    if not isinstance(grads_and_vars, list):
        raise ValueError("`grads_and_vars` must be a list.")
    if not gradient_multipliers:
        raise ValueError("`gradient_multipliers` is empty.")
    if not isinstance(gradient_multipliers, dict):
        raise ValueError("`gradient_multipliers` must be a dict.")
    out = []
    for gradient, var in grads_and_vars:
        key = var if var in gradient_multipliers else var.op.name
        if key in gradient_multipliers:
            if gradient is None:
                raise ValueError("Requested multiple of `None` gradient.")
            factor = conversion.to_tensor(gradient_multipliers[key], dtype=gradient.dtype)
            gradient = change_values(gradient, lambda values, factor=factor: values * factor)
        out.append((gradient, var))
    return out


@export("contrib.training.create_train_op")
def create_train_op(
    total_loss: Any,
    optimizer: Any,
    global_step: Any = _USE_GLOBAL_STEP,
    update_ops: Any = None,
    variables_to_train: Sequence[Any] | None = None,
    transform_grads_fn: Callable[[GradsAndVars], GradsAndVars] | None = None,
    summarize_gradients: bool = False,
    gate_gradients: int = Optimizer.GATE_OP,
    aggregation_method: Any = None,
    colocate_gradients_with_ops: bool = False,
    check_numerics: bool = True,
) -> Any:
    """A tensor that runs the update ops, computes the loss, applies the gradients, and gives the loss.

    global_step: incremented with each step; None counts none. update_ops: default, the collection UPDATE_OPS.
    """
    graph = stacks.get_default_graph()
    if global_step is _USE_GLOBAL_STEP:
        global_step = training_util.get_or_create_global_step()
    all_updates = set(graph.get_collection(GraphKeys.UPDATE_OPS))
    updates = all_updates if update_ops is None else set(update_ops)
    if not all_updates <= updates:
        tf_logging.warning("update_ops in create_train_op does not contain all the update_ops in GraphKeys.UPDATE_OPS")
    if updates:
        with graph.control_dependencies(list(updates)):
            barrier = identity.no_op(name="update_barrier")
        total_loss = control.with_dependencies([barrier], total_loss)
    if variables_to_train is None:
        variables_to_train = variables.trainable_variables()
    assert variables_to_train
    gradients = optimizer.compute_gradients(
        total_loss,
        variables_to_train,
        gate_gradients=gate_gradients,
        aggregation_method=aggregation_method,
        colocate_gradients_with_ops=colocate_gradients_with_ops,
    )
    if transform_grads_fn:
        gradients = transform_grads_fn(gradients)
    if summarize_gradients:
        with name_scope("summarize_grads"):
            add_gradients_summaries(gradients)
    applied = optimizer.apply_gradients(gradients, global_step=global_step)
    with name_scope("train_op"):
        if check_numerics:
            total_loss = numerics.check_numerics(total_loss, "LossTensor is inf or nan")
        train_op = control.with_dependencies([applied], total_loss)
    known = graph.get_collection_ref(GraphKeys.TRAIN_OP)
    if all(train_op is not op for op in known):
        known.append(train_op)
    return train_op


@export("contrib.slim.learning.create_train_op")
def slim_create_train_op(
    total_loss: Any,
    optimizer: Any,
    global_step: Any = _USE_GLOBAL_STEP,
    update_ops: Any = None,
    variables_to_train: Sequence[Any] | None = None,
    clip_gradient_norm: Any = 0,
    summarize_gradients: bool = False,
    gate_gradients: int = Optimizer.GATE_OP,
    aggregation_method: Any = None,
    colocate_gradients_with_ops: bool = False,
    gradient_multipliers: Mapping[Any, Any] | None = None,
    check_numerics: bool = True,
) -> Any:
    """`tf.contrib.training.create_train_op` with gradients multiplied, then clipped (0: not)."""

    def transform(gradients: GradsAndVars) -> GradsAndVars:
        if gradient_multipliers:
            with name_scope("multiply_grads"):
                gradients = multiply_gradients(gradients, gradient_multipliers)
        if clip_gradient_norm > 0:
            with name_scope("clip_grads"):
                gradients = clip_gradient_norms(gradients, clip_gradient_norm)
        return gradients

    return create_train_op(
        total_loss,
        optimizer,
        global_step=global_step,
        update_ops=update_ops,
        variables_to_train=variables_to_train,
        transform_grads_fn=transform,
        summarize_gradients=summarize_gradients,
        gate_gradients=gate_gradients,
        aggregation_method=aggregation_method,
        colocate_gradients_with_ops=colocate_gradients_with_ops,
        check_numerics=check_numerics,
    )


@export("contrib.training.train")
def train(
    train_op: Any,
    logdir: str | None,
    master: str = "",
    is_chief: bool = True,
    scaffold: Any = None,
    hooks: Any = None,
    chief_only_hooks: Any = None,
    save_checkpoint_secs: int | None = 600,
    save_summaries_steps: int | None = 100,
    config: Any = None,
    max_wait_secs: int = 7200,
    run_metadata: Any = None,
) -> Any:
    """Runs the train op until a hook stops it; gives the last loss.

    Raises: ValueError when there is no logdir but checkpoints or summaries are to be saved, or no hook at all.
    """
    if logdir is None and is_chief:
        if save_summaries_steps:
            raise ValueError("logdir cannot be None when save_summaries_steps is not None")
        if save_checkpoint_secs:
            raise ValueError("logdir cannot be None when save_checkpoint_secs is not None")
    with monitored_session.MonitoredTrainingSession(
        master=master,
        is_chief=is_chief,
        checkpoint_dir=logdir,
        scaffold=scaffold,
        hooks=hooks,
        chief_only_hooks=chief_only_hooks,
        save_checkpoint_secs=save_checkpoint_secs,
        save_summaries_steps=save_summaries_steps,
        config=config,
        max_wait_secs=max_wait_secs,
    ) as session:
        loss = None
        while not session.should_stop():
            loss = session.run(train_op, run_metadata=run_metadata)
    return loss
