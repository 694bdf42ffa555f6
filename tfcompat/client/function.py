"""tf.function in graph mode: a call adds the function's nodes to the graph that is being built.

Conversion of Python control flow (AutoGraph), traced signatures and concrete functions are not there yet; what needs them
raises an error that says so.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from tfcompat.framework import conversion, nest
from tfcompat.framework.errors import UnimplementedError
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope


class GraphFunction:
    """What `tf.function` makes of a Python function."""

    def __init__(self, python_function: Callable[..., Any], input_signature: Any) -> None:
        functools.update_wrapper(self, python_function)
        self._python_function = python_function
        self._input_signature = None if input_signature is None else tuple(input_signature)

    @property
    def python_function(self) -> Callable[..., Any]:
        return self._python_function

    @property
    def input_signature(self) -> Any:
        return self._input_signature

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The nodes of the function, built here and now, under a name scope of its name.

        Raises: ValueError when the arguments do not fit the input signature; TypeError where the function decides by a
        tensor's value in Python.
        """
        if self._input_signature is not None:
            args = self._checked(args, kwargs)
            kwargs = {}
        name = getattr(self._python_function, "__name__", "function").strip("<>") or "function"
        with name_scope(name):
            return self._python_function(*args, **kwargs)

    def _checked(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        assert self._input_signature is not None
        if kwargs or len(args) != len(self._input_signature):
            raise ValueError(
                f"Structure of Python function inputs does not match input_signature: {self._input_signature} takes "
                f"{len(self._input_signature)} inputs, got {len(args)} and {sorted(kwargs)}"
            )
        out = []
        for value, wanted in zip(args, self._input_signature, strict=True):
            flat = []
            for v, spec in zip(nest.flatten(value), nest.flatten(wanted), strict=True):
                tensor = conversion.to_tensor(v, spec.dtype)
                if not tensor.shape.is_compatible_with(spec.shape):
                    raise ValueError(f"Python inputs incompatible with input_signature: {tensor} is no {spec}")
                flat.append(tensor)
            out.append(nest.pack_sequence_as(wanted, flat))
        return tuple(out)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self if instance is None else functools.partial(self.__call__, instance)

    def get_concrete_function(self, *args: Any, **kwargs: Any) -> Any:
        raise UnimplementedError(None, None, "tfcompat does not provide concrete functions of tf.function yet")


@export("function", v2=("function",))
def function(
    func: Any = None,
    input_signature: Any = None,
    autograph: bool = True,
    experimental_autograph_options: Any = None,
    experimental_relax_shapes: bool = False,
    experimental_compile: Any = None,
) -> Any:
    """Makes a function whose calls build its nodes into the current graph; also as `@tf.function` and `@tf.function(...)`."""

    def decorate(f: Callable[..., Any]) -> GraphFunction:
        return GraphFunction(f, input_signature)

    return decorate if func is None else decorate(func)
