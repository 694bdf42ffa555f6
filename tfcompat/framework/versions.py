"""Version numbers: those of the TensorFlow whose behaviour is followed, and tfcompat's own."""

from __future__ import annotations

from tfcompat.framework.export import export_value

TFCOMPAT_VERSION = "0.1.0"

# What `tf.version` of the TensorFlow 1.15.0 wheel says; programs compare and print these.
VERSION = "1.15.0"
GIT_VERSION = "v1.15.0-rc3-22-g590d6ee"
COMPILER_VERSION = "7.3.1 20180303"
CXX11_ABI_FLAG = 0
MONOLITHIC_BUILD = 0
GRAPH_DEF_VERSION = 134
GRAPH_DEF_VERSION_MIN_CONSUMER = 0
GRAPH_DEF_VERSION_MIN_PRODUCER = 0

export_value("version.TFCOMPAT_VERSION")  # ours: TensorFlow has no such name
export_value("version.VERSION", "VERSION")
export_value("version.GIT_VERSION", "GIT_VERSION")
export_value("version.COMPILER_VERSION", "COMPILER_VERSION")
export_value("version.GRAPH_DEF_VERSION", "GRAPH_DEF_VERSION")
export_value("version.GRAPH_DEF_VERSION_MIN_CONSUMER", "GRAPH_DEF_VERSION_MIN_CONSUMER")
export_value("version.GRAPH_DEF_VERSION_MIN_PRODUCER", "GRAPH_DEF_VERSION_MIN_PRODUCER")
export_value("sysconfig.CXX11_ABI_FLAG", "CXX11_ABI_FLAG")
export_value("sysconfig.MONOLITHIC_BUILD", "MONOLITHIC_BUILD")
