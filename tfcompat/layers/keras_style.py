"""tf.layers.experimental: layers that make their variables as Keras does, without variable scopes.

Source: TF 1.15, python/layers/base.py, python/keras/engine/base_layer_utils.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tfcompat.framework.export import export
from tfcompat.framework.scopes import init_scope
from tfcompat.framework.shapes import TensorShape
from tfcompat.ops import initializers
from tfcompat.ops.variable_base import VariableV1

_IN_USE = [False]


def in_use() -> bool:
    """Whether layers made now are of Keras style."""
    return _IN_USE[-1]


@export("layers.experimental.keras_style_scope")
@contextmanager
def keras_style_scope() -> Iterator[None]:
    """A block in which layers are made that keep variables of their own: none are shared by name or scope."""
    _IN_USE.append(True)
    try:
        yield
    finally:
        _IN_USE.pop()


@export("layers.experimental.set_keras_style")
def set_keras_style() -> None:
    """All layers from here on are of Keras style."""
    _IN_USE[-1] = True


def check_no_scope(what: str, value: Any) -> None:
    """Raises ValueError for an argument that layers of Keras style do not take."""
    if value is not None:
        raise ValueError(f"{what} argument not allowed when keras style layers are enabled, but saw: {value}")


def make_variable(
    name: str, shape: Any, dtype: Any, initializer: Any = None, use_resource: bool | None = None, **settings: Any
) -> Any:
    """A variable of its own, named in the current name scope; a resource variable unless told otherwise."""
    settings.pop("partitioner", None)
    if initializer is None:
        initializer = initializers.GlorotUniform() if dtype.is_floating else initializers.Zeros()
    from_value = not callable(initializer)
    with init_scope():
        if isinstance(initializer, type):
            initializer = initializer()
        value = initializer if from_value else lambda: initializer(shape, dtype=dtype)
    dims = TensorShape(shape)
    return VariableV1(
        initial_value=value,
        name=name,
        dtype=None if from_value else dtype.base_dtype,
        use_resource=True if use_resource is None else use_resource,
        shape=dims if dims else None,
        **settings,
    )
