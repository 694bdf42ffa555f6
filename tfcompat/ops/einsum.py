"""tf.einsum: sums of products named by letters, as transposes, reshapes and matrix products.

Source: TF 1.15, python/ops/special_math_ops.py, for the order and the names of the nodes.
"""

from __future__ import annotations

import re
import string
import warnings
from typing import Any

from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import elementwise, matmul, norms, permuting, reductions, shapes

_FORMAT = re.compile(r"^([a-zA-Z,.]+)(->[a-zA-Z.]*)?$")


@export("einsum", "linalg.einsum", v2=("einsum",))
def einsum(equation: str, *inputs: Any, **kwargs: Any) -> Tensor:
    """The tensor that `equation` names, such as "ij,jk->ik"; letters missing on the right are summed over.

    Raises: ValueError for an equation that is malformed or does not fit the inputs' ranks.
    """
    name = kwargs.pop("name", None)
    if kwargs:
        raise TypeError("invalid keyword arguments for this function: " + ", ".join(sorted(kwargs)))
    with name_scope(name, "einsum", [equation, list(inputs)]):
        return _einsum(equation, list(inputs))


def _einsum(equation: str, inputs: list[Tensor]) -> Tensor:
    labels, output = _parse(equation, inputs)
    for a in sorted(set("".join(labels) + output)):
        for of_input in labels:
            if of_input.count(a) == 2 and len(labels) == 1 and of_input == of_input[::-1] and "->" not in equation:
                return norms.trace(inputs[0])
            if of_input.count(a) > 1:
                raise ValueError(f"Subscript not supported: an axis appears more than once: {of_input}")
    for a in sorted(set("".join(labels) + output)):
        if sum(a in s for s in labels) > 2 and a not in output:
            warnings.warn(
                "Falling back to exponential-space implementation of einsum() because index "
                f'"{a}" is summed over more than two inputs.',
                stacklevel=4,
            )
            return _by_broadcasting(equation, inputs)
    result, known = inputs[0], labels[0]
    for t, of_t in zip(inputs[1:], labels[1:], strict=True):
        result, known = _contract(result, known, t, of_t, (set(known) & set(of_t)) - set(output))
    if set(known) - set(output):
        result = reductions.reduce_sum(result, axis=[i for i, a in enumerate(known) if a not in output])
        known = "".join(a for a in known if a in output)
    if sorted(known) != sorted(output):
        raise ValueError(f"Invalid equation: {equation}")
    return _transposed(result, [known.index(a) for a in output])


def _parse(equation: str, inputs: list[Tensor]) -> tuple[list[str], str]:
    """The labels of each input and of the output, with ellipses replaced by letters that are free."""
    equation = equation.replace(" ", "")
    match = _FORMAT.match(equation)
    if not match:
        raise ValueError(f"Indices have incorrect format: {equation}")
    labels = match.group(1).split(",")
    output = match.group(2)[2:] if match.group(2) else None
    if len(inputs) != len(labels):
        raise ValueError(f'Got {len(inputs)} arguments for equation "{equation}", expecting {len(labels)}')
    ellipsis = ""
    if "..." in equation:
        labels, ellipsis = _expand_ellipses(labels, inputs)
        if output is not None:
            output = output.replace("...", ellipsis)
            if "." in output:
                raise ValueError('period "." found outside of ellipsis')
    if any("." in s for s in labels):
        raise ValueError('period "." found outside of ellipsis')
    if output is None:
        every = "".join(labels)
        once = sorted(a for a in set(every) - set(ellipsis) if every.count(a) == 1)
        output = ellipsis + "".join(once)
    return labels, output


def _expand_ellipses(labels: list[str], inputs: list[Tensor]) -> tuple[list[str], str]:
    unused = "".join(c for c in string.ascii_letters if c not in "".join(labels))
    longest = ""
    out = []
    for s, t in zip(labels, inputs, strict=True):
        if "..." in s:
            parts = s.split("...")
            if len(parts) != 2:
                raise ValueError("Unable to resolve ellipsis. Excess number found.")
            rank = t.shape.ndims
            if rank is None:
                raise ValueError("Unable to statically infer ellipsis axes.")
            n = rank - len("".join(parts))
            if n < 0:
                raise ValueError("Ellipses lengths do not match.")
            if len(unused) < n:
                raise ValueError("Unable to resolve ellipsis, too many distinct labels.")
            replaced = unused[-n:] if n > 0 else ""
            s = s.replace("...", replaced)
            if len(replaced) > len(longest):
                longest = replaced
        out.append(s)
    return out, longest


def _contract(t0: Tensor, of_t0: str, t1: Tensor, of_t1: str, summed: set[str]) -> tuple[Tensor, str]:
    """The product of two tensors, summed over the letters `summed`; and the letters of what is left.

    Axes are put in order [kept in both, own, summed] and [kept in both, summed, own], which a batched matrix product
    takes after a reshape.
    """
    for i, (t, s) in enumerate(((t0, of_t0), (t1, of_t1))):
        if len(s) != len(t.shape):
            raise ValueError(f"Tensor t{i} of rank {len(t.shape)} does not match einsum reduction of length {len(s)}")
    kept = (set(of_t0) & set(of_t1)) - summed
    own0, own1 = set(of_t0) - kept - summed, set(of_t1) - kept - summed
    order0 = sorted(of_t0, key=lambda a: (-1 if a in kept else 0 if a in own0 else 1, a))
    order1 = sorted(of_t1, key=lambda a: (-1 if a in kept else 0 if a in summed else 1, a))
    t0 = _transposed(t0, [of_t0.find(a) for a in order0])
    t1 = _transposed(t1, [of_t1.find(a) for a in order1])
    k = len(kept)
    if not summed:
        for _ in own1:
            t0 = shapes.expand_dims(t0, -1)
        for _ in own0:
            t1 = shapes.expand_dims(t1, k)
        return elementwise.multiply(t0, t1), "".join(order0 + order1[k:])
    n = len(summed)
    dims0 = _dims(t0)
    rows = _product(dims0[k:-n])
    inner = _product(dims0[-n:])
    t0 = _reshaped(t0, [*dims0[:k], rows, inner])
    dims1 = _dims(t1)
    columns = _product(dims1[k + n :])
    t1 = _reshaped(t1, [*dims1[:k], inner, columns])
    product = matmul.matmul(t0, t1)
    left = dims0[: k + len(own0)] + dims1[len(dims1) - len(own1) :]
    letters = order0[: k + len(own0)] + order1[len(order1) - len(own1) :]
    return _reshaped(product, left), "".join(letters)


def _transposed(t: Tensor, perm: list[int]) -> Tensor:
    return t if perm == list(range(len(perm))) else permuting.transpose(t, perm=perm)


def _reshaped(t: Tensor, dims: list[Any]) -> Tensor:
    wanted = tuple(-1 if d is None else d for d in dims)
    now = t._dims
    if now is not None and len(now) == len(wanted):
        pairs = zip(now, wanted, strict=True)
        if all(not isinstance(w, Tensor) and (d == w or w == -1) for d, w in pairs):
            return t
    return shapes.reshape(t, wanted)


def _dims(t: Tensor) -> list[Any]:
    """The dimensions of a tensor: numbers, or tensors where they are not known."""
    dims: list[Any] = t.shape.as_list()
    unknown = [i for i, d in enumerate(dims) if d is None]
    if unknown:
        shape = shapes.shape(t)
        for i in unknown:
            dims[i] = shape[i]
    return dims


def _product(dims: list[Any]) -> Any:
    total: Any = 1
    for d in dims:
        total *= d
    return total


def _by_broadcasting(equation: str, inputs: list[Tensor]) -> Tensor:
    """All inputs multiplied at full size and then summed: for letters shared by more than two of them."""
    labels, output = _parse(equation, inputs)
    of_inputs: list[Any] = list(labels)
    every = set("".join(labels) + output)
    order: dict[str, int] = {}
    for a in sorted(every):
        if a not in output:
            order[a] = len(order)
    for a in output:
        order[a] = len(order)
    for i, (t, s) in enumerate(zip(inputs, labels, strict=True)):
        if t.shape.ndims != len(s):
            raise ValueError(
                f"Input {i} with axes {s} has incorrect number of dimensions (expected {len(s)}, got {t.shape.ndims})"
            )
        in_order = sorted(s, key=order.__getitem__)
        if list(s) != in_order:
            inputs[i] = permuting.transpose(t, [s.find(a) for a in in_order])
            of_inputs[i] = in_order
    sizes: list[list[Any]] = [[d if d else -1 for d in t.shape.as_list()] for t in inputs]
    summed = []
    for j, a in enumerate(sorted(every, key=order.__getitem__)):
        found = set()
        for size, s in zip(sizes, of_inputs, strict=True):
            if a not in s:
                size.insert(j, 1)
            elif size[j] > 1:
                found.add(size[j])
        if len(found) > 1:
            raise ValueError(f"Dimension mismatch on axis: {a}")
        if a not in output:
            summed.append(j)
    expanded = [shapes.reshape(t, size) for t, size in zip(inputs, sizes, strict=True)]
    product: Any = 1
    for t in expanded:
        product *= t
    return reductions.reduce_sum(product, summed)
