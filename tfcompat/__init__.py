"""TensorFlow 1.15's Python API in graph style, on PyTorch kernels: `import tfcompat as tf`.

The public names are those of `tfcompat.api.v1`; `tfcompat.compat.v2` has those of TensorFlow 2 that are provided.
`__version__` is that of the TensorFlow that is followed, as programs expect; `version.TFCOMPAT_VERSION` is ours.
"""

import gc as _gc
import os as _os
import sys as _sys

# Read by OpenMP when torch loads it: threads that wait for each other sleep instead of spinning. Beside other work on
# the same cores a spinning team makes a step of milliseconds take hundreds of them.
_os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
_os.environ.setdefault("GOMP_SPINCOUNT", "0")

# Thousands of functions and declarations that all stay: looking for garbage among them takes as long as making them.
_collects = _gc.isenabled()
_gc.disable()

from tfcompat import namespaces as _namespaces
from tfcompat.api import v1 as _v1
from tfcompat.api.v1 import *
from tfcompat.api.v1 import __all__ as __all__
from tfcompat.api.v1 import __getattr__ as __getattr__
from tfcompat.framework import versions as _versions
from tfcompat.install import install as install
from tfcompat.install import uninstall as uninstall

__version__ = _versions.VERSION
__git_version__ = _versions.GIT_VERSION
__compiler_version__ = _versions.COMPILER_VERSION
__cxx11_abi_flag__ = _versions.CXX11_ABI_FLAG
__monolithic_build__ = _versions.MONOLITHIC_BUILD

_namespaces.publish(_sys.modules[__name__], _v1, lazy=_v1.LAZY)
if _collects:
    _gc.enable()
