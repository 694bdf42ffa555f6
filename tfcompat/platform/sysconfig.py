"""`tf.sysconfig`: flags with which custom ops would be compiled.

The directories are tfcompat's own; there is no C++ library in them, so building a custom op against them fails at
the compiler with the missing header's name.

Source: TF 1.15, python/platform/sysconfig.py.
"""

from __future__ import annotations

import os
import platform

from tfcompat.framework.export import export
from tfcompat.framework.versions import CXX11_ABI_FLAG, MONOLITHIC_BUILD, VERSION

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@export("sysconfig.get_include", v2=("sysconfig.get_include",))
def get_include() -> str:
    """The directory where TF's C++ headers would be."""
    return os.path.join(_ROOT, "include")


@export("sysconfig.get_lib", v2=("sysconfig.get_lib",))
def get_lib() -> str:
    """The directory where TF's framework library would be."""
    return _ROOT


@export("sysconfig.get_compile_flags", v2=("sysconfig.get_compile_flags",))
def get_compile_flags() -> list[str]:
    """Compiler flags for a custom op."""
    return [f"-I{get_include()}", f"-D_GLIBCXX_USE_CXX11_ABI={CXX11_ABI_FLAG}"]


@export("sysconfig.get_link_flags", v2=("sysconfig.get_link_flags",))
def get_link_flags() -> list[str]:
    """Linker flags for a custom op."""
    if MONOLITHIC_BUILD:
        return []
    major = VERSION.split(".")[0]
    if platform.system() == "Darwin":
        return [f"-L{get_lib()}", f"-ltensorflow_framework.{major}"]
    return [f"-L{get_lib()}", f"-l:libtensorflow_framework.so.{major}"]
