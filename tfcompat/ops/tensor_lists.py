"""TensorList ops: immutable lists of tensors as values of dtype variant. Loops keep their intermediates in them.

Source: TF 1.15, core/kernels/list_kernels.cc, python/ops/list_ops.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.dtypes import DType
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.op import KernelContext, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.shape_rules import merge, with_rank
from tfcompat.framework.tensor import HandleData, Tensor
from tfcompat.ops import constants, shapes


class TensorListValue:
    """A list of tensors at run time. Appending shares the storage, so that old versions stay what they were.

    `items[:length]` are the elements; None is one that was never set.
    """

    __slots__ = ("dims", "dtype", "items", "length", "limit")

    def __init__(self, items: list[Any], length: int, dtype: DType, dims: Shape, limit: int = -1) -> None:
        self.items = items
        self.length = length
        self.dtype = dtype
        self.dims = dims
        self.limit = limit

    def like(self, items: list[Any]) -> TensorListValue:
        return TensorListValue(items, len(items), self.dtype, self.dims, self.limit)

    def elements(self) -> list[Any]:
        return self.items[: self.length]

    def push(self, value: Any) -> TensorListValue:
        n = self.length
        if 0 <= self.limit <= n:
            raise InvalidArgumentError(
                None, None, f"Tried to push item into a full list list size: {n} max_num_elements: {self.limit}"
            )
        items = self.items
        if len(items) != n:  # another version has gone on from here
            items = items[:n]
        items.append(value)
        return TensorListValue(items, n + 1, self.dtype, self.dims, self.limit)

    def pop(self) -> tuple[TensorListValue, Any]:
        n = self.length - 1
        if n < 0:
            raise InvalidArgumentError(None, None, "Trying to pop from an empty list.")
        return TensorListValue(self.items, n, self.dtype, self.dims, self.limit), self.items[n]

    def index(self, i: int) -> int:
        if not 0 <= i < self.length:
            raise InvalidArgumentError(
                None, None, f"Trying to access element {i} in a list with {self.length} elements."
            )
        return i

    def zeros_like(self) -> TensorListValue:
        return self.like([_zeros_like(v) for v in self.elements()])

    def added(self, other: TensorListValue) -> TensorListValue:
        """Element-wise sums; a missing element counts as zeros."""
        if self.length != other.length:
            raise InvalidArgumentError(
                None,
                None,
                f"Trying to add two lists of tensors with different lengths. One is {self.length} and the other is "
                f"{other.length}",
            )
        return self.like([_sum(a, b) for a, b in zip(self.elements(), other.elements(), strict=True)])

    def __repr__(self) -> str:
        return f"<TensorList of {self.length} {self.dtype.name}>"


def _zeros_like(value: Any) -> Any:
    if value is None or isinstance(value, np.ndarray):
        return None
    return torch.zeros_like(value) if isinstance(value, torch.Tensor) else value.zeros_like()


def _sum(a: Any, b: Any) -> Any:
    if a is None or b is None:
        return b if a is None else a
    return a + b if isinstance(a, torch.Tensor) else a.added(b)


def _runtime_shape(value: Any) -> Shape:
    """A shape input at run time: -1, or numbers of which -1 is unknown."""
    given = value.tolist() if isinstance(value, (torch.Tensor, np.ndarray)) else value
    if isinstance(given, int):
        return None if given < 0 else (given,)
    return tuple(None if d < 0 else d for d in given)


def _zeros(dtype: DType, dims: Shape, device: Any) -> Any:
    if dims is None or None in dims:
        raise InvalidArgumentError(
            None,
            None,
            "Trying to read an uninitialized tensor but element_shape is not fully defined. Shape: "
            + ("<unknown>" if dims is None else "[" + ",".join("?" if d is None else str(d) for d in dims) + "]"),
        )
    if dtype.torch is None:
        return np.full(dims, b"", object)
    return torch.zeros(dims, dtype=dtype.torch, device=device)


def _fill_missing(values: Sequence[Any], dtype: DType, dims: Shape, device: Any) -> list[Any]:
    """The elements, with zeros in place of those never set: shaped like the others."""
    if all(v is not None for v in values):
        return list(values)
    for v in values:
        if v is not None:
            dims = tuple(v.shape)
            break
    return [_zeros(dtype, dims, device) if v is None else v for v in values]


def _stack(values: list[Any], dtype: DType, dims: Shape, device: Any) -> Any:
    if not values:
        if dims is None or None in dims:
            raise InvalidArgumentError(
                None, None, f"Tried to stack elements of an empty list with non-fully-defined element_shape: {dims}"
            )
        return _zeros(dtype, (0, *dims), device)
    values = _fill_missing(values, dtype, dims, device)
    first = tuple(values[0].shape)
    for v in values:
        if tuple(v.shape) != first:
            raise InvalidArgumentError(
                None,
                None,
                f"Tried to stack elements from a list with different shapes: {list(first)} vs. {list(v.shape)}",
            )
    if isinstance(values[0], np.ndarray):
        return np.stack(values)
    return torch.stack(values)


def _narrow(a: Shape, b: Shape) -> Shape:
    """What both shapes say; a where they disagree (the run checks)."""
    try:
        return merge(a, b)
    except ShapeError:
        return a


def _element(c: ShapeContext) -> Shape:
    handle = c.handles[0]
    return None if handle is None else handle.shape


def _keep_handle(c: ShapeContext) -> Shape:
    if c.handles[0] is not None:
        c.out_handles[0] = c.handles[0]
    return ()


def _new_list(c: ShapeContext, shape_input: int) -> Shape:
    c.out_handles[0] = HandleData(c.attrs["element_dtype"], c.shape_value(shape_input))
    return ()


# --- making lists ----------------------------------------------------------------------------------------------


@op("EmptyTensorList", host=("element_shape", "max_num_elements"))
def empty_tensor_list_op(c: ShapeContext) -> Shape:
    return _new_list(c, 0)


@empty_tensor_list_op.kernel
def _empty(element_shape: Any, max_num_elements: int, *, element_dtype: DType) -> TensorListValue:
    return TensorListValue([], 0, element_dtype, _runtime_shape(element_shape), max_num_elements)


@empty_tensor_list_op.gradient
def _empty_grad(node: Any, dlist: Tensor) -> list[None]:
    return [None, None]


@op("TensorListReserve", host=("element_shape", "num_elements"))
def tensor_list_reserve_op(c: ShapeContext) -> Shape:
    return _new_list(c, 0)


@tensor_list_reserve_op.kernel
def _reserve(element_shape: Any, num_elements: int, *, element_dtype: DType) -> TensorListValue:
    if num_elements < 0:
        raise InvalidArgumentError(
            None, None, f"The num_elements to reserve must be a non negative number, but got {num_elements}"
        )
    return TensorListValue([None] * num_elements, num_elements, element_dtype, _runtime_shape(element_shape))


@tensor_list_reserve_op.gradient
def _reserve_grad(node: Any, dlist: Tensor) -> list[None]:
    return [None, None]


@op("TensorListFromTensor", host=("element_shape",))
def tensor_list_from_tensor_op(c: ShapeContext) -> Shape:
    dims = c.shape(0)
    known = c.shape_value(1)
    if dims is not None:
        if not dims:
            raise ShapeError("Shape must be at least rank 1 but is rank 0")
        known = _narrow(known, dims[1:])
    c.out_handles[0] = HandleData(c.attrs["element_dtype"], known)
    return ()


@tensor_list_from_tensor_op.kernel
def _from_tensor(tensor: Any, element_shape: Any, *, element_dtype: DType) -> TensorListValue:
    return TensorListValue(_rows(tensor), tensor.shape[0], element_dtype, _runtime_shape(element_shape))


def _rows(tensor: Any) -> list[Any]:
    if isinstance(tensor, torch.Tensor):
        return list(tensor.unbind(0))
    return [np.asarray(row, object) for row in tensor]


@tensor_list_from_tensor_op.gradient
def _from_tensor_grad(node: Any, dlist: Tensor) -> list[Any]:
    x = node._inputs[0]
    n = -1 if x._dims is None or x._dims[0] is None else x._dims[0]
    grad = tensor_list_stack_op(dlist, _shape_of_element(x), element_dtype=x.dtype, num_elements=n)
    return [grad, None]


def _shape_of_element(x: Tensor) -> Any:
    """The shape of the rows of x: a constant where it is known."""
    dims = x._dims
    if dims is not None and None not in dims[1:]:
        return constants.constant(list(dims[1:]), dtypes.int32)
    return shapes.shape(x)[1:]


def _shape_input(x: Tensor) -> Any:
    """The shape of x: a constant where it is known."""
    dims = x._dims
    if dims is not None and None not in dims:
        return constants.constant(list(dims), dtypes.int32)
    return shapes.shape(x)


def unknown_shape() -> Tensor:
    """The element_shape input that says nothing."""
    return constants.constant(-1, dtypes.int32)


def shape_constant(dims: Shape) -> Tensor:
    """The element_shape input for a static shape, with -1 for unknown dimensions."""
    if dims is None:
        return unknown_shape()
    return constants.constant([-1 if d is None else d for d in dims], dtypes.int32)


# --- the end of a list -----------------------------------------------------------------------------------------


@op("TensorListPushBack")
def tensor_list_push_back_op(c: ShapeContext) -> Shape:
    handle = c.handles[0]
    if handle is None:
        handle = HandleData(c.attrs["element_dtype"], c.shape(1))
    c.out_handles[0] = handle
    return ()


tensor_list_push_back_op.kernel(TensorListValue.push)
tensor_list_push_back_op.builder(lambda c: TensorListValue.push)


@tensor_list_push_back_op.gradient
def _push_back_grad(node: Any, dlist: Tensor) -> list[Any]:
    x = node._inputs[1]
    rest, value = tensor_list_pop_back_op(dlist, _shape_input(x), element_dtype=x.dtype)
    return [rest, value]


@op("TensorListPopBack", host=("element_shape",))
def tensor_list_pop_back_op(c: ShapeContext) -> list[Shape]:
    _keep_handle(c)
    return [(), _narrow(_element(c), c.shape_value(1))]


@tensor_list_pop_back_op.builder
def _pop_back(c: KernelContext) -> Any:
    device, dtype = c.device, c.attrs["element_dtype"]

    def pop(input_handle: TensorListValue, element_shape: Any) -> Any:
        rest, value = input_handle.pop()
        if value is None:
            value = _zeros(dtype, _known(_runtime_shape(element_shape), input_handle.dims), device)
        return rest, value

    return pop


def _known(a: Shape, b: Shape) -> Shape:
    return a if a is not None and None not in a else _narrow(a, b)


@tensor_list_pop_back_op.gradient
def _pop_back_grad(node: Any, dlist: Any, delement: Any) -> list[Any]:
    dtype = node._attrs["element_dtype"]
    if dlist is None:
        dlist = empty_tensor_list_op(shape_constant(node._outputs[1]._dims), -1, element_dtype=dtype)
    if delement is None:
        delement = shapes.zeros_like(node._outputs[1], optimize=dtype is not dtypes.variant)
    return [tensor_list_push_back_op(dlist, delement), None]


_pop_back_grad.takes_none = True  # type: ignore[attr-defined]


@op("TensorListPushBackBatch")
def tensor_list_push_back_batch_op(c: ShapeContext) -> Shape:
    return c.shape(0)


@tensor_list_push_back_batch_op.kernel
def _push_back_batch(input_handles: Any, tensor: Any) -> Any:
    out = np.empty(input_handles.shape, object)
    rows = _rows(tensor)
    if len(rows) != out.size:
        raise InvalidArgumentError(None, None, "input_handles and tensor must agree in their batch dimension")
    for i, row in enumerate(rows):
        out.flat[i] = input_handles.flat[i].push(row)
    return out


# --- elements --------------------------------------------------------------------------------------------------


@op("TensorListLength")
def tensor_list_length_op(c: ShapeContext) -> Shape:
    return ()


tensor_list_length_op.kernel(lambda input_handle: torch.tensor(input_handle.length, dtype=torch.int32))


@tensor_list_length_op.gradient
def _length_grad(node: Any, dy: Any) -> None:
    return None


@op("TensorListElementShape")
def tensor_list_element_shape_op(c: ShapeContext) -> Shape:
    handle = c.handles[0]
    return (None,) if handle is None or handle.shape is None else (len(handle.shape),)


@tensor_list_element_shape_op.kernel
def _element_shape(input_handle: TensorListValue, *, shape_type: DType) -> Any:
    dims = input_handle.dims
    values: Any = -1 if dims is None else [-1 if d is None else d for d in dims]
    return torch.tensor(values, dtype=shape_type.torch)


@tensor_list_element_shape_op.gradient
def _element_shape_grad(node: Any, dy: Any) -> None:
    return None


@op("TensorListGetItem", host=("index", "element_shape"))
def tensor_list_get_item_op(c: ShapeContext) -> Shape:
    return _narrow(_element(c), c.shape_value(2))


@tensor_list_get_item_op.builder
def _get_item(c: KernelContext) -> Any:
    device, dtype = c.device, c.attrs["element_dtype"]

    def get(input_handle: TensorListValue, index: int, element_shape: Any) -> Any:
        value = input_handle.items[input_handle.index(index)]
        if value is None:
            dims = _known(_runtime_shape(element_shape), input_handle.dims)
            if dims is None or None in dims:
                dims = next((tuple(v.shape) for v in input_handle.elements() if v is not None), dims)
            value = _zeros(dtype, dims, device)
        return value

    return get


@tensor_list_get_item_op.gradient
def _get_item_grad(node: Any, ditem: Tensor) -> list[Any]:
    handle, index, _ = node._inputs
    size = tensor_list_length_op(handle)
    zeros = tensor_list_reserve_op(_shape_input(ditem), size, element_dtype=ditem.dtype)
    return [tensor_list_set_item_op(zeros, index, ditem), None, None]


@op("TensorListSetItem", host=("index",))
def tensor_list_set_item_op(c: ShapeContext) -> Shape:
    return _keep_handle(c)


@tensor_list_set_item_op.kernel
def _set_item(input_handle: TensorListValue, index: int, item: Any) -> TensorListValue:
    items = input_handle.elements()
    items[input_handle.index(index)] = item
    return input_handle.like(items)


@tensor_list_set_item_op.gradient
def _set_item_grad(node: Any, dlist: Tensor) -> list[Any]:
    _, index, item = node._inputs
    shape = _shape_input(item)
    zeros = shapes.zeros_like(item)
    return [
        tensor_list_set_item_op(dlist, index, zeros),
        None,
        tensor_list_get_item_op(dlist, index, shape, element_dtype=item.dtype),
    ]


@op("TensorListResize", host=("size",), stateful=False)
def tensor_list_resize_op(c: ShapeContext) -> Shape:
    return _keep_handle(c)


@tensor_list_resize_op.kernel
def _resize(input_handle: TensorListValue, size: int) -> TensorListValue:
    if size < 0:
        raise InvalidArgumentError(None, None, f"TensorListSlice expects size to be non-negative. Got: {size}")
    items = input_handle.elements()[:size]
    return input_handle.like(items + [None] * (size - len(items)))


@tensor_list_resize_op.gradient
def _resize_grad(node: Any, dlist: Tensor) -> list[Any]:
    return [tensor_list_resize_op(dlist, tensor_list_length_op(node._inputs[0])), None]


# --- whole lists -----------------------------------------------------------------------------------------------


@op("TensorListStack", host=("element_shape",))
def tensor_list_stack_op(c: ShapeContext) -> Shape:
    element = _narrow(_element(c), c.shape_value(1))
    n = c.attrs["num_elements"]
    return None if element is None else (None if n < 0 else n, *element)


@tensor_list_stack_op.builder
def _list_stack(c: KernelContext) -> Any:
    device, dtype, wanted = c.device, c.attrs["element_dtype"], c.attrs["num_elements"]

    def stack(input_handle: TensorListValue, element_shape: Any) -> Any:
        values = input_handle.elements()
        if wanted >= 0 and len(values) != wanted:
            raise InvalidArgumentError(
                None,
                None,
                f"Operation expected a list with {wanted} elements but got a list with {len(values)} elements.",
            )
        return _stack(values, dtype, _known(_runtime_shape(element_shape), input_handle.dims), device)

    return stack


@tensor_list_stack_op.gradient
def _list_stack_grad(node: Any, dy: Tensor) -> list[Any]:
    return [tensor_list_from_tensor_op(dy, _shape_of_element(dy)), None]


@op("TensorListGather", host=("indices", "element_shape"))
def tensor_list_gather_op(c: ShapeContext) -> Shape:
    element = _narrow(_element(c), c.shape_value(2))
    indices = with_rank(c.shape(1), 1)
    return None if element is None else (indices[0], *element)


@tensor_list_gather_op.builder
def _gather(c: KernelContext) -> Any:
    device, dtype = c.device, c.attrs["element_dtype"]

    def gather(input_handle: TensorListValue, indices: list[int], element_shape: Any) -> Any:
        values = [input_handle.items[input_handle.index(i)] for i in indices]
        return _stack(values, dtype, _known(_runtime_shape(element_shape), input_handle.dims), device)

    return gather


@tensor_list_gather_op.gradient
def _gather_grad(node: Any, dy: Tensor) -> list[Any]:
    handle, indices, _ = node._inputs
    made = tensor_list_scatter_v2_op(dy, indices, _shape_of_element(dy), tensor_list_length_op(handle))
    return [made, None, None]


def _scatter_into(items: list[Any], indices: list[int], tensor: Any) -> list[Any]:
    for i, row in zip(indices, _rows(tensor), strict=True):
        if i < 0:
            raise InvalidArgumentError(None, None, f"Indices in TensorListScatter must all be non-negative. Got {i}")
        while len(items) <= i:
            items.append(None)
        items[i] = row
    return items


@op("TensorListScatter", host=("indices", "element_shape"))
def tensor_list_scatter_op(c: ShapeContext) -> Shape:
    return _new_list(c, 2)


@tensor_list_scatter_op.kernel
def _scatter(tensor: Any, indices: list[int], element_shape: Any, *, element_dtype: DType) -> TensorListValue:
    items = _scatter_into([], indices, tensor)
    return TensorListValue(items, len(items), element_dtype, _runtime_shape(element_shape))


@op("TensorListScatterV2", host=("indices", "element_shape", "num_elements"))
def tensor_list_scatter_v2_op(c: ShapeContext) -> Shape:
    return _new_list(c, 2)


@tensor_list_scatter_v2_op.kernel
def _scatter_v2(
    tensor: Any, indices: list[int], element_shape: Any, num_elements: int, *, element_dtype: DType
) -> TensorListValue:
    items = _scatter_into([None] * max(num_elements, 0), indices, tensor)
    if 0 <= num_elements < len(items):
        raise InvalidArgumentError(
            None,
            None,
            f"TensorListScatter: Trying to scatter at index {len(items) - 1} in list with size {num_elements}",
        )
    return TensorListValue(items, len(items), element_dtype, _runtime_shape(element_shape))


@op("TensorListScatterIntoExistingList", host=("indices",))
def tensor_list_scatter_into_existing_op(c: ShapeContext) -> Shape:
    return _keep_handle(c)


@tensor_list_scatter_into_existing_op.kernel
def _scatter_into_existing(input_handle: TensorListValue, tensor: Any, indices: list[int]) -> TensorListValue:
    return input_handle.like(_scatter_into(input_handle.elements(), indices, tensor))


def _scattered_grad(node: Any, dlist: Tensor) -> list[Any]:
    x, indices = node._inputs[0], node._inputs[1]
    grad = tensor_list_gather_op(dlist, indices, _shape_of_element(x), element_dtype=x.dtype)
    return [grad] + [None] * (len(node._inputs) - 1)


tensor_list_scatter_op.gradient(_scattered_grad)
tensor_list_scatter_v2_op.gradient(_scattered_grad)


@tensor_list_scatter_into_existing_op.gradient
def _scatter_into_existing_grad(node: Any, dlist: Tensor) -> list[Any]:
    _, x, indices = node._inputs
    zeros = shapes.zeros_like(x)
    grad = tensor_list_gather_op(dlist, indices, _shape_of_element(x), element_dtype=x.dtype)
    return [tensor_list_scatter_into_existing_op(dlist, zeros, indices), grad, None]


def _concat_shape(c: ShapeContext, element: Shape) -> list[Shape]:
    rest = element if element is None else element[1:]
    return [None if rest is None else (None, *rest), (None,)]


@op("TensorListConcat")
def tensor_list_concat_op(c: ShapeContext) -> list[Shape]:
    given = c.attrs["element_shape"]._tuple
    return _concat_shape(c, _narrow(_element(c), given))


@op("TensorListConcatV2", host=("element_shape", "leading_dims"))
def tensor_list_concat_v2_op(c: ShapeContext) -> list[Shape]:
    return _concat_shape(c, _narrow(_element(c), c.shape_value(1)))


@tensor_list_concat_op.builder
def _concat(c: KernelContext) -> Any:
    made = _concat_kernel(c)
    dims = c.attrs["element_shape"]._tuple
    return lambda input_handle: made(input_handle, dims)


@tensor_list_concat_v2_op.builder
def _concat_v2(c: KernelContext) -> Any:
    made = _concat_kernel(c)
    return lambda input_handle, element_shape, leading_dims: made(
        input_handle, _runtime_shape(element_shape), leading_dims
    )


def _concat_kernel(c: KernelContext) -> Any:
    device, dtype = c.device, c.attrs["element_dtype"]

    def concat(input_handle: TensorListValue, dims: Shape, leading: Sequence[int] = ()) -> Any:
        values = input_handle.elements()
        if any(v is None for v in values):
            rest = next((tuple(v.shape[1:]) for v in values if v is not None), None)
            rest = rest if rest is not None else (None if dims is None else dims[1:])  # type: ignore[assignment]
            if rest is None or len(leading) != len(values):
                raise InvalidArgumentError(
                    None, None, "Concat requires the shapes of uninitialized list elements, which are not known"
                )
            values = [_zeros(dtype, (leading[i], *rest), device) if v is None else v for i, v in enumerate(values)]
        lengths = torch.tensor([v.shape[0] for v in values], dtype=torch.int64)
        if not values:
            rest = None if dims is None else dims[1:]
            if rest is None or None in rest:
                raise InvalidArgumentError(
                    None,
                    None,
                    "All except the first dimension must be fully defined when concating an empty tensor list.",
                )
            return _zeros(dtype, (0, *rest), device), lengths
        if isinstance(values[0], np.ndarray):
            return np.concatenate(values), lengths
        return torch.cat(values), lengths

    return concat


def _concat_grad(node: Any, dy: Tensor, unused: Any) -> list[Any]:
    dims = dy._dims
    shape = shape_constant(None if dims is None else (None, *dims[1:]))
    made = tensor_list_split_op(dy, shape, node._outputs[1])
    return [made] + [None] * (len(node._inputs) - 1)


tensor_list_concat_op.gradient(_concat_grad)
tensor_list_concat_v2_op.gradient(_concat_grad)


@op("TensorListSplit", host=("element_shape", "lengths"))
def tensor_list_split_op(c: ShapeContext) -> Shape:
    return _new_list(c, 1)


@tensor_list_split_op.kernel
def _split(tensor: Any, element_shape: Any, lengths: list[int], *, element_dtype: DType) -> TensorListValue:
    if sum(lengths) != tensor.shape[0]:
        raise InvalidArgumentError(
            None,
            None,
            f"Expected sum of lengths to be equal to values.shape[0], but sum of lengths is {sum(lengths)} and value's "
            f"shape is: {list(tensor.shape)}",
        )
    if isinstance(tensor, torch.Tensor):
        items: list[Any] = list(torch.split(tensor, lengths))
    else:
        items = np.split(tensor, np.cumsum(lengths)[:-1]) if lengths else []
    return TensorListValue(items, len(items), element_dtype, _runtime_shape(element_shape))


@tensor_list_split_op.gradient
def _split_grad(node: Any, dlist: Tensor) -> list[Any]:
    x, _, lengths = node._inputs
    dims = x._dims
    shape = shape_constant(None if dims is None else (None, *dims[1:]))
    return [tensor_list_concat_v2_op(dlist, shape, lengths, element_dtype=x.dtype)[0], None, None]


@op("TensorListConcatLists")
def tensor_list_concat_lists_op(c: ShapeContext) -> Shape:
    if c.handles[0] is not None:
        c.out_handles[0] = c.handles[0]
    return c.shape(0)


@tensor_list_concat_lists_op.kernel
def _concat_lists(input_a: Any, input_b: Any) -> Any:
    return input_a.like(input_a.elements() + input_b.elements())


def concatenated(list_value: Tensor, dims: Shape, dtype: DType) -> Tensor:
    """All elements of a list one after the other along their first dimension."""
    leading = constants.constant([], dtypes.int64)
    return tensor_list_concat_v2_op(list_value, shape_constant(dims), leading, element_dtype=dtype)[0]


def empty_list(dims: Shape, dtype: DType) -> Tensor:
    """A list without elements that will hold tensors of a static shape."""
    return empty_tensor_list_op(shape_constant(dims), -1, element_dtype=dtype)  # type: ignore[no-any-return]
