"""What a layer demands of its inputs. Source: TF 1.15, python/keras/engine/input_spec.py."""

from __future__ import annotations

from typing import Any

from tfcompat.framework import dtypes, nest
from tfcompat.framework.export import export


@export("layers.InputSpec", "keras.layers.InputSpec")
class InputSpec:
    """What a layer demands of an input: dtype, shape, rank, or the size of single axes."""

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Any = None,
    ) -> None:
        self.dtype = None if dtype is None else dtypes.as_dtype(dtype).name
        self.shape = shape
        self.ndim = len(shape) if shape is not None else ndim
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        try:
            self.axes = {int(k): v for k, v in (axes or {}).items()}
        except (ValueError, TypeError):
            raise TypeError("The keys in axes must be integers.") from None
        if self.axes and (self.ndim is not None or max_ndim is not None):
            last = (self.ndim or max_ndim or 0) - 1
            if max(self.axes) > last:
                raise ValueError(f"Axis {max(self.axes)} is greater than the maximum allowed value: {last}")

    def get_config(self) -> dict[str, Any]:
        return {
            "dtype": self.dtype,
            "shape": self.shape,
            "ndim": self.ndim,
            "max_ndim": self.max_ndim,
            "min_ndim": self.min_ndim,
            "axes": self.axes,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> InputSpec:
        return cls(**config)

    def __repr__(self) -> str:
        fields = [
            f"{name}={value}"
            for name, value in (
                ("dtype", self.dtype),
                ("shape", self.shape),
                ("ndim", self.ndim),
                ("max_ndim", self.max_ndim),
                ("min_ndim", self.min_ndim),
                ("axes", self.axes),
            )
            if value
        ]
        return f"InputSpec({', '.join(fields)})"


def check_inputs(specs: Any, inputs: Any, layer_name: str) -> None:
    """Raises ValueError when an input is not what the layer's specs demand."""
    if not specs:
        return
    flat = nest.flatten(inputs)
    wanted = nest.flatten(specs)
    if len(flat) != len(wanted):
        raise ValueError(
            f"Layer {layer_name} expects {len(wanted)} inputs, but it received {len(flat)} input tensors. Inputs "
            f"received: {inputs}"
        )
    for i, (x, spec) in enumerate(zip(flat, wanted, strict=True)):
        if spec is not None:
            _check_input(spec, x, f"Input {i} of layer {layer_name} is incompatible with the layer: ")
            _check_shape(spec, x, f"Input {i} is incompatible with layer {layer_name}: ")


def _check_input(spec: InputSpec, x: Any, prefix: str) -> None:
    constrained = spec.ndim is not None or spec.min_ndim is not None or spec.max_ndim is not None
    rank = x.shape.ndims
    if constrained and rank is None:
        raise ValueError(f"{prefix}its rank is undefined, but the layer requires a defined rank.")
    full = f" Full shape received: {x.shape.as_list() if rank is not None else None}"
    if spec.ndim is not None and rank != spec.ndim:
        raise ValueError(f"{prefix}expected ndim={spec.ndim}, found ndim={rank}.{full}")
    if spec.max_ndim is not None and rank > spec.max_ndim:
        raise ValueError(f"{prefix}expected max_ndim={spec.max_ndim}, found ndim={rank}")
    if spec.min_ndim is not None and rank < spec.min_ndim:
        raise ValueError(f"{prefix}: expected min_ndim={spec.min_ndim}, found ndim={rank}.{full}")
    if spec.dtype is not None and x.dtype != spec.dtype:
        raise ValueError(f"{prefix}expected dtype={spec.dtype}, found dtype={x.dtype}")
    if rank is None:
        return
    dims = x.shape.as_list()
    for axis, value in spec.axes.items():
        wanted = getattr(value, "value", value)
        if wanted is not None and dims[int(axis)] not in (wanted, None):
            raise ValueError(
                f"{prefix}expected axis {axis} of input shape to have value {wanted} but received input with shape "
                f"{dims}"
            )


def _check_shape(spec: InputSpec, x: Any, prefix: str) -> None:
    if spec.shape is None or x.shape.ndims is None:
        return
    dims = x.shape.as_list()
    for want, got in zip(spec.shape, dims, strict=False):
        if want is not None and got is not None and want != got:
            raise ValueError(f"{prefix}expected shape={spec.shape}, found shape={dims}")
