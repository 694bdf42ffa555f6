"""Values known while building: constants, shapes that are static, and pure ops on those.

Shape rules ask here for the value of an input; large or stateful sub-graphs are never evaluated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes, values
from tfcompat.framework.export import export
from tfcompat.framework.op import Shape
from tfcompat.framework.tensor import Tensor, dims_of

# As in TensorFlow's shape refiner, values beyond this size are not computed while building.
_MAX_ELEMENTS = 10 * 1024
_UNKNOWN = object()


class Lookup:
    """The `constant` argument of a ShapeContext, for the inputs of one node."""

    __slots__ = ("_inputs", "as_shape", "used")

    def __init__(self, inputs: Sequence[Tensor]) -> None:
        self._inputs = inputs
        self.used: list[int] = []
        self.as_shape: list[int] = []

    def __call__(self, i: int) -> np.ndarray | None:
        value = folded(self._inputs[i])
        if value is not None:
            self.used.append(i)
        return value

    def partial(self, i: int) -> Shape:
        self.as_shape.append(i)
        return partial_shape(self._inputs[i])


def folded(tensor: Tensor) -> np.ndarray | None:
    """The value of a tensor that depends on constants and static shapes alone, else None. Results are kept."""
    known = tensor.__dict__.get("_folded", _UNKNOWN)
    if known is not _UNKNOWN:
        return known  # type: ignore[no-any-return]
    if tensor._op._type == "Const":
        return tensor._op._attrs["value"]  # type: ignore[no-any-return]
    # Depth first with a list: chains of constants can be thousands of nodes long.
    stack = [tensor]
    while stack:
        top = stack[-1]
        if "_folded" in top.__dict__:
            stack.pop()
            continue
        needs = _needs(top)
        if needs is None:
            top.__dict__["_folded"] = None
            stack.pop()
            continue
        missing = [t for t in needs if "_folded" not in t.__dict__]
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        top.__dict__["_folded"] = _evaluate(top, needs)
    return tensor.__dict__["_folded"]  # type: ignore[no-any-return]


# Not ShapeN: TF's shape refiner does not look through it.
_FROM_SHAPE = frozenset({"Shape", "Size", "Rank"})


def _needs(tensor: Tensor) -> list[Tensor] | None:
    """The inputs whose values are needed; None when the node cannot be evaluated while building."""
    node = tensor._op
    kind = node._type
    if kind == "Const" or (kind in _FROM_SHAPE and _from_shape(tensor) is not None):
        return []
    decl = node._decl
    if kind in ("Placeholder", "PlaceholderWithDefault", "PlaceholderV2") or decl.kernel_fn is None or decl.is_stateful:
        return None
    size = 1
    for out in node._outputs:
        if out._dtype.torch is None and out._dtype is not dtypes.string:
            return None
        if out._dims is not None and None not in out._dims:
            size = 1
            for d in out._dims:
                size *= d  # type: ignore[operator]
            if size > _MAX_ELEMENTS:
                return None
    for t in node._inputs:
        if t._dtype._is_ref_dtype or (t._dtype.torch is None and t._dtype is not dtypes.string):
            return None
    return node._inputs if node._inputs else None


def _evaluate(tensor: Tensor, needs: list[Tensor]) -> np.ndarray | None:
    node = tensor._op
    kind = node._type
    if kind == "Const":
        return node._attrs["value"]  # type: ignore[no-any-return]
    if kind in _FROM_SHAPE:
        found = _from_shape(tensor)
        if found is not None:
            return found
    inputs = [t.__dict__["_folded"] for t in needs]
    if any(v is None or v.size > _MAX_ELEMENTS for v in inputs):
        return None
    try:
        outputs = run_kernel(node, inputs)
    except Exception:  # the run reports what is wrong with the node, at its place; here it is only unknown
        return None
    for out, value in zip(node._outputs, outputs, strict=True):
        out.__dict__["_folded"] = value
    return tensor.__dict__["_folded"]  # type: ignore[no-any-return]


def _from_shape(tensor: Tensor) -> np.ndarray | None:
    node = tensor._op
    dims = node._inputs[tensor._index if node._type == "ShapeN" else 0]._dims
    if node._type == "Rank":
        return None if dims is None else np.array(len(dims), np.int32)
    if dims is None or None in dims:
        return None
    kind = tensor._dtype.as_numpy_dtype
    if node._type == "Size":
        return np.array(math.prod(d for d in dims if d is not None), kind)
    return np.array(dims, kind)


def run_kernel(node: Any, inputs: list[np.ndarray]) -> list[np.ndarray]:
    """Runs a pure node's kernel on the CPU, numpy in and out."""
    typed = [(v, t._dtype) for v, t in zip(inputs, node._inputs, strict=True)]
    return run_kernel_on(node._decl, node._attrs, typed, [t._dtype for t in node._outputs])


_CPU = torch.device("cpu")


def run_kernel_on(
    decl: Any, attrs: dict[str, Any], inputs: list[tuple[Any, Any]], output_types: Sequence[Any]
) -> list[np.ndarray]:
    """Runs an op's kernel on the CPU on (array, dtype) pairs; arrays out."""
    flat = [values.from_numpy(v, dtype) for v, dtype in inputs]
    args = group_inputs(decl, attrs, flat)
    result = decl.kernel_fn(*args, **kernel_kwargs(decl, attrs, _CPU))
    if len(output_types) == 1 and not isinstance(result, (list, tuple)):
        result = [result]
    return [np.array(values.to_numpy(r, dtype)) for r, dtype in zip(result, output_types, strict=True)]


def kernel_kwargs(decl: Any, attrs: dict[str, Any], device: Any) -> dict[str, Any]:
    """The keyword arguments of a kernel: its attrs, and `device` where it asks for one."""
    return {k: device if k == "device" else attrs[k] for k in decl.kernel_attrs}


def group_inputs(decl: Any, attrs: dict[str, Any], flat: list[Any]) -> list[Any]:
    """Kernel arguments from a flat list of inputs: list inputs grouped, host inputs as Python values."""
    args: list[Any] = []
    at = 0
    for arg in decl.definition.inputs:
        host = arg.name in decl.host
        if arg.is_list:
            n = attrs[arg.number_attr] if arg.number_attr else len(attrs[arg.type_list_attr])
            group = flat[at : at + n]
            args.append([values.python_value(v) for v in group] if host else group)
            at += n
        else:
            args.append(values.python_value(flat[at]) if host else flat[at])
            at += 1
    return args


MAX_RANK = 254  # no tensor of TF's has more dimensions


def partial_shape(tensor: Tensor) -> Shape:
    """The tensor read as a shape vector where only some of its entries are known (None for the others)."""
    value = folded(tensor)
    if value is not None:
        if value.ndim != 1:
            return None
        return tuple(None if v < 0 else int(v) for v in value.tolist())
    node = tensor._op
    kind = node._type
    dims = tensor._dims
    unknown: Shape = None
    if dims is not None and len(dims) == 1 and dims[0] is not None and dims[0] <= MAX_RANK:
        unknown = (None,) * dims[0]
    # No more than TF's shape refiner looks through: what is known while building decides which nodes are made.
    if kind in ("Shape", "ShapeN"):
        found = node._inputs[tensor._index]._dims
        return unknown if found is None else found
    if kind == "Pack" and node._attrs["axis"] == 0:
        out: list[int | None] = []
        for t in node._inputs:
            entry = folded(t)
            number = None if entry is None or entry.ndim else int(entry)
            out.append(None if number is not None and number < 0 else number)
        return tuple(out)
    if kind in ("ConcatV2", "Concat"):
        parts = node._inputs[:-1] if kind == "ConcatV2" else node._inputs[1:]
        joined: list[int | None] = []
        for t in parts:
            part = partial_shape(t)
            if part is None:
                return unknown
            joined.extend(part)
        return tuple(joined)
    if kind == "StridedSlice":
        return _partial_slice(node, partial_shape(node._inputs[0])) or unknown
    return unknown


def _partial_slice(node: Any, source: Shape) -> Shape:
    """The part of the shape `source` that a StridedSlice takes, where that is simple enough."""
    bounds = [folded(t) for t in node._inputs[1:]]
    attrs = node._attrs
    if source is None or any(b is None or b.size != 1 for b in bounds):
        return None
    if attrs["ellipsis_mask"] or attrs["new_axis_mask"] or attrs["shrink_axis_mask"]:
        return None
    begin, end, step = (int(b.ravel()[0]) for b in bounds if b is not None)
    return source[slice(None if attrs["begin_mask"] & 1 else begin, None if attrs["end_mask"] & 1 else end, step)]


@export("get_static_value", "contrib.util.constant_value")
def constant_value(tensor: Any, partial: bool = False) -> np.ndarray | None:
    """The value of a tensor as far as it follows from constants, else None; anything but a tensor as it is."""
    if not isinstance(tensor, Tensor):
        found = getattr(tensor, "numpy", None)
        if callable(found):
            return np.asarray(found())
        return None if hasattr(tensor, "graph") else tensor  # type: ignore[return-value,unused-ignore]
    value = folded(tensor) if _is_followed(tensor) else None
    if value is not None:
        tensor.graph.prevent_feeding(tensor)
    return value


def _is_followed(tensor: Tensor) -> bool:
    """Whether TF's Python constant_value looks through all that this tensor comes from."""
    stack = [tensor]
    while stack:
        top = stack.pop()
        node = top._op
        kind = node._type
        if kind in _FROM_SHAPE:
            if _from_shape(top) is None:
                return False
            continue
        if kind not in _CONSTANT_VALUE_OPS or (kind == "Pack" and node._attrs["axis"] != 0):
            return False
        if kind == "Fill":
            stack.append(node._inputs[1])
        else:
            stack.extend(node._inputs)
    return True


# The ops TF's Python constant_value looks through (its shape refiner, which shape rules use, sees more).
_CONSTANT_VALUE_OPS = frozenset(
    {
        "Const",
        "Shape",
        "Size",
        "Rank",
        "Range",
        "Cast",
        "Concat",
        "ConcatV2",
        "Pack",
        "Fill",
        "Equal",
        "NotEqual",
    }
)


@export("contrib.util.constant_value_as_shape")
def constant_value_as_shape(tensor: Tensor) -> Any:
    """The TensorShape that a shape vector stands for, with unknown entries where its value is not known."""
    from tfcompat.framework.shapes import TensorShape

    dims = dims_of(tensor.shape)
    if dims is not None and len(dims) == 0:
        value = folded(tensor)
        if value is None:
            raise ValueError(
                "Received a scalar with unknown value as shape; require a statically known scalar with value '-1' to describe an unknown shape."
            )
        if int(value) != -1:
            raise ValueError(
                f"Received a scalar value '{int(value)}' as shape; require a statically known scalar with value '-1' to describe an unknown shape."
            )
        return TensorShape(None)
    tensor.shape.with_rank(1)  # raises TF's ValueError for a matrix
    return TensorShape._from_tuple(_as_shape(tensor))


def _as_shape(tensor: Tensor) -> Shape:
    """`partial_shape` as far as TF's Python function sees, which knows fewer ops than its shape refiner."""
    node = tensor._op
    kind = node._type
    if kind == "Shape":
        return node._inputs[0]._dims
    if kind == "Pack":
        entries = [constant_value(t) for t in node._inputs]
        return tuple(None if e is None or int(e) < 0 else int(e) for e in entries)
    if kind in ("Concat", "ConcatV2"):
        joined: list[int | None] = []
        for t in node._inputs[1:] if kind == "Concat" else node._inputs[:-1]:
            part = _as_shape(t)
            if part is None:
                return None
            joined.extend(part)
        return tuple(joined)
    found = _partial_slice(node, _as_shape(node._inputs[0])) if kind == "StridedSlice" else None
    if found is not None:
        return found
    value = constant_value(tensor)
    if value is not None:
        return tuple(int(d) if d >= 0 else None for d in value)
    dims = tensor._dims
    return (None,) * dims[0] if dims is not None and dims[0] is not None else None
