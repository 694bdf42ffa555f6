"""Wrong uses of graph-mode TensorFlow, each to be answered with TF 1.15's exception class and key phrase.

Each function runs in a fresh default graph. The recorder keeps what TF 1.15 raises (a few uses look wrong and are
accepted: that is recorded too), the test replays them on tfcompat. Python 3.7 syntax: the recorder runs this file
inside TF 1.15's interpreter.
"""

import re

from compat_suite.wrong_uses import (  # noqa: F401  (imported for the uses they register)
    WRONG,
    building,
    control,
    graphs,
    session,
    tensors,
    training,
    variables,
)

KEYS = {
    "apply_malformed_pairs": "has type string that does not match type float32",
    "conv_layer_of_wrong_rank": "expected ndim=4, found ndim=2",
    "dense_of_scalar": "expected min_ndim=2, found ndim=0",
    "gradients_of_complex": "must set grad_ys",
    "gradients_prevented": "not here",
    "graph_def_with_unknown_op": "Op type not registered 'NoSuchOp'",
    "minimize_over_tensor": "Trying to update a Tensor",
    "minimize_without_gradients": "No gradients provided for any variable, check your graph for ops",
    "resource_variable_not_initialized": "Error while reading resource variable v from Container: localhost. "
    "This could mean that the variable was uninitialized.",
    "saver_restores_missing_file": "/nonexistent",
    "tensor_as_float": "not 'Tensor'",
}
"""The phrase to look for where the first line of TF's message holds more than a program can rely on."""

_TAIL = re.compile(r" for '[^']*' \(op: .*| Originally defined at:.*| object at 0x.*|, <tf\.Tensor.*")


def key_phrase(name, message):
    """The part of TF's message that ours must contain: its first line without the decoration of the failing op."""
    return KEYS.get(name) or _TAIL.sub("", message.split("\n")[0])


def message_of(error):
    """An exception's text; for a KeyError without the quotes that str() puts around it."""
    text = error.args[0] if len(error.args) == 1 and isinstance(error.args[0], str) else str(error)
    return re.sub(r"\bat 0x[0-9a-f]+", "at *", text)  # addresses, as in the recording
