"""Dropout: elements set to zero at random, the others scaled up to keep the sum's expectation.

Source: TF 1.15, python/ops/nn_ops.py; the nodes are the same.
"""

from __future__ import annotations

import logging
import numbers
from typing import Any

from tfcompat.framework import conversion
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import TensorShape, as_shape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, random, shapes


def _noise_shape(x: Tensor, given: Any) -> Any:
    """The shape of the random numbers: x's, or the given one with its None entries taken from x."""
    if given is None:
        return shapes.shape(x)
    try:
        shape = as_shape(given)
    except (TypeError, ValueError):
        return given
    own = x._dims
    if own is None or shape.ndims != len(own):
        return given
    wanted = shape.as_list()
    return TensorShape([have if want is None else want for want, have in zip(wanted, own, strict=True)])


@export("nn.dropout")
def dropout(
    x: Any,
    keep_prob: Any = None,
    noise_shape: Any = None,
    seed: int | None = None,
    name: str | None = None,
    rate: Any = None,
) -> Tensor:
    """`x` with elements dropped with probability `rate` (or 1 - keep_prob, the old way), the others scaled up.

    noise_shape: where it has 1, a whole row is kept or dropped together.
    Raises: ValueError for a rate outside [0, 1), integers in x, or when both or none of the probabilities are given.
    """
    try:
        from_keep = None if keep_prob is None else 1.0 - keep_prob
    except TypeError:
        raise ValueError(f"keep_prob must be a floating point number or Tensor (got {keep_prob!r})") from None
    rate = shapes.renamed_argument("rate", rate, "keep_prob", from_keep)
    if rate is None:
        raise ValueError("You must provide a rate to dropout.")
    return dropout_v2(x, rate, noise_shape, seed, name)


@export(v2=("nn.dropout",))
def dropout_v2(x: Any, rate: Any, noise_shape: Any = None, seed: int | None = None, name: str | None = None) -> Tensor:
    """`x` with elements dropped with probability `rate`, the others scaled up."""
    with name_scope(name, "dropout", [x]) as name:
        x = conversion.to_tensor(x, name="x")
        if not x.dtype.is_floating:
            raise ValueError(
                f"x has to be a floating point tensor since it's going to be scaled. Got a {x.dtype} tensor instead."
            )
        if isinstance(rate, numbers.Real):
            if not 0 <= rate < 1:
                raise ValueError(f"rate must be a scalar tensor or a float in the range [0, 1), got {rate:g}")
            if rate > 0.5:
                _warn_of_large(float(rate))
            if rate == 0:
                return x
        rate = conversion.to_tensor(rate, dtype=x.dtype, name="rate")
        rate.shape.assert_has_rank(0)
        if constant_value(rate) == 0:
            return x
        drawn = random.random_uniform(_noise_shape(x, noise_shape), seed=seed, dtype=x.dtype)
        keep_prob = 1 - rate
        scale = 1 / keep_prob
        keep = drawn >= rate
        out = x * scale * casting.cast(keep, x.dtype)
        out.set_shape(x.shape)
        return out


_warned = 0


def _warn_of_large(rate: float) -> None:
    """Says up to five times that `rate` is what is dropped, for callers who mean what is kept."""
    global _warned
    if _warned < 5:
        _warned += 1
        logging.getLogger("tensorflow").warning(
            "Large dropout rate: %g (>0.5). In TensorFlow 2.x, dropout() uses dropout rate instead of keep_prob. "
            "Please ensure that this is intended.",
            rate,
        )
