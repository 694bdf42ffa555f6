"""Public names of `tf.compat.v2.test`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.platform.benchmark import TensorFlowBenchmark as Benchmark, benchmark_config as benchmark_config
from tfcompat.platform.device_lib import (
    gpu_device_name as gpu_device_name,
    is_built_with_cuda as is_built_with_cuda,
    is_built_with_gpu_support as is_built_with_gpu_support,
    is_built_with_rocm as is_built_with_rocm,
    is_gpu_available as is_gpu_available,
)
from tfcompat.platform.googletest import main as main
from tfcompat.platform.graph_def_equality import assert_equal_graph_def_v2 as assert_equal_graph_def
from tfcompat.platform.test_case import TestCase as TestCase
from tfcompat.platform.test_util import create_local_cluster as create_local_cluster

__all__ = [
    "Benchmark",
    "TestCase",
    "assert_equal_graph_def",
    "benchmark_config",
    "create_local_cluster",
    "gpu_device_name",
    "is_built_with_cuda",
    "is_built_with_gpu_support",
    "is_built_with_rocm",
    "is_gpu_available",
    "main",
]

__getattr__ = _namespace_getattr("tf.compat.v2.test")
