"""Public names of `tf.test`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.platform.benchmark import TensorFlowBenchmark as Benchmark, benchmark_config as benchmark_config
from tfcompat.platform.device_lib import (
    gpu_device_name as gpu_device_name,
    is_built_with_cuda as is_built_with_cuda,
    is_built_with_gpu_support as is_built_with_gpu_support,
    is_built_with_rocm as is_built_with_rocm,
    is_gpu_available as is_gpu_available,
)
from tfcompat.platform.googletest import (
    StubOutForTesting as StubOutForTesting,
    get_temp_dir as get_temp_dir,
    main as main,
    mock as mock,
    test_src_dir_path as test_src_dir_path,
)
from tfcompat.platform.gradient_checker import (
    compute_gradient as compute_gradient,
    compute_gradient_error as compute_gradient_error,
)
from tfcompat.platform.graph_def_equality import assert_equal_graph_def as assert_equal_graph_def
from tfcompat.platform.test_case import TestCase as TestCase
from tfcompat.platform.test_util import create_local_cluster as create_local_cluster

__all__ = [
    "Benchmark",
    "StubOutForTesting",
    "TestCase",
    "assert_equal_graph_def",
    "benchmark_config",
    "compute_gradient",
    "compute_gradient_error",
    "create_local_cluster",
    "get_temp_dir",
    "gpu_device_name",
    "is_built_with_cuda",
    "is_built_with_gpu_support",
    "is_built_with_rocm",
    "is_gpu_available",
    "main",
    "mock",
    "test_src_dir_path",
]

__getattr__ = _namespace_getattr("tf.test")
