"""Names that the expressions of shapes_v1.json and shapes_v2.json use. Runs in 1.15's Python 3.7 too."""

import numpy as np


def names(S, P, float32):
    """S: the module of shapes. P: where TensorShapeProto is."""
    return {
        "S": S,
        "T": S.TensorShape,
        "D": S.Dimension,
        "P": P,
        "np": np,
        "float32": float32,
    }
