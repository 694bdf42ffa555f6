"""tf.compat's strings, tf.resource_loader, tf.sysconfig, and what tf.test says about devices."""

from __future__ import annotations

import os
import pathlib

import numpy as np
import pytest
import torch

from tfcompat.framework import compat_strings as c
from tfcompat.platform import device_lib, resource_loader, sysconfig


@pytest.mark.parametrize(
    "function, value, expected",
    [
        (c.as_bytes, "é", b"\xc3\xa9"),
        (c.as_bytes, b"x", b"x"),
        (c.as_bytes, bytearray(b"x"), b"x"),
        (c.as_text, b"\xc3\xa9", "é"),
        (c.as_str, "x", "x"),
        (c.as_str_any, 3, "3"),
        (c.as_str_any, b"x", "x"),
        (c.path_to_str, pathlib.Path("a/./b"), "a/b"),
        (c.path_to_str, 3, 3),
    ],
)
def test_strings(function, value, expected):
    assert function(value) == expected


NO_STRINGS = [(c.as_bytes, 3), (c.as_text, 3), (c.as_text, bytearray(b"x")), (c.as_text, (1, 2))]


@pytest.mark.parametrize("function, value", NO_STRINGS)
def test_other_types_are_no_strings(function, value):
    with pytest.raises(TypeError, match="Expected binary or unicode string, got"):
        function(value)


def test_number_types():
    assert isinstance(np.int8(1), c.integral_types) and not isinstance(np.float32(1), c.integral_types)
    assert isinstance(np.float32(1), c.real_types) and isinstance(1j, c.complex_types)
    assert c.bytes_or_text_types == (bytes, str)


def test_forward_compatibility(monkeypatch):
    assert c.forward_compatible(2019, 8, 20) and not c.forward_compatible(2019, 8, 21)
    with c.forward_compatibility_horizon(2020, 1, 2):
        assert c.forward_compatible(2020, 1, 1)
    assert not c.forward_compatible(2020, 1, 1)
    monkeypatch.setenv("TF_FORWARD_COMPATIBILITY_DELTA_DAYS", "10")
    assert c.forward_compatible(2019, 8, 30)


def test_resource_paths():
    here = os.path.dirname(__file__)
    assert resource_loader.get_data_files_path() == here
    assert resource_loader.get_path_to_datafile("x") == os.path.join(here, "x")
    assert resource_loader.readahead_file_path("x") == "x"
    assert b"platform" not in resource_loader.load_resource("platform/__init__.py")[:3]
    with pytest.raises(OSError, match="no_such"):
        resource_loader.load_resource("no_such")


def test_flags_for_compilers():
    assert sysconfig.get_compile_flags() == [f"-I{sysconfig.get_include()}", "-D_GLIBCXX_USE_CXX11_ABI=0"]
    assert sysconfig.get_link_flags()[0] == f"-L{sysconfig.get_lib()}"
    assert "tensorflow_framework" in sysconfig.get_link_flags()[1]


def test_devices():
    cpu, *gpus = device_lib.list_local_devices()
    assert (cpu.name, cpu.device_type) == ("/device:CPU:0", "CPU")
    assert len(gpus) == torch.cuda.device_count()
    assert device_lib.is_gpu_available() == bool(gpus)
    assert device_lib.gpu_device_name() == ("/device:GPU:0" if gpus else "")
    assert not device_lib.is_gpu_available(min_cuda_compute_capability=(99, 0))
    assert device_lib.is_built_with_gpu_support() == (torch.version.cuda is not None or torch.version.hip is not None)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_says_its_capability():
    assert "compute capability: " in device_lib.list_local_devices()[1].physical_device_desc
    assert device_lib.is_gpu_available(cuda_only=True, min_cuda_compute_capability=(3, 0))
