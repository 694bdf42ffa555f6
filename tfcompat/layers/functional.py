"""From a layer class to the function that makes one and applies it: `Conv2D` -> `conv2d(inputs, ...)`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def functional(layer: type, *, reuse: bool) -> Callable[..., Any]:
    """A function with the layer's own parameters between `inputs` and (with `reuse`) `reuse`."""
    own = [p for p in inspect.signature(layer).parameters.values() if p.kind is not p.VAR_KEYWORD]
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    parameters = [inspect.Parameter("inputs", kind), *own]
    if reuse:
        parameters.append(inspect.Parameter("reuse", kind, default=None))
    signature = inspect.Signature(parameters)

    def apply(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        settings = dict(bound.arguments)
        inputs = settings.pop("inputs")
        if reuse:
            settings["_reuse"] = settings.pop("reuse", None)
            settings["_scope"] = settings.get("name")
        return layer(**settings).apply(inputs)

    apply.__signature__ = signature  # type: ignore[attr-defined]
    apply.__doc__ = f"A `{layer.__name__}` layer made and applied.\n\n{inspect.getdoc(layer)}"
    return apply


def named(function: Callable[..., Any], name: str, module: str) -> Callable[..., Any]:
    """Gives a made function its name, for tracebacks and help."""
    function.__name__ = function.__qualname__ = name
    function.__module__ = module
    return function
