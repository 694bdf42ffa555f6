"""tf.layers: average and max pooling. Source: TF 1.15, python/layers/pooling.py and python/keras/layers/pooling.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.framework.export import export, export_value
from tfcompat.framework.shapes import TensorShape
from tfcompat.layers import smart
from tfcompat.layers.base import InputSpec, Layer
from tfcompat.layers.functional import functional, named
from tfcompat.ops import pool, shapes


class _Pooling(Layer):
    """Pooling over `rank` space axes by `pool_function`."""

    def __init__(
        self,
        pool_function: Callable[..., Any],
        rank: int,
        pool_size: Any,
        strides: Any,
        padding: str,
        data_format: str,
        name: str | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.pool_function = pool_function
        self.rank = rank
        self.pool_size = smart.numbers(pool_size, rank, "pool_size")
        self.strides = smart.numbers(pool_size if strides is None else strides, rank, "strides")
        self.padding = smart.padding(padding)
        self.data_format = smart.data_format(data_format)
        self.input_spec = InputSpec(ndim=rank + 2)

    def _widen(self, sizes: tuple[int, ...]) -> tuple[int, ...]:
        return (1, *sizes, 1) if self.data_format == "channels_last" else (1, 1, *sizes)

    def call(self, inputs: Any) -> Any:
        return self.pool_function(
            inputs,
            ksize=self._widen(self.pool_size),
            strides=self._widen(self.strides),
            padding=self.padding.upper(),
            data_format=smart.channels_format(self.data_format, self.rank + 2),
        )

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        dims = TensorShape(input_shape).as_list()
        first = 1 if self.data_format == "channels_last" else 2
        for i in range(self.rank):
            dims[first + i] = smart.conv_output_length(
                dims[first + i], self.pool_size[i], self.padding, self.strides[i]
            )
        return TensorShape(dims)


class _Pooling1D(_Pooling):
    """One space axis, as a two-dimensional pooling with an axis of size 1."""

    def call(self, inputs: Any) -> Any:
        axis = 2 if self.data_format == "channels_last" else 3
        last = self.data_format == "channels_last"
        sizes, strides = (*self.pool_size, 1), (*self.strides, 1)
        outputs = self.pool_function(
            shapes.expand_dims(inputs, axis),
            ksize=(1, *sizes, 1) if last else (1, 1, *sizes),
            strides=(1, *strides, 1) if last else (1, 1, *strides),
            padding=self.padding.upper(),
            data_format="NHWC" if last else "NCHW",
        )
        return shapes.squeeze(outputs, axis)


@export("layers.AveragePooling1D")
class AveragePooling1D(_Pooling1D):
    """Average pooling. Shapes: [batch, steps, channels] -> [batch, new_steps, channels]."""

    def __init__(
        self,
        pool_size: Any,
        strides: Any,
        padding: str = "valid",
        data_format: str = "channels_last",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if strides is None:
            raise ValueError("Argument `strides` must not be None.")
        super().__init__(pool.avg_pool, 1, pool_size, strides, padding, data_format, name, **kwargs)


@export("layers.MaxPooling1D")
class MaxPooling1D(_Pooling1D):
    """Max pooling. Shapes: [batch, steps, channels] -> [batch, new_steps, channels]."""

    def __init__(
        self,
        pool_size: Any,
        strides: Any,
        padding: str = "valid",
        data_format: str = "channels_last",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if strides is None:
            raise ValueError("Argument `strides` must not be None.")
        super().__init__(pool.max_pool, 1, pool_size, strides, padding, data_format, name, **kwargs)


@export("layers.AveragePooling2D")
class AveragePooling2D(_Pooling):
    """Average pooling. Shapes: [batch, h, w, channels] -> [batch, H, W, channels]."""

    def __init__(
        self,
        pool_size: Any,
        strides: Any,
        padding: str = "valid",
        data_format: str = "channels_last",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if strides is None:
            raise ValueError("Argument `strides` must not be None.")
        super().__init__(pool.avg_pool, 2, pool_size, strides, padding, data_format, name, **kwargs)


@export("layers.MaxPooling2D")
class MaxPooling2D(_Pooling):
    """Max pooling. Shapes: [batch, h, w, channels] -> [batch, H, W, channels]."""

    def __init__(
        self,
        pool_size: Any,
        strides: Any,
        padding: str = "valid",
        data_format: str = "channels_last",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if strides is None:
            raise ValueError("Argument `strides` must not be None.")
        super().__init__(pool.max_pool, 2, pool_size, strides, padding, data_format, name, **kwargs)


@export("layers.AveragePooling3D")
class AveragePooling3D(_Pooling):
    """Average pooling. Shapes: [batch, d, h, w, channels] -> [batch, D, H, W, channels]."""

    def __init__(
        self,
        pool_size: Any,
        strides: Any,
        padding: str = "valid",
        data_format: str = "channels_last",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if strides is None:
            raise ValueError("Argument `strides` must not be None.")
        super().__init__(pool.avg_pool3d, 3, pool_size, strides, padding, data_format, name, **kwargs)


@export("layers.MaxPooling3D")
class MaxPooling3D(_Pooling):
    """Max pooling. Shapes: [batch, d, h, w, channels] -> [batch, D, H, W, channels]."""

    def __init__(
        self,
        pool_size: Any,
        strides: Any,
        padding: str = "valid",
        data_format: str = "channels_last",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if strides is None:
            raise ValueError("Argument `strides` must not be None.")
        super().__init__(pool.max_pool3d, 3, pool_size, strides, padding, data_format, name, **kwargs)


average_pooling1d = named(functional(AveragePooling1D, reuse=False), "average_pooling1d", __name__)
average_pooling2d = named(functional(AveragePooling2D, reuse=False), "average_pooling2d", __name__)
average_pooling3d = named(functional(AveragePooling3D, reuse=False), "average_pooling3d", __name__)
max_pooling1d = named(functional(MaxPooling1D, reuse=False), "max_pooling1d", __name__)
max_pooling2d = named(functional(MaxPooling2D, reuse=False), "max_pooling2d", __name__)
max_pooling3d = named(functional(MaxPooling3D, reuse=False), "max_pooling3d", __name__)
for _kind in ("average_pooling", "max_pooling"):
    for _rank in (1, 2, 3):
        export_value(f"layers.{_kind}{_rank}d")
