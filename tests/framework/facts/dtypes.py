"""Names that the expressions of dtypes.json use. Runs in 1.15's Python 3.7 too."""

import numpy as np

FLAGS = ("is_numpy_compatible", "is_bool", "is_integer", "is_floating", "is_complex", "is_quantized", "is_unsigned")


def names(dtypes):
    as_dtype = dtypes.as_dtype

    def flags(name):
        """The flags that are up."""
        return [flag for flag in FLAGS if getattr(as_dtype(name), flag)] + [as_dtype(name)._is_ref_dtype]

    def relatives(name):
        d = as_dtype(name)
        return d.as_datatype_enum, d, str(d), d.base_dtype, d.real_dtype, d._as_ref, hash(d)

    def layout(name):
        d = as_dtype(name)
        return d.size, np.dtype(d.as_numpy_dtype)

    def number(value):
        return value if isinstance(value, int) else float(value).hex()

    return dict(locals(), np=np, D=dtypes, f=dtypes.float32)
