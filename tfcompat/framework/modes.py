"""The switches between TensorFlow 1 and 2 behaviour, as far as a graph-mode runtime has them."""

from __future__ import annotations

from typing import Any

from tfcompat.framework import shapes
from tfcompat.framework.errors import UnimplementedError
from tfcompat.framework.export import export
from tfcompat.framework.tensor import Tensor


@export("executing_eagerly", v2=("executing_eagerly",))
def executing_eagerly() -> bool:
    """Whether ops run at once instead of being added to a graph: here never."""
    return False


@export("enable_eager_execution")
def enable_eager_execution(config: Any = None, device_policy: Any = None, execution_mode: Any = None) -> None:
    """Eager execution is not there yet. Raises: UnimplementedError."""
    raise UnimplementedError(None, None, "tfcompat runs graphs: eager execution is not provided yet")


@export("disable_eager_execution")
def disable_eager_execution() -> None:
    """Graph mode is the only mode: nothing to do."""


@export("enable_v2_behavior")
def enable_v2_behavior() -> None:
    """TF 2 behaviour includes eager execution, which is not there yet. Raises: UnimplementedError."""
    enable_eager_execution()


@export("disable_v2_behavior")
def disable_v2_behavior() -> None:
    """TensorFlow 1 behaviour, which is the default here."""
    shapes.disable_v2_tensorshape()
    disable_tensor_equality()


@export("enable_tensor_equality")
def enable_tensor_equality() -> None:
    """`==` between tensors compares element-wise, as in TF 2. Takes effect where an equality op is installed."""
    Tensor._USE_EQUALITY = True


@export("disable_tensor_equality")
def disable_tensor_equality() -> None:
    """`==` between tensors compares the objects, as in TF 1."""
    Tensor._USE_EQUALITY = False


_control_flow_v2 = False


@export("enable_control_flow_v2")
def enable_control_flow_v2() -> None:
    """Control flow is made of ops with sub-graphs here in any case; kept for what programs ask."""
    global _control_flow_v2
    _control_flow_v2 = True


@export("disable_control_flow_v2")
def disable_control_flow_v2() -> None:
    """See `enable_control_flow_v2`."""
    global _control_flow_v2
    _control_flow_v2 = False


@export("control_flow_v2_enabled")
def control_flow_v2_enabled() -> bool:
    """What the last of the two switches above said."""
    return _control_flow_v2
