"""tf.hessians: the matrix of second derivatives, row by row."""

from __future__ import annotations

from typing import Any

from tfcompat.framework.export import export
from tfcompat.framework.tensor import Tensor
from tfcompat.gradients.engine import gradients
from tfcompat.ops import arrays, shapes


@export("hessians")
def hessians(
    ys: Any,
    xs: Any,
    name: str = "hessians",
    colocate_gradients_with_ops: bool = False,
    gate_gradients: bool = False,
    aggregation_method: Any = None,
) -> list[Tensor]:
    """For each x, the second derivatives of the sum of `ys` by it.

    Shapes: x [a...] -> [a..., a...]; the shape of x must be static.
    Raises: ValueError when ys do not depend on an x, or only linearly.
    """
    xs = list(xs) if isinstance(xs, (list, tuple)) else [xs]
    settings = (colocate_gradients_with_ops, gate_gradients, aggregation_method)
    first = gradients(ys, xs, None, name, *settings)
    return [_matrix(g, x, name, settings) for g, x in zip(first, xs, strict=True)]


@export(v2=("hessians",))
def hessians_v2(
    ys: Any, xs: Any, gate_gradients: bool = False, aggregation_method: Any = None, name: str = "hessians"
) -> list[Tensor]:
    """TF 2's form of `hessians`."""
    return hessians(ys, xs, name, True, gate_gradients, aggregation_method)


def _matrix(gradient: Any, x: Any, name: str, settings: tuple[Any, ...]) -> Tensor:
    if gradient is None:
        raise ValueError(f"None values not supported: ys do not depend on {x}")
    size = x.shape.num_elements()
    if size is None:
        raise ValueError(f"the shape of {x} must be known for its Hessian, but is {x.shape}")
    rows = []
    for element in arrays.unstack(shapes.reshape(gradient, [-1]), num=size):
        row = gradients(element, x, None, name, *settings)[0]
        if row is None:
            raise ValueError(f"None values not supported: the gradient does not depend on {x}")
        rows.append(row)
    shape = shapes.shape(x)
    return shapes.reshape(arrays.stack(rows), arrays.concat([shape, shape], 0))
