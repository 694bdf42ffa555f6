"""TensorArray ops: arrays of tensors that are written once per index during a run. The class is in tensor_array.py.

The handle is an object that one run of TensorArrayV3 makes; the flow, a scalar that each write passes on, only orders
the operations. Gradient arrays add up what is written to them.

Source: TF 1.15, core/kernels/tensor_array.h, core/kernels/tensor_array_ops.cc.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import torch

from tfcompat.framework.dtypes import DType
from tfcompat.framework.errors import InvalidArgumentError, UnimplementedError
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.shape_rules import merge, text, with_rank
from tfcompat.framework.tensor import HandleData

_CPP_NAMES = {"float32": "float", "float64": "double", "float16": "half"}
_counter = itertools.count()


def _cpp(dtype: DType) -> str:
    return _CPP_NAMES.get(dtype.name, dtype.name)


def _shape_of(value: Any) -> tuple[int, ...]:
    return tuple(value.shape)


def _fits(shape: tuple[int, ...], wanted: Shape) -> bool:
    if wanted is None:
        return True
    return len(shape) == len(wanted) and all(w is None or s == w for s, w in zip(shape, wanted, strict=True))


def _known_text(shape: Shape) -> str:
    return "<unknown>" if shape is None else text(shape)


def _is_known(shape: Shape) -> bool:
    return shape is not None and None not in shape


class _Slot:
    """One element: its tensor, or its shape alone where a gradient will be zeros of that shape."""

    __slots__ = ("cleared", "read", "shape", "tensor", "written")

    def __init__(self) -> None:
        self.tensor: Any = None
        self.shape: tuple[int, ...] | None = None
        self.written = False
        self.read = False
        self.cleared = False


class TensorArrayState:
    """A TensorArray at run time."""

    def __init__(
        self,
        name: str,
        dtype: DType,
        size: int,
        dims: Shape,
        device: Any,
        dynamic: bool = False,
        clears: bool = True,
        identical: bool = False,
        is_gradient: bool = False,
    ) -> None:
        self.name = name
        self.dtype = dtype
        self.dims = dims
        self.device = device
        self.dynamic = dynamic
        self.clears = clears
        self.identical = identical
        self.is_gradient = is_gradient
        self.slots = [_Slot() for _ in range(size)]
        self.closed = False
        self.gradients: dict[str, TensorArrayState] = {}

    def check_open(self) -> None:
        if self.closed:
            raise InvalidArgumentError(None, None, f"TensorArray {self.name} has already been closed.")

    def fail(self, message: str) -> InvalidArgumentError:
        return InvalidArgumentError(None, None, f"TensorArray {self.name}: {message}")

    def write(self, index: int, value: Any) -> None:
        self.check_open()
        slots = self.slots
        if index < 0 or (not self.dynamic and index >= len(slots)):
            raise self.fail(f"Tried to write to index {index} but array is not resizeable and size is: {len(slots)}")
        while index >= len(slots):
            slots.append(_Slot())
        slot = slots[index]
        shape = _shape_of(value)
        if self.dims is not None and not _fits(shape, self.dims):
            raise self.fail(
                f"Could not write to TensorArray index {index} because the value shape is {text(shape)} which is "
                f"incompatible with the TensorArray's inferred element shape: {text(self.dims)} (consider setting "
                "infer_shape=False)."
            )
        if self.identical and not _is_known(self.dims):
            self.dims = shape
        if slot.read:
            raise self.fail(f"Could not write to TensorArray index {index} because it has already been read.")
        if not slot.written:
            slot.tensor, slot.shape, slot.written = value, shape, True
            return
        if not self.is_gradient:
            raise self.fail(f"Could not write to TensorArray index {index} because it has already been written to.")
        if shape != slot.shape:
            raise self.fail(
                f"Could not aggregate to TensorArray index {index} because the existing shape is {text(slot.shape)} but "
                f"the new input shape is {text(shape)}."
            )
        slot.tensor = value if slot.tensor is None else slot.tensor + value

    def read(self, index: int) -> Any:
        self.check_open()
        slots = self.slots
        if index < 0 or (not self.is_gradient and index >= len(slots)):
            raise InvalidArgumentError(
                None, None, f"Tried to read from index {index} but array size is: {len(slots)}"
            )
        while index >= len(slots):
            slots.append(_Slot())
        slot = slots[index]
        if not slot.written:
            if not (self.is_gradient and slot.shape):
                if not _is_known(self.dims):
                    raise self.fail(
                        f"Could not read from TensorArray index {index}.  Furthermore, the element shape is not fully "
                        f"defined: {_known_text(self.dims)}.  It is possible you are working with a resizeable TensorArray and "
                        "stop_gradients is not allowing the gradients to be written.  If you set the full element_shape "
                        "property on the forward TensorArray, the proper all-zeros tensor will be returned instead of "
                        "incurring this error."
                    )
                slot.shape = self.dims  # type: ignore[assignment]
            slot.written = True
        if slot.cleared:
            raise self.fail(
                f"Could not read index {index} twice because it was cleared after a previous read (perhaps try setting "
                "clear_after_read = false?)."
            )
        value = slot.tensor
        if value is None:
            value = self.zeros(slot.shape)
        slot.read = True
        if self.clears:
            slot.tensor = None
            slot.cleared = True
        else:
            slot.tensor = value
        return value

    def zeros(self, shape: Any) -> Any:
        if self.dtype.torch is None:
            return np.full(shape, b"", object)
        return torch.zeros(shape, dtype=self.dtype.torch, device=self.device)

    def gradient(self, source: str) -> TensorArrayState:
        """The array of gradients for one call of tf.gradients, with the shapes of what was written here."""
        self.check_open()
        found = self.gradients.get(source)
        if found is None:
            # The gradient of a sum reads one index for each term.
            found = TensorArrayState(
                f"{self.name}@{source}", self.dtype, len(self.slots), self.dims, self.device,
                clears=not self.is_gradient, identical=self.identical, is_gradient=True,
            )
            self.dynamic = False
            for mine, theirs in zip(self.slots, found.slots, strict=True):
                if mine.written:
                    theirs.shape, theirs.written = mine.shape, True
            self.gradients[source] = found
        return found

    def __repr__(self) -> str:
        return f"<TensorArray {self.name} of {len(self.slots)} {self.dtype.name}>"


# --- making ----------------------------------------------------------------------------------------------------


@op("TensorArrayV3", host=("size",))
def tensor_array_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 0)
    dims = c.attrs["element_shape"]._tuple
    c.out_handles[0] = HandleData(c.attrs["dtype"], dims if c.attrs["identical_element_shapes"] else None)
    return [(), ()]


@tensor_array_op.builder
def _make(c: KernelContext) -> Any:
    a = c.attrs
    dtype, dims, device = a["dtype"], a["element_shape"]._tuple, c.device
    dynamic, clears, identical = a["dynamic_size"], a["clear_after_read"], a["identical_element_shapes"]
    name = a["tensor_array_name"]
    name = (name.decode() if isinstance(name, bytes) else name) or c.node._name

    def make(size: int) -> Any:
        if size < 0:
            raise InvalidArgumentError(None, None, "Size should be >= 0.")
        made = TensorArrayState(f"{name}_{next(_counter)}", dtype, size, dims, device, dynamic, clears, identical)
        return made, torch.zeros((), device=device)

    return make


tensor_array_op.gradient(NOT_DIFFERENTIABLE)


@op("TensorArrayGradV3")
def tensor_array_grad_op(c: ShapeContext) -> list[Shape]:
    if c.handles[0] is not None:
        c.out_handles[0] = c.handles[0]
    return [(), ()]


@tensor_array_grad_op.kernel
def _grad(handle: TensorArrayState, flow_in: Any, *, source: Any) -> Any:
    return handle.gradient(source.decode() if isinstance(source, bytes) else source), flow_in


tensor_array_grad_op.gradient(NOT_DIFFERENTIABLE)

# --- single elements -------------------------------------------------------------------------------------------


def _check_types(handle: TensorArrayState, dtype: DType, writing: bool) -> None:
    if handle.dtype is not dtype:
        wanted = "is trying to write" if writing else "requested"
        raise InvalidArgumentError(
            None, None, f"TensorArray dtype is {_cpp(handle.dtype)} but Op {wanted} dtype {_cpp(dtype)}."
        )


def _only_flow(c: ShapeContext) -> Shape:
    return ()


@op("TensorArrayWriteV3", host=("index",))
def tensor_array_write_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(1), 0)
    handle = c.handles[0]
    if handle is not None and c.shape(2) is not None:
        merge(handle.shape, c.shape(2))
    return ()


@tensor_array_write_op.builder
def _write(c: KernelContext) -> Any:
    dtype = c.attrs["T"]

    def write(handle: TensorArrayState, index: int, value: Any, flow_in: Any) -> Any:
        if handle.dtype is not dtype:
            _check_types(handle, dtype, writing=True)
        handle.write(index, value)
        return flow_in

    return write


@op("TensorArrayReadV3", host=("index",))
def tensor_array_read_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(1), 0)
    return None if c.handles[0] is None else c.handles[0].shape


@tensor_array_read_op.builder
def _read(c: KernelContext) -> Any:
    dtype = c.attrs["dtype"]

    def read(handle: TensorArrayState, index: int, flow_in: Any) -> Any:
        if handle.dtype is not dtype:
            _check_types(handle, dtype, writing=False)
        return handle.read(index)

    return read


# --- many elements ---------------------------------------------------------------------------------------------


@op("TensorArrayGatherV3", host=("indices",))
def tensor_array_gather_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(1), 1)
    dims = c.attrs["element_shape"]._tuple
    if c.handles[0] is not None:
        dims = merge(dims, c.handles[0].shape)
    # The number of rows is not passed on, as in TensorFlow.
    return None if dims is None else (None, *dims)


@tensor_array_gather_op.builder
def _gather(c: KernelContext) -> Any:
    dtype, dims = c.attrs["dtype"], c.attrs["element_shape"]._tuple

    def gather(handle: TensorArrayState, indices: list[int], flow_in: Any) -> Any:
        _check_types(handle, dtype, writing=False)
        if not indices:
            known = dims if _is_known(dims) else handle.dims
            if not _is_known(known):
                raise UnimplementedError(
                    None,
                    None,
                    f"TensorArray has size zero, but element shape {text(dims)} is not fully defined. Currently only "
                    "static shapes are supported when packing zero-size TensorArrays.",
                )
            return handle.zeros((0, *known))
        values = [handle.read(i) for i in indices]
        first = _shape_of(values[0])
        if not _fits(first, dims):
            raise InvalidArgumentError(
                None,
                None,
                f"TensorArray was passed element_shape {text(dims)} which does not match the Tensor at index 0: "
                f"{text(first)}",
            )
        for i, v in enumerate(values):
            if _shape_of(v) != first:
                raise InvalidArgumentError(
                    None,
                    None,
                    f"TensorArray has inconsistent shapes.  Index 0 has shape: {text(first)} but index {i} has shape: "
                    f"{text(_shape_of(v))}",
                )
        return np.stack(values) if isinstance(values[0], np.ndarray) else torch.stack(values)

    return gather


def _rows(value: Any) -> list[Any]:
    if isinstance(value, torch.Tensor):
        return list(value.unbind(0))
    return [np.asarray(v, object) for v in value]


@op("TensorArrayScatterV3", host=("indices",))
def tensor_array_scatter_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(1), 1)
    dims = c.shape(2)
    if dims is not None and not dims:
        raise ShapeError("Shape must be at least rank 1 but is rank 0")
    return ()


@tensor_array_scatter_op.builder
def _scatter(c: KernelContext) -> Any:
    dtype = c.attrs["T"]

    def scatter(handle: TensorArrayState, indices: list[int], value: Any, flow_in: Any) -> Any:
        _check_types(handle, dtype, writing=True)
        if len(indices) != value.shape[0]:
            raise InvalidArgumentError(
                None, None, f"Expected len(indices) == values.shape[0], but saw: {len(indices)} vs. {value.shape[0]}"
            )
        for i, row in zip(indices, _rows(value), strict=True):
            handle.write(i, row)
        return flow_in

    return scatter


@op("TensorArrayConcatV3")
def tensor_array_concat_op(c: ShapeContext) -> list[Shape]:
    rest = c.attrs["element_shape_except0"]._tuple
    return [None if rest is None else (None, *rest), (None,)]


@tensor_array_concat_op.builder
def _concat(c: KernelContext) -> Any:
    dtype, rest = c.attrs["dtype"], c.attrs["element_shape_except0"]._tuple

    def concat(handle: TensorArrayState, flow_in: Any) -> Any:
        _check_types(handle, dtype, writing=False)
        handle.check_open()
        if not handle.slots:
            known = rest
            if not _is_known(known) and handle.dims is not None:
                known = handle.dims[1:]
            if not _is_known(known):
                raise UnimplementedError(
                    None,
                    None,
                    f"TensorArray has size zero, but element_shape_except0 {text(rest)} is not fully defined. Currently "
                    "only static shapes are supported when concatenating zero-size TensorArrays.",
                )
            return handle.zeros((0, *known)), torch.zeros(0, dtype=torch.int64)
        values = [handle.read(i) for i in range(len(handle.slots))]
        for i, v in enumerate(values):
            _check_concat(i, _shape_of(v), _shape_of(values[0]), rest)
        lengths = torch.tensor([v.shape[0] for v in values], dtype=torch.int64)
        joined = np.concatenate(values) if isinstance(values[0], np.ndarray) else torch.cat(values)
        return joined, lengths

    return concat


def _check_concat(i: int, shape: tuple[int, ...], first: tuple[int, ...], rest: Shape) -> None:
    if not shape:
        raise InvalidArgumentError(
            None,
            None,
            f"Concat saw a scalar shape at index {i} but requires at least vectors.  Did you mean to call pack?",
        )
    if i == 0 and not _fits(shape[1:], rest):
        raise InvalidArgumentError(
            None,
            None,
            f"TensorArray was passed element_shape_except0 {text(rest)} but index 0 has (excepting dimension 0) shape: "
            f"{text(shape[1:])} which does not match.",
        )
    if shape[1:] != first[1:]:
        raise InvalidArgumentError(
            None,
            None,
            f"TensorArray has inconsistent shapes.  Index 0 has (excepting dimension 0) shape: {text(first[1:])} but "
            f"index {i} has (excepting dimension 0) shape: {text(shape[1:])}",
        )


@op("TensorArraySplitV3", host=("lengths",))
def tensor_array_split_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(2), 1)
    return ()


@tensor_array_split_op.builder
def _split(c: KernelContext) -> Any:
    dtype = c.attrs["T"]

    def split(handle: TensorArrayState, value: Any, lengths: list[int], flow_in: Any) -> Any:
        _check_types(handle, dtype, writing=True)
        if value.ndim == 0:
            raise InvalidArgumentError(
                None, None, "Expected value to be at least a vector, but received shape: []"
            )
        if sum(lengths) != value.shape[0]:
            raise InvalidArgumentError(
                None,
                None,
                f"Expected sum of lengths to be equal to values.shape[0], but sum of lengths is {sum(lengths)} and "
                f"value's shape is: {text(_shape_of(value))} ",
            )
        if len(lengths) != len(handle.slots) and not handle.dynamic:
            raise InvalidArgumentError(
                None,
                None,
                f"TensorArray's size is not equal to the size of lengths ({len(handle.slots)} vs. {len(lengths)}), and "
                "the TensorArray is not marked as dynamically resizeable",
            )
        if isinstance(value, torch.Tensor):
            parts: Any = torch.split(value, lengths)
        else:
            parts = np.split(value, np.cumsum(lengths)[:-1])
        for i, part in enumerate(parts):
            handle.write(i, part)
        return flow_in

    return split


# --- the array itself ------------------------------------------------------------------------------------------


tensor_array_size_op = op("TensorArraySizeV3")(_only_flow)


@tensor_array_size_op.kernel
def _size(handle: TensorArrayState, flow_in: Any) -> Any:
    handle.check_open()
    return torch.tensor(len(handle.slots), dtype=torch.int32)


tensor_array_size_op.gradient(NOT_DIFFERENTIABLE)


@op("TensorArrayCloseV3")
def tensor_array_close_op(c: ShapeContext) -> list[Shape]:
    return []


@tensor_array_close_op.kernel
def _close(handle: TensorArrayState) -> None:
    handle.closed = True
    handle.slots = []


tensor_array_close_op.gradient(NOT_DIFFERENTIABLE)
