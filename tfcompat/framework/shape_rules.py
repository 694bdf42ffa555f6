"""Shape rules that many ops share, and the small algebra of partly known shapes they are written in."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tfcompat.framework.op import Shape, ShapeContext, ShapeError

Dim = int | None


def text(shape: Shape) -> str:
    """A shape as TensorFlow's C++ messages print it: `[2,?]`."""
    return "?" if shape is None else "[" + ",".join("?" if d is None else str(d) for d in shape) + "]"


def with_rank(shape: Shape, rank: int) -> tuple[Dim, ...]:
    """The shape, known to have `rank` dimensions. Raises ShapeError when it has another rank."""
    if shape is None:
        return (None,) * rank
    if len(shape) != rank:
        raise ShapeError(f"Shape must be rank {rank} but is rank {len(shape)}")
    return shape


def at_least_rank(shape: Shape, rank: int) -> Shape:
    if shape is not None and len(shape) < rank:
        raise ShapeError(f"Shape must be at least rank {rank} but is rank {len(shape)}")
    return shape


def at_most_rank(shape: Shape, rank: int) -> Shape:
    if shape is not None and len(shape) > rank:
        raise ShapeError(f"Shape must be at most rank {rank} but is rank {len(shape)}")
    return shape


def merge_dim(a: Dim, b: Dim) -> Dim:
    """The dimension that is both a and b. Raises ShapeError when they differ."""
    if a is None:
        return b
    if b is None or a == b:
        return a
    raise ShapeError(f"Dimensions must be equal, but are {a} and {b}")


def merge(a: Shape, b: Shape) -> Shape:
    """The shape that is both a and b. Raises ShapeError when they cannot be the same."""
    if a is None:
        return b
    if b is None:
        return a
    if len(a) != len(b):
        raise ShapeError(f"Shapes must be equal rank, but are {len(a)} and {len(b)}")
    out = []
    for i, (x, y) in enumerate(zip(a, b, strict=True)):
        if x is not None and y is not None and x != y:
            raise ShapeError(
                f"Dimension {i} in both shapes must be equal, but are {x} and {y}. Shapes are {text(a)} and {text(b)}."
            )
        out.append(y if x is None else x)
    return tuple(out)


def broadcast(a: Shape, b: Shape) -> Shape:
    """The shape of an element-wise result. Raises ShapeError when the shapes do not broadcast."""
    if a is None or b is None:
        return None
    if a == b and None not in a:
        return a
    n = max(len(a), len(b))
    left = (1,) * (n - len(a)) + a
    right = (1,) * (n - len(b)) + b
    out: list[Dim] = []
    for x, y in zip(left, right, strict=True):
        if x is None or y is None:
            known = y if x is None else x
            # An unknown dimension beside one larger than 1 must be 1 or that: the result is the larger either way.
            out.append(known if known is not None and known != 1 else None)
        elif x == y or y == 1:
            out.append(x)
        elif x == 1:
            out.append(y)
        else:
            raise ShapeError(f"Dimensions must be equal, but are {x} and {y}")
    return tuple(out)


def num_elements(shape: Shape) -> int | None:
    if shape is None or None in shape:
        return None
    n = 1
    for d in shape:
        n *= d  # type: ignore[operator]
    return n


def add_dims(a: Dim, b: Dim) -> Dim:
    return None if a is None or b is None else a + b


def multiply_dims(dims: Iterable[Dim]) -> Dim:
    n = 1
    unknown = False
    for d in dims:
        if d == 0:
            return 0
        if d is None:
            unknown = True
        else:
            n *= d
    return None if unknown else n


def axis_of(axis: int, rank: int) -> int:
    """A possibly negative axis as 0..rank-1. Raises ShapeError outside."""
    if not -rank <= axis < rank:
        raise ShapeError(f"Invalid reduction dimension {axis} for input with {rank} dimensions.")
    return axis % rank if rank else 0


# --- whole rules -----------------------------------------------------------------------------------------------


def unchanged(c: ShapeContext) -> Shape:
    """The output has the first input's shape."""
    return c.shapes[0]


def broadcast_binary(c: ShapeContext) -> Shape:
    return broadcast(c.shapes[0], c.shapes[1])


def scalar(c: ShapeContext) -> Shape:
    return ()


def unknown(c: ShapeContext) -> Shape:
    return None


def no_outputs(c: ShapeContext) -> list[Shape]:
    return []


def merged(c: ShapeContext) -> Shape:
    """All inputs and the output have one shape."""
    shape = c.shapes[0]
    for other in c.shapes[1:]:
        shape = merge(shape, other)
    return shape


def from_shape_input(i: int) -> Callable[[ShapeContext], Shape]:
    """The output's shape is the value of input i."""

    def rule(c: ShapeContext) -> Shape:
        vector = c.shapes[i]
        if vector is not None and len(vector) != 1:
            raise ShapeError(f"Shape must be rank 1 but is rank {len(vector)}")
        return c.shape_value(i)

    return rule
