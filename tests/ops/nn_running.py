"""How the programs of nn_programs.py are run, inside TF 1.15 (Python 3.7) and inside tfcompat alike."""

import numpy as np


class Draw:
    """`draw(2, 3, low=-1, high=1)`: uniform float32 numbers from a stream of the program's own."""

    def __init__(self, name):
        self.random = np.random.RandomState(sum(map(ord, name)))

    def __call__(self, *dims, **bounds):
        return self.random.uniform(bounds.get("low", -1), bounds.get("high", 1), dims).astype(np.float32)


def run(tf, name, program):
    """The values of what the program returns, and [type, name] of every node it made."""
    graph = tf.Graph()
    with graph.as_default():
        tf.set_random_seed(7)
        fetches = program(tf, Draw(name))
        nodes = [[node.type, node.name] for node in graph.get_operations()]
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            return session.run(fetches), nodes


def message_of(tf, name, program):
    """The class and the first line of what the program raises while it builds or runs."""
    with tf.Graph().as_default():
        try:
            fetch = program(tf, Draw(name))
            if fetch is not None:
                with tf.Session() as session:
                    session.run(fetch)
        except Exception as error:
            text = getattr(error, "message", None) or str(error)
            return [type(error).__name__, text.split("\n")[0]]
    return ["no error", ""]
