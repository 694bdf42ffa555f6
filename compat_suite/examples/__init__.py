"""The examples of `compat_suite.gradient_examples`, one module per part of the contract."""

import collections
import itertools

import numpy as np

Example = collections.namedtuple("Example", "name use covers value beyond eager")

EXAMPLES = {}
MISSING = object()
_counter = itertools.count()


def example(covers, value=MISSING, beyond=False, eager=False):
    """Put a function into the table. `eager`: it runs in its own process, with eager execution on."""

    def keep(use):
        if use.__name__ in EXAMPLES:
            raise ValueError(f"two examples are called {use.__name__}")
        EXAMPLES[use.__name__] = Example(use.__name__, use, covers, value, beyond, eager)
        return use

    return keep


def fresh(prefix):
    """A name for a process-wide registry, such as that of gradients."""
    return f"{prefix}{next(_counter)}"


def plain(value):
    """numpy things as lists and numbers, None kept."""
    if isinstance(value, (list, tuple)):
        if hasattr(value, "dense_shape"):  # IndexedSlicesValue
            return {"values": plain(value.values), "indices": plain(value.indices)}
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, complex):
        return [value.real, value.imag]
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def values(tf, tensors, feed=None):
    """Runs tensors after initialising variables; None stays None."""
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        if not isinstance(tensors, (list, tuple)):
            return plain(session.run(tensors, feed))
        return [None if t is None else plain(session.run(t, feed)) for t in tensors]


def raised(use, *phrases):
    """[class name, whether each phrase is in the message] of what `use` raises."""
    try:
        use()
    except Exception as error:
        return [type(error).__name__] + [phrase in str(error) for phrase in phrases]
    return ["nothing"]


def new_nodes(tf, build):
    """[name, op, inputs] of the nodes that `build` adds to the default graph."""
    graph = tf.get_default_graph()
    before = len(graph.get_operations())
    build()
    return [[op.name, op.type, [t.name for t in op.inputs]] for op in graph.get_operations()[before:]]
