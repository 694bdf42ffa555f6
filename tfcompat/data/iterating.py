"""Iterators over datasets, as users see them.

Source: TF 1.15, python/data/ops/iterator_ops.py, and the methods of Dataset that make iterators.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from typing import Any

from tfcompat.data import dataset_ops, iterator_ops, nest, structure
from tfcompat.data.optional import OptionalOfTensors
from tfcompat.data.tracing import StatefulCapture, function_by_value
from tfcompat.framework import collections, conversion, dtypes, stacks, tf_logging
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor

_MANY_CALLS = 32
_MANY_CALLS_MESSAGE = (
    "An unusually high number of `Iterator.get_next()` calls was detected. This often indicates that "
    "`Iterator.get_next()` is being called inside a training loop, which will cause gradual slowdown and eventual "
    "resource exhaustion. If this is the case, restructure your code to call `next_element = iterator.get_next()` once "
    "outside the loop, and use `next_element` as the input to some computation that is invoked inside the loop."
)
GLOBAL_ITERATORS = "iterators"


def _device(name: str) -> Any:
    return stacks.get_default_graph().device(name) if name else contextlib.nullcontext()


def _beside(resource: Any) -> Any:
    return stacks.get_default_graph().colocate_with(resource.op)


def _on_cpu_unless_placed() -> Any:
    return _device("" if stacks.get_default_graph()._scopes.devices else "/cpu:0")


def _from_three(output_types: Any, output_shapes: Any, output_classes: Any) -> tuple[Any, Any, Any, Any]:
    """Three structures, completed, and the structure of specs that they mean."""
    output_types = nest.map_structure(dtypes.as_dtype, output_types)
    if output_shapes is None:
        output_shapes = nest.map_structure(lambda _: TensorShape(None), output_types)
    else:
        output_shapes = nest.map_structure_up_to(output_types, TensorShape, output_shapes)
    if output_classes is None:
        output_classes = nest.map_structure(lambda _: Tensor, output_types)
    nest.assert_same_structure(output_types, output_shapes)
    spec = structure.from_legacy(output_types, output_shapes, output_classes)
    return output_types, output_shapes, output_classes, spec


@export("data.Iterator")
class Iterator:
    """Where a walk through a dataset stands, in each session that uses it."""

    def __init__(
        self, iterator_resource: Any, initializer: Any, output_types: Any, output_shapes: Any, output_classes: Any
    ) -> None:
        self._iterator_resource = iterator_resource
        self._initializer = initializer
        if output_types is None or output_shapes is None or output_classes is None:
            raise ValueError(
                "If `structure` is not specified, all of `output_types`, `output_shapes`, and `output_classes` must be "
                "specified."
            )
        self._element_spec = structure.from_legacy(output_types, output_shapes, output_classes)
        self._string_handle = iterator_ops.iterator_to_string_handle_op(iterator_resource)
        self._get_next_call_count = 0
        collections.add_to_collection(GLOBAL_ITERATORS, iterator_resource)

    @staticmethod
    def from_structure(
        output_types: Any, output_shapes: Any = None, shared_name: str | None = None, output_classes: Any = None
    ) -> Iterator:
        """An iterator for any dataset of that structure; `make_initializer` says which."""
        *three, spec = _from_three(output_types, output_shapes, output_classes)
        with _on_cpu_unless_placed():
            resource = iterator_ops.iterator_v2_op(
                container="", shared_name=shared_name or "", **structure.flat_attrs(spec)
            )
        return Iterator(resource, None, *three)

    @staticmethod
    def from_string_handle(
        string_handle: Any, output_types: Any, output_shapes: Any = None, output_classes: Any = None
    ) -> Iterator:
        """The iterator that a string names: what another one's `string_handle()` gave in the same session."""
        *three, spec = _from_three(output_types, output_shapes, output_classes)
        handle = conversion.convert_to_tensor(string_handle, dtype=dtypes.string)
        with _on_cpu_unless_placed():
            resource = iterator_ops.iterator_from_string_handle_v2_op(handle, **structure.flat_attrs(spec))
        return Iterator(resource, None, *three)

    @property
    def initializer(self) -> Any:
        """The operation that begins at the start. Raises ValueError for an iterator without one."""
        if self._initializer is None:
            raise ValueError("Iterator does not have an initializer.")
        return self._initializer

    def make_initializer(self, dataset: Any, name: str | None = None) -> Any:
        """The operation that begins at the start of a dataset. Raises TypeError or ValueError where it does not fit."""
        with name_scope(name, "make_initializer") as scope:
            self._check_fits(dataset.element_spec)
        with _beside(self._iterator_resource):
            return iterator_ops.make_iterator_op(dataset._variant_tensor, self._iterator_resource, name=scope)

    def _check_fits(self, spec: Any) -> None:
        nest.assert_same_structure(self.output_types, structure.legacy_types(spec))
        nest.assert_same_structure(self.output_shapes, structure.legacy_shapes(spec))
        rows: list[tuple[str, Any, Any, Callable[[Any, Any], bool]]] = [
            ("Expected output classes %r but got dataset with output class %r.", self.output_classes,
             structure.legacy_classes(spec), lambda a, b: a is b or a == b),
            ("Expected output types %r but got dataset with output types %r.", self.output_types,
             structure.legacy_types(spec), lambda a, b: a == b),
            ("Expected output shapes compatible with %r but got dataset with output shapes %r.", self.output_shapes,
             structure.legacy_shapes(spec), lambda a, b: a.is_compatible_with(b)),
        ]
        for message, mine, theirs, fits in rows:
            pairs = zip(nest.flatten(mine), nest.flatten(theirs), strict=True)
            if not all(fits(a, b) for a, b in pairs):
                raise TypeError(message % (mine, theirs))

    def get_next(self, name: str | None = None) -> Any:
        """The next element: each run of what it gives takes one. OutOfRangeError in the run when there is none."""
        self._get_next_call_count += 1
        if self._get_next_call_count > _MANY_CALLS:
            warnings.warn(_MANY_CALLS_MESSAGE, stacklevel=2)
        flat = iterator_ops.iterator_get_next_op(
            self._iterator_resource, name=name, **structure.flat_attrs(self._element_spec)
        )
        return structure.from_tensors(self._element_spec, flat)

    def get_next_as_optional(self) -> Any:
        """The next element, or nothing at the end."""
        return get_next_as_optional(self)

    def string_handle(self, name: str | None = None) -> Any:
        """A string by which the session finds this iterator again."""
        if name is None:
            return self._string_handle
        return iterator_ops.iterator_to_string_handle_op(self._iterator_resource, name=name)

    @property
    def output_classes(self) -> Any:
        """The structure of the elements, with the class of each component."""
        return structure.legacy_classes(self._element_spec)

    @property
    def output_shapes(self) -> Any:
        """The structure of the elements, with the shape of each component."""
        return structure.legacy_shapes(self._element_spec)

    @property
    def output_types(self) -> Any:
        """The structure of the elements, with the dtype of each component."""
        return structure.legacy_types(self._element_spec)

    @property
    def element_spec(self) -> Any:
        """The structure of the elements: a spec for each component."""
        return self._element_spec


@export("data.experimental.get_next_as_optional", v2=("data.experimental.get_next_as_optional",))
def get_next_as_optional(iterator: Any) -> Any:
    """The next element of an iterator as an Optional, which is empty at the end."""
    made = iterator_ops.iterator_get_next_as_optional_op(
        iterator._iterator_resource, **structure.flat_attrs(iterator.element_spec)
    )
    return OptionalOfTensors(made, iterator.element_spec)


# -- from datasets -------------------------------------------------------------------------------------------------------


def _warn_of_other_graphs(dataset: Any) -> None:
    current = stacks.get_default_graph()
    todo, seen = [dataset], set()
    while todo:
        d = todo.pop(0)
        if id(d) in seen:
            continue
        seen.add(id(d))
        if d._graph is not current:
            tf_logging.warning(
                "The graph (%s) of the iterator is different from the graph (%s) the dataset: %s was created in. Please "
                "ensure that all datasets in the pipeline are created in the same graph as the iterator. NOTE: This "
                "warning will become an error in future versions of TensorFlow.",
                current, d._graph, d._variant_tensor,
            )
        todo.extend(d._inputs())


def with_its_options(dataset: Any, variant: Any) -> Any:
    """The nodes that a dataset's options ask for, on top of `variant`, which is the dataset or a copy of it."""
    options = dataset.options()
    attrs = structure.flat_attrs(dataset.element_spec)
    threading = options.experimental_threading
    if threading is not None:
        if threading.max_intra_op_parallelism is not None:
            most = conversion.convert_to_tensor(
                threading.max_intra_op_parallelism, dtype=dtypes.int64, name="max_intra_op_parallelism"
            )
            variant = dataset_ops.max_intra_op_parallelism_dataset_op(variant, most, **attrs)
        if threading.private_threadpool_size is not None:
            size = conversion.convert_to_tensor(
                threading.private_threadpool_size, dtype=dtypes.int64, name="num_threads"
            )
            variant = dataset_ops.private_thread_pool_dataset_op(variant, size, **attrs)
    wanted = options._static_optimizations()
    if wanted:
        if dataset._has_captured_ref():
            warnings.warn(
                "tf.data static optimizations are not compatible with tf.Variable. The following optimizations will be "
                f"disabled: {', '.join(wanted)}. To enable optimizations, use resource variables instead by calling "
                "`tf.enable_resource_variables()` at the start of the program.",
                stacklevel=4,
            )
        else:
            names = conversion.convert_to_tensor(wanted, dtype=dtypes.string, name="optimizations")
            variant = dataset_ops.optimize_dataset_op(
                variant, names, optimization_configs=options._static_optimization_configs(), **attrs
            )
    tuning = options.experimental_optimization
    if tuning is None or tuning.autotune is not False:
        algorithm = (tuning.autotune_algorithm if tuning is not None else None) or 0
        budget = (tuning.autotune_cpu_budget if tuning is not None else None) or 0
        variant = dataset_ops.model_dataset_op(variant, algorithm=algorithm, cpu_budget=budget, **attrs)
    return variant


def _legacy(dataset: Any) -> tuple[Any, Any, Any]:
    spec = dataset.element_spec
    return structure.legacy_types(spec), structure.legacy_shapes(spec), structure.legacy_classes(spec)


def one_shot_iterator(dataset: Any) -> Iterator:
    """An iterator that holds its dataset as a function. Raises ValueError for a dataset that cannot be copied into one."""
    _warn_of_other_graphs(dataset)
    try:
        factory = function_by_value(
            "_make_dataset", lambda copy: with_its_options(dataset, copy(dataset._variant_tensor))
        )
    except StatefulCapture as cause:
        raise ValueError(
            "Failed to create a one-shot iterator for a dataset. `Dataset.make_one_shot_iterator()` does not support "
            "datasets that capture stateful objects, such as a `Variable` or `LookupTable`. In these cases, use "
            f"`Dataset.make_initializable_iterator()`. (Original error: {cause})"
        ) from None
    with _device(dataset._variant_tensor.device):
        resource = iterator_ops.one_shot_iterator_op(
            dataset_factory=factory, **structure.flat_attrs(dataset.element_spec)
        )
        return Iterator(resource, None, *_legacy(dataset))


def initializable_iterator(dataset: Any, shared_name: str | None) -> Iterator:
    """An iterator with an initializer that makes the dataset anew."""
    _warn_of_other_graphs(dataset)
    variant = with_its_options(dataset, dataset._variant_tensor)
    with _device(dataset._variant_tensor.device):
        resource = iterator_ops.iterator_v2_op(
            container="", shared_name=shared_name or "", **structure.flat_attrs(dataset.element_spec)
        )
        with _beside(resource):
            initializer = iterator_ops.make_iterator_op(variant, resource)
        return Iterator(resource, initializer, *_legacy(dataset))
