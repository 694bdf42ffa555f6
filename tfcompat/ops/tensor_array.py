"""tf.TensorArray. Source: TF 1.15, python/ops/tensor_array_ops.py."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from tfcompat.framework import dtypes, stacks, tf_logging
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, ranges, shapes
from tfcompat.ops import tensor_arrays as arrays
from tfcompat.ops.identity import identity


@export("TensorArray", v2=("TensorArray",))
class TensorArray:
    """An array of tensors to be written, one index at a time, and read again, in loops for example.

    Each write gives a new TensorArray to go on with. An index is written once; unless clear_after_read is False it is
    read once.
    """

    _is_tensor_array = True

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Any = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        _check_arguments(handle, size, tensor_array_name, element_shape, dynamic_size, clear_after_read)
        self._dtype = dtypes.as_dtype(dtype).base_dtype
        self._dynamic_size = dynamic_size or False
        self._infer_shape = infer_shape
        # Shared with all arrays that writes make of this one.
        self._known = [element_shape if isinstance(element_shape, TensorShape) else TensorShape(element_shape)]
        self._colocate: list[Any] | None = [] if colocate_with_first_write_call else None
        with name_scope(name, "TensorArray", [v for v in (handle, size, flow) if isinstance(v, Tensor)]) as scope:
            if handle is not None:
                if flow is None:
                    raise ValueError("flow must not be None if handle is not None.")
                self._handle, self._flow = handle, flow
                return
            graph = stacks.get_default_graph()
            with contextlib.ExitStack() as stack:
                if colocate_with_first_write_call:
                    stack.enter_context(graph.device(None))
                    stack.enter_context(graph.colocate_with(None, ignore_existing=True))
                self._handle, self._flow = arrays.tensor_array_op(
                    size,
                    dtype=dtype,
                    element_shape=element_shape,
                    identical_element_shapes=infer_shape,
                    dynamic_size=self._dynamic_size,
                    clear_after_read=True if clear_after_read is None else clear_after_read,
                    tensor_array_name=tensor_array_name,
                    name=scope,
                )

    @property
    def flow(self) -> Tensor:
        return self._flow  # type: ignore[no-any-return]

    @property
    def handle(self) -> Tensor:
        return self._handle  # type: ignore[no-any-return]

    @property
    def dtype(self) -> Any:
        return self._dtype

    @property
    def dynamic_size(self) -> bool:
        return self._dynamic_size

    @property
    def element_shape(self) -> TensorShape:
        return self._known[0]

    def with_flow(self, flow: Tensor) -> TensorArray:
        """This array as it is after `flow`."""
        made = object.__new__(TensorArray)
        made.__dict__.update(self.__dict__)
        made._flow = flow
        return made

    def identity(self) -> TensorArray:
        """The same array, with a flow that can carry control dependencies."""
        return self.with_flow(identity(self._flow))

    def _check_shape(self, shape: TensorShape) -> None:
        if not shape.is_compatible_with(self.element_shape):
            raise ValueError(f"Inconsistent shapes: saw {shape} but expected {self.element_shape} ")
        if self._infer_shape:
            self._known[0] = self.element_shape.merge_with(shape)

    @contextlib.contextmanager
    def _beside(self, value: Tensor) -> Iterator[None]:
        """Where writes are placed: with the first value that is written."""
        if self._colocate is None:
            yield
            return
        if not self._colocate:
            self._colocate.append(value)
        with stacks.get_default_graph().colocate_with(self._colocate[0]):
            yield

    def _value(self, value: Any, dtype: Any = None) -> Tensor:
        made = to_tensor(value, dtype, name="value", preferred_dtype=self._dtype)
        if made.dtype != self._dtype:
            # TensorFlow only logs; the run then fails in the write.
            tf_logging.error(
                f"Error: Input value {made} has dtype {made.dtype!r}, but expected dtype {self._dtype!r}.  This leads to "
                "undefined behavior and will be an error in future versions of TensorFlow.  Traceback:\n"
                f"{made.op.site}"
            )
        return made

    def read(self, index: Any, name: str | None = None) -> Tensor:
        """The element at `index`."""
        value = arrays.tensor_array_read_op(self._handle, index, self._flow, dtype=self._dtype, name=name)
        value.set_shape(self.element_shape)
        return value  # type: ignore[no-any-return]

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with `value` at `index`."""
        with name_scope(name, "TensorArrayWrite", _tensors(self._handle, index, value)):
            value = self._value(value)
            self._check_shape(value.shape)
            with self._beside(value):
                flow = arrays.tensor_array_write_op(self._handle, index, value, self._flow, name=name)
            return self.with_flow(flow)

    def stack(self, name: str | None = None) -> Tensor:
        """All elements as one tensor. Shapes: n elements [...] -> [n, ...]."""
        with stacks.get_default_graph().colocate_with(self._handle), name_scope(
            name, "TensorArrayStack", [self._handle]
        ):
            return self.gather(ranges.range(0, self.size()), name=name)

    def gather(self, indices: Any, name: str | None = None) -> Tensor:
        """The elements at `indices` as one tensor."""
        value = arrays.tensor_array_gather_op(
            self._handle, indices, self._flow, dtype=self._dtype, element_shape=self.element_shape, name=name
        )
        if self.element_shape.dims is not None:
            value.set_shape([None, *self.element_shape.as_list()])
        return value  # type: ignore[no-any-return]

    def concat(self, name: str | None = None) -> Tensor:
        """The elements one after the other along their first dimension."""
        value, _ = arrays.tensor_array_concat_op(
            self._handle, self._flow, dtype=self._dtype, element_shape_except0=self.element_shape[1:], name=name
        )
        if self.element_shape.dims is not None:
            value.set_shape([None, *self.element_shape.as_list()[1:]])
        return value  # type: ignore[no-any-return]

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """The array with the rows of `value` as its elements."""
        with name_scope(name, "TensorArrayUnstack", _tensors(self._handle, value)):
            count = shapes.shape(value)[0]
            return self.scatter(ranges.range(0, count), value, name=name)

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """The array with the rows of `value` at `indices`."""
        with name_scope(name, "TensorArrayScatter", _tensors(self._handle, value, indices)):
            value = self._value(value)
            self._check_shape(value.shape[1:])
            with self._beside(value):
                flow = arrays.tensor_array_scatter_op(self._handle, indices, value, self._flow, name=name)
            return self.with_flow(flow)

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """The array with successive pieces of `value`, `lengths[i]` rows each, as its elements."""
        with name_scope(name, "TensorArraySplit", _tensors(self._handle, value, lengths)):
            value = self._value(value, self._dtype)
            with self._beside(value):
                lengths = casting.cast(lengths, dtypes.int64)
                known = constant_value(lengths)
                if value._dims is not None and known is not None and known.shape and known.max() == known.min():
                    self._check_shape(TensorShape([int(known[0])]).concatenate(value.shape[1:]))
                flow = arrays.tensor_array_split_op(self._handle, value, lengths, self._flow, name=name)
            return self.with_flow(flow)

    def size(self, name: str | None = None) -> Tensor:
        """The number of elements."""
        return arrays.tensor_array_size_op(self._handle, self._flow, name=name)  # type: ignore[no-any-return]

    def close(self, name: str | None = None) -> Any:
        """A node that drops the elements; the array cannot be used after it."""
        return arrays.tensor_array_close_op(self._handle, name=name)

    def grad(self, source: str, flow: Any = None, name: str | None = None) -> TensorArray:
        """The array of gradients that goes with this one; `source` tells one call of tf.gradients from another."""
        flow = self._flow if flow is None else flow
        graph = stacks.get_default_graph()
        with name_scope(name, "TensorArrayGrad", [self._handle]), graph.colocate_with(self._handle):
            handle, _ = arrays.tensor_array_grad_op(self._handle, flow, source=source, name=name)
            with graph.control_dependencies([handle]):
                flow = identity(flow, name="gradient_flow")
            made = TensorArray(
                self._dtype,
                handle=handle,
                flow=flow,
                infer_shape=self._infer_shape,
                colocate_with_first_write_call=False,
            )
            made._known = self._known
            return made


def _tensors(*values: Any) -> list[Any]:
    return [v for v in values if isinstance(v, Tensor)]


def _check_arguments(
    handle: Any, size: Any, tensor_array_name: Any, element_shape: Any, dynamic_size: Any, clear_after_read: Any
) -> None:
    if handle is None:
        if size is None:
            raise ValueError("Size must be provided if handle is not provided")
        return
    if tensor_array_name:
        raise ValueError("Cannot construct with both handle and tensor_array_name")
    if not isinstance(handle, Tensor):
        raise TypeError("Handle must be a Tensor")
    for value, what in (
        (size, "size"), (element_shape, "element_shape"), (dynamic_size, "dynamic_size"),
        (clear_after_read, "clear_after_read"),
    ):
        if value is not None:
            raise ValueError(f"Cannot provide both a handle and {what} at the same time")
