"""Base classes of layers: what is made at the first call, what it is called, and which collections it enters.

Source: TF 1.15, python/keras/engine/base_layer.py and python/layers/base.py.
"""

from __future__ import annotations

import copy
import functools
import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tfcompat.framework import conversion, dtypes, errors, nest, stacks
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.export import export
from tfcompat.framework.operation import Operation
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.framework.tensor_spec import TensorSpec
from tfcompat.layers import keras_style
from tfcompat.layers.input_spec import InputSpec as InputSpec
from tfcompat.layers.input_spec import check_inputs
from tfcompat.ops import variable_scope
from tfcompat.ops import variables as variable_lib
from tfcompat.ops.variable_base import VariableAggregation, VariableSynchronization
from tfcompat.ops.variable_parts import PartitionedVariable


def to_snake_case(name: str) -> str:
    """`BatchNormalization` -> `batch_normalization`; a leading underscore is made a public name."""
    text = re.sub("(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    text = re.sub("([a-z])([A-Z])", r"\1_\2", text).lower()
    return "private" + text if text[0] == "_" else text


def unique_layer_name(base: str) -> str:
    """`dense_1`, `dense_2` ...: the object's name, counted for each graph."""
    counts = stacks.get_default_graph()._attached.setdefault("layer_names", {})
    counts[base] = counts.get(base, 0) + 1
    return f"{base}_{counts[base]}"


# The inputs of the layers whose calls are running, innermost last.
_CALLS: list[Any] = []


class BaseLayer:
    """State and behaviour common to tf.layers and tf.keras layers: weights, losses, updates, build and call."""

    input_spec: Any = None

    def __init__(
        self, trainable: bool = True, name: Any = None, dtype: Any = None, dynamic: bool = False, **kwargs: Any
    ) -> None:
        allowed = {"input_shape", "batch_input_shape", "batch_size", "weights", "activity_regularizer", "autocast"}
        for key in kwargs:
            if key not in allowed:
                raise TypeError("Keyword argument not understood:", key)
        self._trainable = trainable
        self.stateful = False
        self.built = False
        self.input_spec: Any = None
        self.supports_masking = False
        self._init_set_name(name)
        self._activity_regularizer = kwargs.pop("activity_regularizer", None)
        self._dtype: str | None = None if dtype is None else dtypes.as_dtype(dtype).name
        self._trainable_weights: list[Any] = []
        self._non_trainable_weights: list[Any] = []
        self._updates: list[Any] = []
        self._losses: list[Any] = []
        self._callable_losses: list[Callable[[], Any]] = []
        self._inbound: list[tuple[Any, Any]] = []

    def _init_set_name(self, name: Any) -> None:
        self._name = name or unique_layer_name(to_snake_case(type(self).__name__))

    # --- what subclasses fill in -------------------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Makes the weights; called once, before the first call."""
        self.built = True

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The computation."""
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not say its output shape")

    def get_config(self) -> dict[str, Any]:
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable}
        if hasattr(self, "_batch_input_shape"):
            config["batch_input_shape"] = self._batch_input_shape
        config["dtype"] = self._dtype
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**config)

    # --- properties --------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        return self._name

    @property
    def dtype(self) -> str | None:
        return self._dtype

    @property
    def dynamic(self) -> bool:
        return False

    @property
    def trainable(self) -> bool:
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = value
        for layer in self._nested_layers():
            layer.trainable = value

    @property
    def activity_regularizer(self) -> Any:
        return self._activity_regularizer

    @activity_regularizer.setter
    def activity_regularizer(self, regularizer: Any) -> None:
        self._activity_regularizer = regularizer

    def _nested_layers(self) -> list[BaseLayer]:
        """The layers within whose weights, losses and updates are this layer's too."""
        return self._held_layers()

    def _held_layers(self) -> list[BaseLayer]:
        """Layers held as attributes (directly, or in lists and dicts), each once, in order of assignment."""
        found: list[BaseLayer] = []
        for key, value in self.__dict__.items():
            if key in ("_inbound", "_inbound_nodes", "_outbound_nodes"):
                continue
            for item in _items(value):
                if isinstance(item, BaseLayer) and item is not self and all(item is not f for f in found):
                    found.append(item)
        return found

    @property
    def trainable_weights(self) -> list[Any]:
        if not self.trainable:
            return []
        nested = [w for layer in self._nested_layers() for w in layer.trainable_weights]
        return _once(self._trainable_weights + nested)

    @property
    def non_trainable_weights(self) -> list[Any]:
        layers = self._nested_layers()
        if self.trainable:
            return _once(self._non_trainable_weights + [w for layer in layers for w in layer.non_trainable_weights])
        return _once(
            self._trainable_weights + self._non_trainable_weights + [w for layer in layers for w in layer.weights]
        )

    @property
    def weights(self) -> list[Any]:
        return self.trainable_weights + self.non_trainable_weights

    @property
    def trainable_variables(self) -> list[Any]:
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Any]:
        return self.non_trainable_weights

    @property
    def variables(self) -> list[Any]:
        return self.weights

    @property
    def updates(self) -> list[Any]:
        """Operations that update the layer's state; none while it is frozen."""
        if not self.trainable and not self.stateful:
            return []
        return self._updates + [u for layer in self._nested_layers() for u in layer.updates]

    @property
    def losses(self) -> list[Any]:
        """The losses added so far; those given as functions are made anew each time."""
        own = list(self._losses)
        own.extend(loss for make in self._callable_losses if (loss := make()) is not None)
        return own + [loss for layer in self._nested_layers() for loss in layer.losses]

    def get_updates_for(self, inputs: Any) -> list[Any]:
        """Updates that depend on `inputs`; with None, those that depend on no input of the layer."""
        return _for_inputs(self.updates, inputs, "_unconditional_update")

    def get_losses_for(self, inputs: Any) -> list[Any]:
        """Losses that depend on `inputs`; with None, those that were added without inputs."""
        return _for_inputs(self.losses, inputs, "_unconditional_loss")

    @property
    def input(self) -> Any:
        """The input of the layer's only call. Raises AttributeError when it was called never or more than once."""
        return self._only_call("input", 0)

    @property
    def output(self) -> Any:
        """The output of the layer's only call. Raises AttributeError when it was called never or more than once."""
        return self._only_call("output", 1)

    def _only_call(self, what: str, which: int) -> Any:
        if not self._inbound:
            lacks = "is not connected, no input to return." if which == 0 else "has no inbound nodes."
            raise AttributeError(f"Layer {self.name} {lacks}")
        if len(self._inbound) > 1:
            raise AttributeError(
                f'Layer {self.name} has multiple inbound nodes, hence the notion of "layer {what}" is ill-defined. '
                f"Use `get_{what}_at(node_index)` instead."
            )
        return self._inbound[0][which]

    @property
    def inbound_nodes(self) -> list[Any]:
        """The layer's calls within a Keras model."""
        return self._inbound

    @property
    def outbound_nodes(self) -> list[Any]:
        """The calls of other layers that take this one's output, within a Keras model."""
        return []

    @property
    def input_mask(self) -> Any:
        """The mask of the layer's only input."""
        return _masks(self.input)

    @property
    def output_mask(self) -> Any:
        """The mask of the layer's only output."""
        return _masks(self.output)

    def get_input_mask_at(self, node_index: int) -> Any:
        return _masks(self.get_input_at(node_index))

    def get_output_mask_at(self, node_index: int) -> Any:
        return _masks(self.get_output_at(node_index))

    def get_input_at(self, node_index: int) -> Any:
        return self._call_at(node_index, 0, "input")

    def get_output_at(self, node_index: int) -> Any:
        return self._call_at(node_index, 1, "output")

    def get_input_shape_at(self, node_index: int) -> Any:
        return nest.map_structure(_dims, self._call_at(node_index, 0, "input shape"))

    def get_output_shape_at(self, node_index: int) -> Any:
        return nest.map_structure(_dims, self._call_at(node_index, 1, "output shape"))

    def _call_at(self, node_index: int, which: int, what: str) -> Any:
        if not self._inbound:
            raise RuntimeError(f"The layer has never been called and thus has no defined {what}.")
        if not len(self._inbound) > node_index:
            raise ValueError(
                f"Asked to get {what} at node {node_index}, but the layer has only {len(self._inbound)} inbound nodes."
            )
        return self._inbound[node_index][which]

    @property
    def input_shape(self) -> Any:
        return nest.map_structure(_dims, self.input)

    @property
    def output_shape(self) -> Any:
        return nest.map_structure(_dims, self.output)

    def count_params(self) -> int:
        """The number of scalars in all weights. Raises ValueError before the layer is built."""
        if not self.built and not self.weights:
            raise ValueError(
                f"You tried to call `count_params` on {self.name}, but the layer isn't built. You can build it "
                f"manually via: `{self.name}.build(batch_input_shape)`."
            )
        return int(sum(int(np.prod(w.shape.as_list())) for w in self.weights))

    def compute_output_signature(self, input_signature: Any) -> Any:
        """The TensorSpec of the output for TensorSpecs of the inputs. Raises TypeError for anything else."""
        for spec in nest.flatten(input_signature):
            if not isinstance(spec, TensorSpec):
                raise TypeError(
                    f"Only TensorSpec signature types are supported, but saw signature signature entry: {spec}."
                )
        shape = self.compute_output_shape(nest.map_structure(lambda s: s.shape, input_signature))
        dtype = self._dtype or nest.flatten(input_signature)[0].dtype
        return nest.map_structure(lambda one: TensorSpec(shape=one, dtype=dtype), shape)

    def get_weights(self) -> list[Any]:
        """The values of all weights, from the default session.

        Raises: ValueError without a default session.
        """
        weights = self.weights
        return list(_session("get_weights").run(weights)) if weights else []

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Sets all weights, in the order of `get_weights`, in the default session.

        Raises: ValueError when their number or a shape does not fit.
        """
        variables_ = self.weights
        if len(variables_) != len(weights):
            raise ValueError(
                f'You called `set_weights(weights)` on layer "{self.name}" with a  weight list of length '
                f"{len(weights)}, but the layer was expecting {len(variables_)} weights. Provided weights: "
                f"{str(weights)[:50]}..."
            )
        for variable, value in zip(variables_, weights, strict=True):
            if not variable.shape.is_compatible_with(np.shape(value)):
                raise ValueError(
                    f"Layer weight shape {variable.shape} not compatible with provided weight shape {np.shape(value)}"
                )
        session = _session("set_weights") if variables_ else None
        for variable, value in zip(variables_, weights, strict=True):
            variable.load(value, session)

    # --- as a module -------------------------------------------------------------------------------------------

    @property
    def submodules(self) -> tuple[Any, ...]:
        """All layers held by this one, directly or through others."""
        found: list[Any] = []
        for layer in self._held_layers():
            found.extend(m for m in (layer, *layer.submodules) if all(m is not f for f in found))
        return tuple(found)

    @property
    def name_scope(self) -> Any:
        """A name scope of the layer's name, for a `with` block."""
        return name_scope(self.name)

    @classmethod
    def with_name_scope(cls, method: Callable[..., Any]) -> Callable[..., Any]:
        """Decorates a method that is to run in the layer's name scope."""

        @functools.wraps(method)
        def scoped(self: Any, *args: Any, **kwargs: Any) -> Any:
            with self.name_scope:
                return method(self, *args, **kwargs)

        return scoped

    @property
    def metrics(self) -> list[Any]:
        """Metrics of the layers within: a layer of `tf.layers` has none of its own."""
        return [m for layer in self._nested_layers() for m in layer.metrics]

    def add_metric(self, value: Any, aggregation: str | None = None, name: str | None = None) -> None:
        """Raises UnimplementedError: metrics of layers are those of Keras."""
        if aggregation is not None and aggregation != "mean":
            raise ValueError(
                "We currently support only `mean` sample-wise metric aggregation. You provided "
                f"aggregation=`{aggregation}`"
            )
        if name is None:
            raise ValueError(
                "Please provide a name for your metric like `self.add_metric(tf.reduce_sum(inputs), "
                "name='mean_activation', aggregation='mean')`"
            )
        raise errors.UnimplementedError(None, None, "add_metric is not supported outside tf.keras layers")

    # --- making things -----------------------------------------------------------------------------------------

    def add_weight(
        self,
        name: str | None = None,
        shape: Any = None,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        trainable: bool | None = None,
        constraint: Any = None,
        partitioner: Any = None,
        use_resource: bool | None = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
        getter: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Makes a variable by `getter` and tracks it."""
        variable = (getter or variable_scope.get_variable)(
            name,
            shape=() if shape is None else shape,
            dtype=dtypes.as_dtype(dtype or self._dtype or "float32"),
            initializer=initializer,
            trainable=trainable,
            constraint=constraint,
            partitioner=partitioner,
            use_resource=use_resource,
            synchronization=synchronization,
            aggregation=aggregation,
        )
        self._track(variable, trainable)
        return variable

    def _track(self, variable: Any, trainable: bool | None) -> None:
        parts = list(variable) if isinstance(variable, PartitionedVariable) else [variable]
        target = self._trainable_weights if trainable else self._non_trainable_weights
        for part in parts:
            if all(part is not known for known in self._trainable_weights + self._non_trainable_weights):
                target.append(part)

    def add_variable(self, *args: Any, **kwargs: Any) -> Any:
        """The old name of `add_weight`."""
        return self.add_weight(*args, **kwargs)

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Adds tensors (or functions that make one) to the layer's losses.

        inputs: the tensors these losses depend on; None says that they depend on none, as those of weights.
        """

        def marked(loss: Any) -> Any:
            if loss is not None:
                loss = loss if isinstance(loss, Tensor) else conversion.to_tensor(loss, dtypes.float32)
                loss._unconditional_loss = inputs is None
            return loss

        for loss in nest.flatten(losses):
            if callable(loss):
                self._callable_losses.append(lambda loss=loss: marked(loss()))
            elif loss is not None:
                self._losses.append(marked(loss))

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Adds update operations (or functions that make one); `tf.layers` puts them into UPDATE_OPS."""
        around = _CALLS[-1] if _CALLS else [given for given, _ in self._inbound]
        for update in updates if isinstance(updates, (list, tuple)) else [updates]:
            made = update() if callable(update) and not isinstance(update, Tensor) else update
            if not isinstance(made, Operation):
                made = made.op if hasattr(made, "op") else conversion.to_tensor(made)
            made._unconditional_update = made not in reachable_from(around)
            self._updates.append(made)

    def _handle_regularization(self, name: str, variable: Any, regularizer: Callable[[Any], Any]) -> None:
        def loss_for(v: Any) -> Any:
            with name_scope(name + "/Regularizer"):
                return regularizer(v)

        if isinstance(variable, PartitionedVariable):
            for part in variable:
                self.add_loss(lambda part=part: loss_for(part))
        else:
            self.add_loss(lambda: loss_for(variable))

    # --- calling -----------------------------------------------------------------------------------------------

    def _name_scope(self) -> str:
        return self.name

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        # Values that are no tensors are not held against the spec of a layer that is built already, as in TensorFlow.
        symbolic = not any(isinstance(x, (np.ndarray, float, int)) for x in nest.flatten(inputs))
        if symbolic:
            check_inputs(self.input_spec, inputs, self.name)
        else:
            inputs = nest.map_structure(
                lambda x: conversion.to_tensor(x) if isinstance(x, (np.ndarray, float, int)) else x, inputs
            )
        _CALLS.append(inputs)
        try:
            with name_scope(self._name_scope()):
                self._maybe_build(inputs)
                outputs = self.call(inputs, *args, **kwargs)
                if outputs is None:
                    raise ValueError(
                        "A layer's `call` method should return a Tensor or a list of Tensors, not None (layer: "
                        f"{self.name})."
                    )
                self._regularize_activity(outputs)
        finally:
            _CALLS.pop()
        if all(getattr(x, "_keras_history", None) is not None for x in nest.flatten(inputs)):
            self._inbound.append((inputs, outputs))
        return outputs

    apply = __call__

    def _maybe_build(self, inputs: Any) -> None:
        if not self.built:
            check_inputs(self.input_spec, inputs, self.name)
            flat = nest.flatten(inputs)
            if self._dtype is None and flat and hasattr(flat[0], "dtype"):
                self._dtype = flat[0].dtype.base_dtype.name
            shapes = None
            if all(hasattr(x, "shape") for x in flat):
                shapes = nest.map_structure(lambda x: x.shape, inputs)
            self.build(shapes)
            self.built = True
            initial = getattr(self, "_initial_weights", None)
            if initial is not None:
                self.set_weights(initial)  # type: ignore[attr-defined]
                self._initial_weights = None

    def _regularize_activity(self, outputs: Any) -> None:
        if self._activity_regularizer is None:
            return
        from tfcompat.ops import casting, shapes

        with name_scope("ActivityRegularizer"):
            for output in nest.flatten(outputs):
                loss = self._activity_regularizer(output)
                batch = casting.cast(shapes.shape(output)[0], loss.dtype)
                self.add_loss(loss / batch, inputs=True)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        if not self.supports_masking and mask is not None and any(m is not None for m in nest.flatten(mask)):
            raise TypeError(f"Layer {self.name} does not support masking, but was passed an input_mask: {mask}")
        return mask


def _dims(tensor: Any) -> tuple[int | None, ...]:
    return tuple(tensor.shape.as_list())


def _masks(tensors: Any) -> Any:
    if isinstance(tensors, list):
        return [getattr(t, "_keras_mask", None) for t in tensors]
    return getattr(tensors, "_keras_mask", None)


def _session(what: str) -> Any:
    session = stacks.get_default_session()
    if session is None:
        raise ValueError(f"`{what}` needs a default session: use `with session.as_default():`")
    return session


def _items(value: Any) -> Iterable[Any]:
    if isinstance(value, BaseLayer):
        return (value,)
    if isinstance(value, dict):
        return [v for v in value.values() if isinstance(v, BaseLayer)]
    if isinstance(value, (list, tuple)):
        return [v for v in value if isinstance(v, BaseLayer)]
    return ()


def _once(items: list[Any]) -> list[Any]:
    return list({id(v): v for v in items}.values())


def _for_inputs(results: list[Any], inputs: Any, mark: str) -> list[Any]:
    if inputs is None:
        return [r for r in results if getattr(r, mark, False)]
    found = reachable_from(inputs)
    return [r for r in results if not getattr(r, mark, False) and r in found]


def reachable_from(inputs: Any) -> set[Any]:
    """Every tensor and operation that depends on one of `inputs`, these included."""
    found: set[Any] = set()
    queue = [getattr(x, "op", x) if not isinstance(x, (Tensor, Operation)) else x for x in nest.flatten(inputs)]
    while queue:
        item = queue.pop()
        if item in found:
            continue
        found.add(item)
        if isinstance(item, Operation):
            queue.extend(item._outputs)
            queue.extend(item._control_outputs)
        elif isinstance(item, Tensor):
            queue.extend(item._consumers)
    return found


@export("layers.Layer")
class Layer(BaseLayer):
    """Base class of `tf.layers`: variables come from `tf.get_variable` in a variable scope of the layer's own.

    `self.scope_name` is known after the first call.
    """

    def __init__(self, trainable: bool = True, name: Any = None, dtype: Any = None, **kwargs: Any) -> None:
        scope = kwargs.pop("_scope", None)
        self._reuse = kwargs.pop("_reuse", None)
        self._use_resource_variables = False
        super().__init__(trainable=trainable, name=name, dtype=dtype, **kwargs)
        self._call_has_scope_arg = "scope" in inspect.signature(self.call).parameters
        self._keras_style = keras_style.in_use()
        if self._keras_style:
            keras_style.check_no_scope("scope", scope)
            keras_style.check_no_scope("reuse", self._reuse)
        self._scope: Any = None
        self._current_scope: Any = None
        if scope:
            with variable_scope.variable_scope(scope) as captured:
                self._scope = captured

    def _init_set_name(self, name: Any) -> None:
        base = to_snake_case(type(self).__name__)
        if isinstance(name, variable_scope.VariableScope):
            self._base_name, self._name = name.name, unique_layer_name(base)
        elif name:
            self._base_name = self._name = name
        else:
            self._base_name, self._name = base, unique_layer_name(base)

    def _nested_layers(self) -> list[BaseLayer]:
        # Layers within a layer of tf.layers keep their weights and losses to themselves.
        return []

    @property
    def graph(self) -> None:
        """Layers no longer keep their graph."""
        return None

    @property
    def scope_name(self) -> str:
        if not self._scope:
            raise ValueError(
                f'No name available for layer scope because the layer "{self._name}" has not been used yet. The scope '
                "name  is determined the first time the layer instance is called. You must therefore call the layer "
                "before querying `scope_name`."
            )
        return self._scope.name  # type: ignore[no-any-return]

    def _name_scope(self) -> str:
        if self._keras_style:
            return super()._name_scope()
        return self._current_scope.original_name_scope  # type: ignore[no-any-return]

    def _set_scope(self, scope: Any = None) -> None:
        if self._scope is not None:
            return
        if self._reuse:
            context = variable_scope.variable_scope(self._base_name if scope is None else scope)
        else:
            context = variable_scope.variable_scope(scope, default_name=self._base_name)
        with context as captured:
            self._scope = captured

    def add_weight(  # type: ignore[override]
        self,
        name: str,
        shape: Any,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        trainable: bool | None = None,
        constraint: Any = None,
        use_resource: bool | None = None,
        synchronization: Any = VariableSynchronization.AUTO,
        aggregation: Any = VariableAggregation.NONE,
        partitioner: Any = None,
        **kwargs: Any,
    ) -> Any:
        """Makes (or, when reusing, gets) the variable `name` in the layer's scope.

        Raises: ValueError for a trainable variable with ON_READ synchronisation.
        """
        for key in kwargs:
            if key != "experimental_autocast":
                raise TypeError("Unknown keyword argument:", key)
        if self._keras_style:
            trainable = True if trainable is None else trainable
            made = super().add_weight(
                name,
                shape,
                dtype=dtype,
                initializer=initializer,
                trainable=trainable and self.trainable,
                constraint=constraint,
                use_resource=use_resource,
                partitioner=partitioner,
                getter=keras_style.make_variable,
            )
            if regularizer:
                self._handle_regularization(made.name.partition(":")[0], made, regularizer)
            return made
        if synchronization == VariableSynchronization.ON_READ:
            if trainable:
                raise ValueError(
                    "Synchronization value can be set to VariableSynchronization.ON_READ only for non-trainable "
                    "variables. You have specified trainable=True and "
                    "synchronization=VariableSynchronization.ON_READ."
                )
            trainable = False
        elif trainable is None:
            trainable = True
        existing = {id(v) for v in variable_lib.global_variables()}
        self._set_scope(None)
        reuse = self.built or self._reuse
        with variable_scope.variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False) as scope:
            self._current_scope = scope
            with name_scope(self._name_scope()):
                variable = super().add_weight(
                    name,
                    shape,
                    dtype=dtypes.as_dtype(dtype or self.dtype or dtypes.float32),
                    initializer=scope.initializer if initializer is None else initializer,
                    trainable=trainable and self.trainable,
                    constraint=constraint,
                    partitioner=partitioner,
                    use_resource=use_resource or self._use_resource_variables or scope.use_resource,
                    synchronization=synchronization,
                    aggregation=aggregation,
                )
                parts = list(variable) if isinstance(variable, PartitionedVariable) else [variable]
                if regularizer and all(id(p) not in existing for p in parts):
                    self._handle_regularization(name, variable, regularizer)
                if trainable and self.trainable:
                    self._respect_getter(parts)
        return variable

    def _respect_getter(self, parts: list[Any]) -> None:
        """A custom getter or scope may have made the variable non-trainable after all."""
        known = {id(v) for v in variable_lib.trainable_variables()}
        for part in parts:
            if id(part) not in known and any(part is w for w in self._trainable_weights):
                self._trainable_weights = [w for w in self._trainable_weights if w is not part]
                self._non_trainable_weights.append(part)

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Adds to the layer's losses and to the collection REGULARIZATION_LOSSES."""
        plain, made = len(self._losses), len(self._callable_losses)
        super().add_loss(losses, inputs)
        new = self._losses[plain:]
        new.extend(loss for make in self._callable_losses[made:] if (loss := make()) is not None)
        add_to_collection_once(new, GraphKeys.REGULARIZATION_LOSSES)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Builds the layer if need be and applies it. A `scope` keyword names the variable scope at the first call."""
        scope = kwargs.pop("scope", None)
        if self._keras_style:
            keras_style.check_no_scope("scope", scope)
            return super().__call__(inputs, *args, **kwargs)
        self._set_scope(scope)
        reuse = True if self.built else self._reuse
        with variable_scope.variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False) as scope:
            self._current_scope = scope
            if self._call_has_scope_arg:
                kwargs["scope"] = scope
            outputs = super().__call__(inputs, *args, **kwargs)
        add_to_collection_once(self.updates, GraphKeys.UPDATE_OPS)
        return outputs

    def apply(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The same as calling the layer."""
        return self.__call__(inputs, *args, **kwargs)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        made = type(self).__new__(type(self))
        memo[id(self)] = made
        for key, value in self.__dict__.items():
            made.__dict__[key] = copy.copy(value) if key in ("_scope", "_current_scope") else copy.deepcopy(value, memo)
        return made


def add_to_collection_once(items: Any, name: str) -> None:
    """Adds the items a collection does not hold yet."""
    collection = stacks.get_default_graph().get_collection_ref(name)
    known = {id(item) for item in collection}
    for item in nest.flatten(items):
        if id(item) not in known:
            collection.append(item)
            known.add(id(item))


def channel_dim(input_shape: TensorShape, axis: int, what: str) -> int:
    """The static size of the channel axis. Raises ValueError when it is not known."""
    value = input_shape.dims[axis].value if input_shape.dims is not None else None
    if value is None:
        raise ValueError(what)
    return int(value)
