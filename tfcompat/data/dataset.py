"""tf.data.Dataset: methods that each add a node to the graph. What the nodes do is in dataset_ops.py.

TensorFlow has two classes here. `DatasetV2` knows the transformations; `DatasetV1` is what version 1 of the API shows: the
same methods, giving objects that also make iterators. Source: TF 1.15, python/data/ops/dataset_ops.py.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tfcompat.data import dataset_ops as ops
from tfcompat.data import generators, iterating, nest, padding, structure
from tfcompat.data.options import Options
from tfcompat.data.seeds import seed_tensors
from tfcompat.data.tracing import TracedFunction, trace_with_state
from tfcompat.framework import constant_value, conversion, dtypes, stacks
from tfcompat.framework import nest as core_nest
from tfcompat.framework.export import export, export_value
from tfcompat.framework.scopes import control_dependencies, name_scope
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor
from tfcompat.framework.tensor_spec import TensorSpec
from tfcompat.framework.type_spec import BatchableTypeSpec
from tfcompat.io.file_ops import matching_files
from tfcompat.ops import assertions, comparison, constants, elementwise, identity, shapes, strings

AUTOTUNE = -1
export_value("data.experimental.AUTOTUNE", attribute="AUTOTUNE", v2=("data.experimental.AUTOTUNE",))


def int64(value: Any, name: str) -> Tensor:
    """A setting as an int64 tensor."""
    return conversion.convert_to_tensor(value, dtype=dtypes.int64, name=name)


def setting(name: str, value: Any, default: Any = 0, dtype: Any = dtypes.int64) -> Tensor:
    """A setting as a tensor, where the caller may leave it open."""
    if value is None:
        return constants.constant(default, dtype=dtype, name=name)
    return conversion.convert_to_tensor(value, dtype=dtype, name=name)


@export("data.DatasetSpec", "data.experimental.DatasetStructure", v2=("data.DatasetSpec",))
class DatasetSpec(BatchableTypeSpec):
    """What is known of a dataset that is a component of an element: the structure of its own elements."""

    __slots__ = ("_dataset_shape", "_element_spec")

    def __init__(self, element_spec: Any, dataset_shape: Any = ()) -> None:
        self._element_spec = element_spec
        self._dataset_shape = TensorShape(dataset_shape)

    @property
    def value_type(self) -> Any:
        return NodeDataset

    @property
    def element_spec(self) -> Any:
        return self._element_spec

    def _serialize(self) -> tuple[Any, ...]:
        return self._element_spec, self._dataset_shape

    @property
    def _component_specs(self) -> Any:
        return TensorSpec(self._dataset_shape, dtypes.variant)

    def _to_components(self, value: Any) -> Any:
        return value._variant_tensor

    def _from_components(self, components: Any) -> Any:
        if self._dataset_shape.ndims == 0:
            return NodeDataset(components, self._element_spec)
        return NestedDatasets(components, self._element_spec, self._dataset_shape)

    def _from_compatible_tensor_list(self, tensor_list: list[Any]) -> Any:
        return self._from_components(tensor_list[0])

    def _to_tensor_list(self, value: Any) -> list[Any]:
        variants = core_nest.map_structure(lambda d: d._variant_tensor, value)
        return [conversion.convert_to_tensor(variants)]

    @staticmethod
    def from_value(value: Any) -> DatasetSpec:
        """The spec of a dataset."""
        return DatasetSpec(value.element_spec)

    def _batch(self, batch_size: int | None) -> DatasetSpec:
        return DatasetSpec(self._element_spec, TensorShape([batch_size]).concatenate(self._dataset_shape))

    def _unbatch(self) -> DatasetSpec:
        self._check_batched()
        return DatasetSpec(self._element_spec, self._dataset_shape[1:])

    def _to_batched_tensor_list(self, value: Any) -> list[Any]:
        self._check_batched()
        return self._to_tensor_list(value)

    def _check_batched(self) -> None:
        if self._dataset_shape.ndims == 0:
            raise ValueError("Unbatching a dataset is only supported for rank >= 1")

    def _to_legacy_output_types(self) -> Any:
        return self

    def _to_legacy_output_shapes(self) -> Any:
        return self

    def _to_legacy_output_classes(self) -> Any:
        return self


class NestedDatasets:
    """A batch of datasets."""

    def __init__(self, variant: Any, element_spec: Any, shape: Any) -> None:
        self._variant_tensor = variant
        self._type_spec = DatasetSpec(element_spec, shape)


class DatasetV2:
    """A sequence of elements, each a structure of tensors: a node of the graph that was default when it was made."""

    def __init__(self, variant_tensor: Any) -> None:
        self._variant_tensor_attr = variant_tensor
        self._graph_attr = stacks.get_default_graph()

    @property
    def _variant_tensor(self) -> Any:
        return self._variant_tensor_attr

    @property
    def _graph(self) -> Any:
        return self._graph_attr

    def _inputs(self) -> list[Any]:
        raise NotImplementedError("Dataset._inputs")

    def _functions(self) -> list[TracedFunction]:
        return []

    @property
    def element_spec(self) -> Any:
        raise NotImplementedError("Dataset.element_spec")

    def options(self) -> Options:
        """The options of this dataset and of those that it is made of."""
        found = Options()
        for source in self._inputs():
            given = source.options()
            if given is not None:
                found = found.merge(given)
        return found

    def _has_captured_ref(self) -> bool:
        """Whether a function of elements reads a reference variable."""
        for traced in self._functions():
            todo, seen = list(traced.captured), set()
            while todo:
                t = todo.pop()
                if t._dtype._is_ref_dtype:
                    return True
                if t._op not in seen:
                    seen.add(t._op)
                    todo.extend(t._op._inputs)
        return any(source._has_captured_ref() for source in self._inputs())

    def __iter__(self) -> Any:
        raise RuntimeError("__iter__() is only supported inside of tf.function or when eager execution is enabled.")

    def __len__(self) -> int:
        raise TypeError(f"object of type '{type(self).__name__}' has no len()")

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        shown_shapes = str(nest.map_structure(str, structure.legacy_shapes(self.element_spec))).replace("'", "")
        shown_types = str(nest.map_structure(repr, structure.legacy_types(self.element_spec))).replace("'", "")
        return f"<{type(self).__name__} shapes: {shown_shapes}, types: {shown_types}>"

    @property
    def _type_spec(self) -> DatasetSpec:
        return DatasetSpec(self.element_spec)

    @property
    def _flat_structure(self) -> dict[str, Any]:
        return structure.flat_attrs(self.element_spec)

    @property
    def _flat_shapes(self) -> list[Any]:
        return structure.flat_shapes(self.element_spec)

    @property
    def _flat_types(self) -> list[Any]:
        return structure.flat_types(self.element_spec)

    # -- sources --------------------------------------------------------------------------------------------------------

    @staticmethod
    def from_tensors(tensors: Any) -> Any:
        """One element: the tensors."""
        element = structure.normalize_element(tensors)
        spec = structure.spec_of(element)
        parts = structure.to_tensors(spec, element)
        return NodeDataset(ops.tensor_dataset_op(parts, output_shapes=structure.flat_shapes(spec)), spec)

    @staticmethod
    def from_tensor_slices(tensors: Any) -> Any:
        """One element for each index of the first dimension, in which all tensors agree."""
        element = structure.normalize_element(tensors)
        batched = structure.spec_of(element)
        parts = structure.to_batched_tensors(batched, element)
        spec = nest.map_structure(lambda s: s._unbatch(), batched)
        first = parts[0].shape[0]
        for t in parts[1:]:
            first.assert_is_compatible_with(t.shape[0])
        return NodeDataset(ops.tensor_slice_dataset_op(parts, output_shapes=structure.flat_shapes(spec)), spec)

    @staticmethod
    def from_generator(generator: Any, output_types: Any, output_shapes: Any = None, args: Any = None) -> Any:
        """What a Python generator yields, called anew for each walk through the dataset.

        Raises: TypeError when `generator` cannot be called; InvalidArgumentError in the run for what does not fit.
        """
        calls = generators.GeneratorCalls(generator, output_types, output_shapes, args)
        return DatasetV2.from_tensors(0).flat_map(lambda dummy: _generator_dataset(dummy, calls))

    @staticmethod
    def range(*args: Any) -> Any:
        """The int64 numbers of Python's `range` of the same arguments."""
        if not 1 <= len(args) <= 3:
            raise ValueError(f"Invalid arguments to RangeDataset: {args}")
        start, stop, step = {1: (0, *args, 1), 2: (*args, 1), 3: args}[len(args)]
        spec = TensorSpec([], dtypes.int64)
        made = ops.range_dataset_op(
            int64(start, "start"), int64(stop, "stop"), int64(step, "step"), **structure.flat_attrs(spec)
        )
        return NodeDataset(made, spec)

    @staticmethod
    def zip(datasets: Any) -> Any:
        """Elements of several datasets side by side, in the structure that the datasets are given in."""
        parts = nest.flatten(datasets)
        for d in parts:
            if not isinstance(d, DatasetV2):
                message = "The argument to `Dataset.zip()` must be a nested structure of `Dataset` objects."
                if isinstance(d, list):
                    message += " Nested structures do not support Python lists; please use a tuple instead."
                raise TypeError(message)
        spec = nest.pack_sequence_as(datasets, [d.element_spec for d in parts])
        made = ops.zip_dataset_op([d._variant_tensor for d in parts], **structure.flat_attrs(spec))
        return NodeDataset(made, spec, parts)

    @staticmethod
    def list_files(file_pattern: Any, shuffle: bool | None = None, seed: Any = None) -> Any:
        """The names of the files that match one or several patterns; in random order unless told otherwise.

        Raises: InvalidArgumentError in the run when there are none.
        """
        with name_scope("list_files"):
            pattern = conversion.convert_to_tensor(file_pattern, dtype=dtypes.string, name="file_pattern")
            names = matching_files(pattern)
            some = comparison.greater(shapes.shape(names)[0], 0, name="match_not_empty")
            joined = strings.reduce_join(pattern, separator=", ")
            message = elementwise.add("No files matched pattern: ", joined, name="message")
            check = assertions.Assert(some, [message], summarize=1, name="assert_not_empty")
            with control_dependencies([check]):
                names = identity.identity(names)
            dataset = DatasetV1.from_tensor_slices(names)
            if shuffle is None or shuffle:
                size = elementwise.maximum(shapes.shape(names, out_type=dtypes.int64)[0], 1)
                dataset = dataset.shuffle(size, seed=seed)
            return dataset

    # -- order ----------------------------------------------------------------------------------------------------------

    def concatenate(self, dataset: Any) -> Any:
        """The elements of this dataset, then those of another. Raises TypeError when types or classes differ."""
        specs = self.element_spec, dataset.element_spec
        types, others = (structure.legacy_types(s) for s in specs)
        if types != others:
            raise TypeError(f"Two datasets to concatenate have different types {types} and {others}")
        classes, others = (structure.legacy_classes(s) for s in specs)
        if classes != others:
            raise TypeError(f"Two datasets to concatenate have different classes {classes} and {others}")
        spec = structure.from_legacy(types, common_shapes(specs), classes)
        made = ops.concatenate_dataset_op(
            self._variant_tensor, dataset._variant_tensor, **structure.flat_attrs(spec)
        )
        return NodeDataset(made, spec, [self, dataset])

    def _same_elements(self, op: Any, *settings: Any, **attrs: Any) -> Any:
        made = op(self._variant_tensor, *settings, **attrs, **self._flat_structure)
        return NodeDataset(made, self.element_spec, [self])

    def prefetch(self, buffer_size: Any) -> Any:
        """The same elements, up to `buffer_size` of them made ahead; -1 leaves the number open."""
        size = int64(-1 if buffer_size is None else buffer_size, "buffer_size")
        return self._same_elements(ops.prefetch_dataset_op, size)

    def repeat(self, count: Any = None) -> Any:
        """The elements `count` times; for ever when it is None or -1."""
        return self._same_elements(ops.repeat_dataset_op, setting("count", count, -1))

    def enumerate(self, start: Any = 0) -> Any:
        """Pairs of a number, from `start` on, and the element."""
        kind = type(self)._kind_of_parts()
        return kind.zip((kind.range(start, np.iinfo(np.int64).max), self))

    @classmethod
    def _kind_of_parts(cls) -> Any:
        return DatasetV1

    def shuffle(self, buffer_size: Any, seed: Any = None, reshuffle_each_iteration: bool | None = None) -> Any:
        """Elements drawn at random from a buffer of the next `buffer_size`."""
        size = int64(buffer_size, "buffer_size")
        seeds = seed_tensors(seed)
        again = True if reshuffle_each_iteration is None else reshuffle_each_iteration
        return self._same_elements(ops.shuffle_dataset_op, size, *seeds, reshuffle_each_iteration=again)

    def cache(self, filename: Any = "") -> Any:
        """The elements, kept after the first walk: in memory, or in files whose names begin with `filename`."""
        name = conversion.convert_to_tensor(filename, dtype=dtypes.string, name="filename")
        return self._same_elements(ops.cache_dataset_op, name)

    def take(self, count: Any) -> Any:
        """The first `count` elements; all of them when it is -1."""
        return self._same_elements(ops.take_dataset_op, int64(count, "count"))

    def skip(self, count: Any) -> Any:
        """All but the first `count` elements; none of them when it is -1."""
        return self._same_elements(ops.skip_dataset_op, int64(count, "count"))

    def shard(self, num_shards: Any, index: Any) -> Any:
        """Every `num_shards`-th element, from number `index` on."""
        return self._same_elements(ops.shard_dataset_op, int64(num_shards, "num_shards"), int64(index, "index"))

    # -- batches --------------------------------------------------------------------------------------------------------

    def batch(self, batch_size: Any, drop_remainder: Any = False) -> Any:
        """`batch_size` elements in one; the last has what is left, unless that is dropped."""
        size = int64(batch_size, "batch_size")
        drop = conversion.convert_to_tensor(drop_remainder, dtype=dtypes.bool, name="drop_remainder")
        spec = batched_spec(self.element_spec, size, drop)
        made = ops.batch_dataset_v2_op(self._variant_tensor, size, drop, **structure.flat_attrs(spec))
        return NodeDataset(made, spec, [self])

    def padded_batch(
        self, batch_size: Any, padded_shapes: Any, padding_values: Any = None, drop_remainder: Any = False
    ) -> Any:
        """Batches of elements padded to `padded_shapes`; None or -1 there means the longest of the batch.

        Raises: TypeError for sparse elements; ValueError when a shape cannot hold the elements.
        """
        types, classes = structure.legacy_types(self.element_spec), structure.legacy_classes(self.element_spec)
        if any(kind is SparseTensor for kind in nest.flatten(classes)):
            raise TypeError("Batching of padded sparse tensors is not currently supported")
        size = int64(batch_size, "batch_size")
        input_shapes = structure.legacy_shapes(self.element_spec)
        wanted, values = padding.arguments(types, input_shapes, padded_shapes, padding_values)
        drop = conversion.convert_to_tensor(drop_remainder, dtype=dtypes.bool, name="drop_remainder")
        first = _batch_dimension(size, drop)
        flat = [TensorShape([first]).concatenate(TensorShape(constant_value.partial_shape(s))) for s in wanted]
        spec = structure.from_legacy(types, nest.pack_sequence_as(input_shapes, flat), classes)
        made = ops.padded_batch_dataset_v2_op(
            self._variant_tensor, size, wanted, values, drop, output_shapes=structure.flat_shapes(spec)
        )
        return NodeDataset(made, spec, [self])

    def window(self, size: Any, shift: Any = None, stride: Any = 1, drop_remainder: Any = False) -> Any:
        """Datasets of `size` elements each that begin `shift` elements apart: one dataset a component."""
        settings = [
            int64(size, "size"),
            int64(size if shift is None else shift, "shift"),
            int64(stride, "stride"),
            conversion.convert_to_tensor(drop_remainder, dtype=dtypes.bool, name="drop_remainder"),
        ]
        spec = nest.map_structure(DatasetSpec, self.element_spec)
        made = ops.window_dataset_op(self._variant_tensor, *settings, **structure.flat_attrs(spec))
        return NodeDataset(made, spec, [self])

    def unbatch(self) -> Any:
        """The slices of each element along its first dimension."""
        spec = self.element_spec

        def normalize(arg: Any, *rest: Any) -> Any:
            return structure.to_batched_tensors(spec, (arg, *rest) if rest else arg)

        return unbatched(self.map(normalize), spec)

    # -- functions of elements ------------------------------------------------------------------------------------------

    def map(self, map_func: Any, num_parallel_calls: Any = None) -> Any:
        """The results of a function of each element, several of them computed at once where a number is given."""
        return mapped(self, map_func, num_parallel_calls, preserve_cardinality=True)

    def flat_map(self, map_func: Any) -> Any:
        """The elements of the datasets that a function makes, one dataset after the other."""
        traced, spec = trace_dataset(map_func, "Dataset.flat_map()", self.element_spec)
        made = ops.flat_map_dataset_op(
            self._variant_tensor, traced.captured, f=traced.graph, **structure.flat_attrs(spec)
        )
        return NodeDataset(made, spec, [self], [traced])

    def interleave(
        self, map_func: Any, cycle_length: Any = AUTOTUNE, block_length: Any = 1, num_parallel_calls: Any = None
    ) -> Any:
        """Blocks of elements of `cycle_length` datasets at a time, which a function makes, in turn."""
        traced, spec = trace_dataset(map_func, "Dataset.interleave()", self.element_spec)
        settings = [int64(cycle_length, "cycle_length"), int64(block_length, "block_length")]
        op = ops.interleave_dataset_op
        if num_parallel_calls is not None:
            settings.append(int64(num_parallel_calls, "num_parallel_calls"))
            op = ops.parallel_interleave_dataset_v2_op
        made = op(self._variant_tensor, traced.captured, *settings, f=traced.graph, **structure.flat_attrs(spec))
        return NodeDataset(made, spec, [self], [traced])

    def filter(self, predicate: Any) -> Any:
        """The elements for which a function is True. Raises ValueError when it gives no scalar bool."""
        traced = TracedFunction(predicate, "Dataset.filter()", self.element_spec)
        if not _is_scalar(traced.output_structure, dtypes.bool):
            raise ValueError(
                "`predicate` return type must be convertible to a scalar boolean tensor. Was "
                f"{traced.output_structure}."
            )
        made = ops.filter_dataset_op(
            self._variant_tensor, traced.captured, predicate=traced.graph, **self._flat_structure
        )
        return NodeDataset(made, self.element_spec, [self], [traced])

    def apply(self, transformation_func: Callable[[Any], Any]) -> Any:
        """What a function makes of the dataset. Raises TypeError when that is no dataset."""
        dataset = transformation_func(self)
        if not isinstance(dataset, DatasetV2):
            raise TypeError(f"`transformation_func` must return a Dataset. Got {dataset}.")
        return dataset

    def reduce(self, initial_state: Any, reduce_func: Any) -> Any:
        """The state after `reduce_func(state, element)` over all elements."""
        with name_scope("initial_state"):
            initial = structure.normalize_element(initial_state)
        spec = structure.spec_of(initial)
        traced, spec = trace_with_state(reduce_func, "reduce()", spec, self.element_spec, False, "reduce_func")
        result = ops.reduce_dataset_op(
            self._variant_tensor,
            structure.to_tensors(spec, initial),
            traced.captured,
            f=traced.graph,
            **structure.flat_attrs(spec),
        )
        return structure.from_compatible_tensors(spec, result)

    def with_options(self, options: Options) -> Any:
        """The same dataset with options set. Raises ValueError when they contradict earlier ones."""
        made = NodeDataset(self._variant_tensor, self.element_spec, [self])
        made._options = self.options().merge(options)
        return made


class NodeDataset(DatasetV2):
    """A dataset by its node: the structure of its elements, the datasets it reads, the functions it calls."""

    _options: Options | None = None

    def __init__(
        self,
        variant_tensor: Any,
        element_spec: Any,
        inputs: Sequence[Any] = (),
        functions: Sequence[TracedFunction] = (),
    ) -> None:
        super().__init__(variant_tensor)
        self._element_spec = element_spec
        self._sources = list(inputs)
        self._traced = list(functions)

    def _inputs(self) -> list[Any]:
        return list(self._sources)

    def _functions(self) -> list[TracedFunction]:
        return list(self._traced)

    def options(self) -> Options:
        return super().options() if self._options is None else self._options

    @property
    def element_spec(self) -> Any:
        return self._element_spec


# -- what several transformations need -----------------------------------------------------------------------------------


def _is_scalar(spec: Any, dtype: Any) -> bool:
    return isinstance(spec, TensorSpec) and spec.is_compatible_with(TensorSpec([], dtype))


def common_shapes(specs: Sequence[Any]) -> Any:
    """The legacy shapes that hold what either structure of specs describes."""
    first, *others = (structure.legacy_shapes(s) for s in specs)
    flat = nest.flatten(first)
    for other in others:
        flat = [a.most_specific_compatible_shape(b) for a, b in zip(flat, nest.flatten(other), strict=True)]
    return nest.pack_sequence_as(first, flat)


def _batch_dimension(size: Tensor, drop: Tensor) -> int | None:
    known = constant_value.folded(drop)
    if known is None or not known:
        return None
    found = constant_value.folded(size)
    return None if found is None else int(found)


def batched_spec(spec: Any, size: Tensor, drop: Tensor) -> Any:
    """The structure of batches; their size is known only when the remainder is dropped."""
    first = _batch_dimension(size, drop)
    return nest.map_structure(lambda s: s._batch(first), spec)


def trace_dataset(func: Any, transformation: str, spec: Any, message: str | None = None) -> tuple[TracedFunction, Any]:
    """A traced function that gives a dataset, and the structure of its elements. Raises TypeError for another result."""
    traced = TracedFunction(func, transformation, spec)
    found = traced.output_structure
    if not isinstance(found, DatasetSpec):
        raise TypeError(message or f"`map_func` must return a `Dataset` object. Got {type(found)}")
    return traced, found._element_spec


def mapped(
    source: Any, map_func: Any, num_parallel_calls: Any, preserve_cardinality: bool, use_inter_op_parallelism: bool = True
) -> NodeDataset:
    """The node of `Dataset.map`."""
    traced = TracedFunction(map_func, "Dataset.map()", source.element_spec)
    spec = traced.output_structure
    attrs = {
        "f": traced.graph,
        "preserve_cardinality": preserve_cardinality,
        "use_inter_op_parallelism": use_inter_op_parallelism,
        **structure.flat_attrs(spec),
    }
    if num_parallel_calls is None:
        made = ops.map_dataset_op(source._variant_tensor, traced.captured, **attrs)
    else:
        calls = conversion.convert_to_tensor(num_parallel_calls, dtype=dtypes.int32, name="num_parallel_calls")
        made = ops.parallel_map_dataset_op(source._variant_tensor, traced.captured, calls, **attrs)
    return NodeDataset(made, spec, [source], [traced])


def unbatched(normalized: Any, spec: Any) -> NodeDataset:
    """The node of `Dataset.unbatch` over a dataset whose tensors have the batch as first dimension."""
    flat = structure.flat_shapes(spec)
    if any(s.ndims == 0 for s in flat):
        raise ValueError("Cannot unbatch an input with scalar components.")
    known: int | None = None
    for s in flat:
        first = None if s._tuple is None else s._tuple[0]
        if None not in (known, first) and known != first:
            raise ValueError("Cannot unbatch an input whose components have different batch sizes.")
        known = first if known is None else known
    one = nest.map_structure(lambda s: s._unbatch(), spec)
    made = ops.unbatch_dataset_op(normalized._variant_tensor, **structure.flat_attrs(one))
    return NodeDataset(made, one, [normalized])


def _generator_dataset(dummy: Any, calls: generators.GeneratorCalls) -> NodeDataset:
    name = "Dataset.from_generator()"
    spec = structure.spec_of(dummy)
    init = TracedFunction(calls.init, name, spec)
    step = TracedFunction(calls.step, name, init.output_structure)
    final = TracedFunction(calls.finalize, name, init.output_structure)
    made = ops.generator_dataset_op(
        structure.to_tensors(spec, dummy) + init.captured,
        step.captured,
        final.captured,
        init_func=init.graph,
        next_func=step.graph,
        finalize_func=final.graph,
        **structure.flat_attrs(step.output_structure),
    )
    return NodeDataset(made, step.output_structure, [], [init, step, final])


# -- version 1 --------------------------------------------------------------------------------------------------------------


def _adapted(name: str) -> Any:
    """The method of DatasetV2 of that name, giving a DatasetV1."""
    method = getattr(DatasetV2, name)

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        return DatasetV1Adapter(method(*args, **kwargs))

    return call


@export("data.Dataset")
class DatasetV1(DatasetV2):
    """A sequence of elements, each a structure of tensors. Transformations give new datasets; iterators read them."""

    def __init__(self) -> None:
        super().__init__(self._as_variant_tensor())

    def _as_variant_tensor(self) -> Any:
        raise NotImplementedError("Dataset._as_variant_tensor")

    @property
    def element_spec(self) -> Any:
        """The structure of the elements: a TensorSpec or SparseTensorSpec for each component."""
        return structure.from_legacy(self.output_types, self.output_shapes, self.output_classes)

    @property
    def output_classes(self) -> Any:
        """The structure of the elements, with the class of each component."""
        return structure.legacy_classes(self.element_spec)

    @property
    def output_shapes(self) -> Any:
        """The structure of the elements, with the shape of each component."""
        return structure.legacy_shapes(self.element_spec)

    @property
    def output_types(self) -> Any:
        """The structure of the elements, with the dtype of each component."""
        return structure.legacy_types(self.element_spec)

    def make_one_shot_iterator(self) -> Any:
        """An iterator without initializer. Raises ValueError for a dataset that uses variables, tables or placeholders."""
        return self._make_one_shot_iterator()

    def _make_one_shot_iterator(self) -> Any:
        return iterating.one_shot_iterator(self)

    def make_initializable_iterator(self, shared_name: str | None = None) -> Any:
        """An iterator that begins when its `initializer` is run; sessions share it by `shared_name`."""
        return self._make_initializable_iterator(shared_name)

    def _make_initializable_iterator(self, shared_name: str | None = None) -> Any:
        return iterating.initializable_iterator(self, shared_name)

    from_tensors = staticmethod(_adapted("from_tensors"))
    from_tensor_slices = staticmethod(_adapted("from_tensor_slices"))
    from_generator = staticmethod(_adapted("from_generator"))
    range = staticmethod(_adapted("range"))
    zip = staticmethod(_adapted("zip"))
    list_files = staticmethod(_adapted("list_files"))
    concatenate = _adapted("concatenate")
    prefetch = _adapted("prefetch")
    repeat = _adapted("repeat")
    shuffle = _adapted("shuffle")
    cache = _adapted("cache")
    take = _adapted("take")
    skip = _adapted("skip")
    shard = _adapted("shard")
    batch = _adapted("batch")
    padded_batch = _adapted("padded_batch")
    flat_map = _adapted("flat_map")
    interleave = _adapted("interleave")
    filter = _adapted("filter")
    apply = _adapted("apply")
    window = _adapted("window")
    with_options = _adapted("with_options")

    @staticmethod
    def from_sparse_tensor_slices(sparse_tensor: Any) -> Any:
        """Indices, values and dense shape of each slice of a sparse tensor along its first dimension.

        Raises: TypeError for anything but a SparseTensor.
        """
        if not isinstance(sparse_tensor, SparseTensor):
            raise TypeError(f"`sparse_tensor` must be a `tf.SparseTensor` object. Was {sparse_tensor}.")
        sp = sparse_tensor
        rank = (sp.indices.shape.dims[1] - 1).merge_with(sp.dense_shape.shape.dims[0] - 1)
        spec = (
            TensorSpec([None, rank], dtypes.int64),
            TensorSpec([None], sp.dtype),
            TensorSpec([rank], dtypes.int64),
        )
        made = ops.sparse_tensor_slice_dataset_op(sp.indices, sp.values, sp.dense_shape)
        return DatasetV1Adapter(NodeDataset(made, spec))

    @functools.wraps(DatasetV2.map)
    def map(self, map_func: Any, num_parallel_calls: Any = None) -> Any:
        return DatasetV1Adapter(mapped(self, map_func, num_parallel_calls, preserve_cardinality=False))

    def map_with_legacy_function(self, map_func: Any, num_parallel_calls: Any = None) -> Any:
        """`map`, by its name of earlier days."""
        return self.map(map_func, num_parallel_calls)

    def filter_with_legacy_function(self, predicate: Any) -> Any:
        """`filter`, by its name of earlier days."""
        return self.filter(predicate)


Dataset = DatasetV1


class DatasetV1Adapter(DatasetV1):
    """A dataset of version 2 with the methods of version 1."""

    def __init__(self, dataset: Any) -> None:
        self._dataset = dataset
        super().__init__()

    def _as_variant_tensor(self) -> Any:
        return self._dataset._variant_tensor

    def _has_captured_ref(self) -> bool:
        return bool(self._dataset._has_captured_ref())

    def _inputs(self) -> list[Any]:
        return self._dataset._inputs()  # type: ignore[no-any-return]

    def _functions(self) -> list[TracedFunction]:
        return self._dataset._functions()  # type: ignore[no-any-return]

    def options(self) -> Options:
        return self._dataset.options()  # type: ignore[no-any-return]

    @property
    def element_spec(self) -> Any:
        return self._dataset.element_spec


core_nest.register_composite(
    DatasetV2, lambda d: [d._variant_tensor], lambda d, parts: NodeDataset(parts[0], d.element_spec)
)
core_nest.register_composite(
    DatasetSpec, lambda s: [s._component_specs], lambda s, parts: s._from_components(parts[0]), is_spec=True
)


@export("data.make_one_shot_iterator")
def make_one_shot_iterator(dataset: Any) -> Any:
    """An iterator of a dataset without initializer."""
    return iterating.one_shot_iterator(dataset)


@export("data.make_initializable_iterator")
def make_initializable_iterator(dataset: Any, shared_name: str | None = None) -> Any:
    """An iterator of a dataset that begins when its `initializer` is run."""
    return iterating.initializable_iterator(dataset, shared_name)


@export("data.experimental.get_structure", v2=("data.experimental.get_structure",))
def get_structure(dataset_or_iterator: Any) -> Any:
    """The structure of the elements of a dataset or iterator. Raises TypeError for anything else."""
    try:
        return dataset_or_iterator.element_spec
    except AttributeError:
        raise TypeError(
            f"`dataset_or_iterator` must be a Dataset or Iterator object, but got {type(dataset_or_iterator)}."
        ) from None


@export("data.get_output_classes")
def get_legacy_output_classes(dataset_or_iterator: Any) -> Any:
    """The classes of the components of elements."""
    return structure.legacy_classes(get_structure(dataset_or_iterator))


@export("data.get_output_shapes")
def get_legacy_output_shapes(dataset_or_iterator: Any) -> Any:
    """The static shapes of the components of elements."""
    return structure.legacy_shapes(get_structure(dataset_or_iterator))


@export("data.get_output_types")
def get_legacy_output_types(dataset_or_iterator: Any) -> Any:
    """The dtypes of the components of elements."""
    return structure.legacy_types(get_structure(dataset_or_iterator))


@export("data.experimental.from_variant", v2=("data.experimental.from_variant",))
def from_variant(variant: Any, structure: Any) -> Any:
    """The dataset behind a variant tensor, whose elements have the given structure."""
    return NodeDataset(variant, structure)


@export("data.experimental.to_variant", v2=("data.experimental.to_variant",))
def to_variant(dataset: Any) -> Any:
    """A dataset as a variant tensor."""
    return dataset._variant_tensor
