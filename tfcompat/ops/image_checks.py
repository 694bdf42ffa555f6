"""What tf.image asks of its arguments: the shapes of images, conditions on numbers or on tensors.

A condition that is known while building raises there; one that is not becomes an assertion in the graph.
Source: TF 1.15, python/ops/image_ops_impl.py.
"""

from __future__ import annotations

from typing import Any

from tfcompat.framework import conversion
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, assertions, checks, control, shapes


def is_tensor(x: Any) -> bool:
    """Whether x is a tensor or a variable, not a plain number."""
    return conversion.is_dense_tensor_like(x)


def require(condition: Any, message: str) -> list[Any]:
    """Assertions for a condition that is a tensor; none for one that holds. Raises ValueError when it does not."""
    if is_tensor(condition):
        return [assertions.Assert(condition, [message])]
    if not condition:
        raise ValueError(message)
    return []


def dimensions(image: Tensor, rank: int) -> list[Any]:
    """Each dimension as a number where it is known, else as a tensor."""
    if image._dims is not None and None not in image._dims:
        return list(image._dims)
    known = image.shape.with_rank(rank).as_list()
    found = arrays.unstack(shapes.shape(image), rank)
    return [d if k is None else k for k, d in zip(known, found, strict=True)]


def check_at_least_3d(image: Tensor) -> list[Any]:
    """Assertions that an image has three dimensions or more, none of them empty. Raises ValueError where known."""
    try:
        known = image.shape.with_rank(3) if image._dims is None else image.shape.with_rank_at_least(3)
    except ValueError:
        raise ValueError("'image' must be at least three-dimensional.") from None
    if known._tuple is not None and 0 in known._tuple:
        raise ValueError(f"all dims of 'image.shape' must be > 0: {known}")
    if known.is_fully_defined():
        return []
    return [
        checks.assert_positive(shapes.shape(image), ["all dims of 'image.shape' must be > 0."]),
        checks.assert_greater_equal(shapes.rank(image), 3, message="'image' must be at least three-dimensional."),
    ]


def at_least_3d(image: Tensor) -> Tensor:
    """The image after its checks."""
    return control.with_dependencies(check_at_least_3d(image), image)  # type: ignore[no-any-return]


def grayscale(image: Tensor) -> Tensor:
    """The image after checking that its last dimension is 1. Raises ValueError where it is known not to be."""
    try:
        known = image.shape.with_rank(2) if image._dims is None else image.shape.with_rank_at_least(2)
    except ValueError:
        raise ValueError("A grayscale image must be at least two-dimensional.") from None
    if known.is_fully_defined():
        if known.as_list()[-1] != 1:
            raise ValueError("Last dimension of a grayscale image should be size 1.")
        found: list[Any] = []
    else:
        found = [
            checks.assert_equal(
                shapes.shape(image)[-1], 1, message="Last dimension of a grayscale image should be size 1."
            ),
            checks.assert_greater_equal(
                shapes.rank(image), 3, message="A grayscale image must be at least two-dimensional."
            ),
        ]
    return control.with_dependencies(found, image)  # type: ignore[no-any-return]


def as_batch(image: Tensor) -> tuple[Tensor, bool]:
    """(a batch of images, whether it was one already). Raises ValueError for other ranks than 3 and 4."""
    dims = image._dims
    if dims is None:
        image = shapes.expand_dims(image, 0)
        image.set_shape([None] * 4)
        return image, False
    if len(dims) == 3:
        return shapes.expand_dims(image, 0), False
    if len(dims) != 4:
        raise ValueError("'image' must have either 3 or 4 dimensions.")
    return image, True
