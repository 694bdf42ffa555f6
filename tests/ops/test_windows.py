"""Convolutions and pooling against direct sums over windows, also for what TF's CPU kernels do not do."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch

from tfcompat.ops import conv, pooling, windows


def naive_windows(
    x: np.ndarray, window: list[int], strides: list[int], rates: list[int], pads: list[Any], fill: float
) -> Any:
    """[batch, out..., taps, channels] of NHWC-like data."""
    n = len(window)
    x = np.pad(x, [(0, 0), *pads, (0, 0)], constant_values=fill)
    sizes = [(x.shape[i + 1] - (window[i] - 1) * rates[i] - 1) // strides[i] + 1 for i in range(n)]
    taps = []
    for tap in itertools.product(*(range(k) for k in window)):
        at = tuple(
            slice(t * r, t * r + (s - 1) * st + 1, st) for t, r, s, st in zip(tap, rates, sizes, strides, strict=True)
        )
        taps.append(x[(slice(None), *at)])
    return np.stack(taps, -2)


def same_pads(sizes: list[int], window: list[int], strides: list[int], rates: list[int]) -> list[tuple[int, int]]:
    out = []
    for size, k, s, r in zip(sizes, window, strides, rates, strict=True):
        total = max(0, (-(-size // s) - 1) * s + (k - 1) * r + 1 - size)
        out.append((total // 2, total - total // 2))
    return out


def to_format(x: np.ndarray, data_format: str) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(x, -1, 1)) if data_format.startswith("NC") else x


def full(values: list[int], data_format: str) -> list[int]:
    return [1, 1, *values] if data_format.startswith("NC") else [1, *values, 1]


def random_case(rng: np.random.RandomState, n: int) -> dict[str, Any]:
    padding = rng.choice(["SAME", "VALID", "EXPLICIT"] if n == 2 else ["SAME", "VALID"])
    window = rng.randint(1, 4, n).tolist()
    rates = (rng.randint(1, 3, n) if rng.rand() < 0.4 else np.ones(n, int)).tolist()
    least = [(k - 1) * r + 1 for k, r in zip(window, rates, strict=True)]
    sizes = [int(m + rng.randint(0, 4)) if padding == "VALID" else int(rng.randint(1, 6)) for m in least]
    strides = rng.randint(1, 4, n).tolist()
    if padding == "SAME":
        pads = same_pads(sizes, window, strides, rates)
    elif padding == "VALID":
        pads = [(0, 0)] * n
    else:
        pads = [(int(a) + m, int(b)) for m, (a, b) in zip(least, rng.randint(0, 3, (n, 2)), strict=True)]
    letters = "NHWC NCHW" if n == 2 else "NDHWC NCDHW"
    return {
        "padding": str(padding),
        "window": window,
        "rates": rates,
        "sizes": sizes,
        "strides": strides,
        "pads": pads,
        "data_format": str(rng.choice(letters.split())),
        "dtype": rng.choice([np.float32, np.float64]),
    }


def attrs_of(case: dict[str, Any]) -> dict[str, Any]:
    form = case["data_format"]
    layout = windows.format_of(form)
    made = {
        "data_format": form,
        "padding": case["padding"],
        "strides": full(case["strides"], form),
        "dilations": full(case["rates"], form),
    }
    if case["padding"] == "EXPLICIT":
        flat = [0] * 8
        for axis, (before, after) in zip(layout.spatial, case["pads"], strict=True):
            flat[2 * axis], flat[2 * axis + 1] = before, after
        made["explicit_paddings"] = flat
    return made


@pytest.mark.parametrize("seed", range(40))
def test_convolution_is_the_sum_over_its_windows(seed: int) -> None:
    rng = np.random.RandomState(seed)
    case = random_case(rng, int(rng.randint(2, 4)))
    depthwise = len(case["window"]) == 2 and rng.rand() < 0.3
    groups = 1 if depthwise else int(rng.choice([1, 1, 2]))
    depth, out = int(rng.randint(1, 4)) * groups, int(rng.randint(1, 4)) * groups
    batch = int(rng.randint(1, 3))
    x = rng.randn(batch, *case["sizes"], depth).astype(case["dtype"])
    w = rng.randn(*case["window"], depth // groups, out).astype(case["dtype"])
    seen = naive_windows(x, case["window"], case["strides"], case["rates"], case["pads"], 0)
    taps = w.reshape(-1, *w.shape[-2:])
    if depthwise:
        y = np.einsum("...tc,tcm->...cm", seen, taps).reshape(*seen.shape[:-2], depth * out)
    else:
        size, each = depth // groups, out // groups
        parts = [
            np.einsum("...tc,tco->...o", seen[..., g * size : (g + 1) * size], taps[..., g * each : (g + 1) * each])
            for g in range(groups)
        ]
        y = np.concatenate(parts, -1)
    run = conv.Convolution(attrs_of(case), "test", depthwise)
    form = case["data_format"]
    got = run.forward(torch.from_numpy(to_format(x, form)), torch.from_numpy(w))
    close = {"rtol": 1e-4, "atol": 1e-4}
    np.testing.assert_allclose(got.numpy(), to_format(y, form), **close)
    # The convolution is linear in both arguments: its gradients are the adjoint maps.
    dy = rng.randn(*y.shape).astype(case["dtype"])
    dy_formatted = torch.from_numpy(to_format(dy, form))
    dx = run.input_gradient(to_format(x, form).shape, torch.from_numpy(w), dy_formatted)
    dw = run.filter_gradient(torch.from_numpy(to_format(x, form)), w.shape, dy_formatted)
    inner = float((y * dy).sum())
    np.testing.assert_allclose(float((dx.numpy() * to_format(x, form)).sum()), inner, **close)
    np.testing.assert_allclose(float((dw.numpy() * w).sum()), inner, **close)
    assert dx.shape == to_format(x, form).shape and dw.shape == w.shape and dw.is_contiguous()


@pytest.mark.parametrize("seed", range(40))
def test_pooling_is_the_maximum_and_the_mean_of_its_windows(seed: int) -> None:
    rng = np.random.RandomState(seed)
    case = random_case(rng, int(rng.randint(2, 4)))
    n = len(case["window"])
    if case["padding"] == "EXPLICIT":
        case["padding"], case["pads"] = "SAME", same_pads(case["sizes"], case["window"], case["strides"], [1] * n)
    elif case["padding"] == "SAME":
        case["pads"] = same_pads(case["sizes"], case["window"], case["strides"], [1] * n)
    dims = (int(rng.randint(1, 3)), *case["sizes"], int(rng.randint(1, 4)))
    x = rng.permutation(int(np.prod(dims))).reshape(dims).astype(case["dtype"])
    seen = naive_windows(x, case["window"], case["strides"], [1] * n, case["pads"], np.nan)
    form = case["data_format"]
    settings = (full(case["window"], form), full(case["strides"], form), case["padding"], form)
    given = torch.from_numpy(to_format(x, form))
    maxima, means = pooling.MaxPooling(*settings), pooling.AvgPooling(*settings)
    best, mean = np.nanmax(seen, -2), np.nanmean(seen, -2)
    np.testing.assert_array_equal(maxima.forward(given).numpy(), to_format(best, form))
    np.testing.assert_allclose(means.forward(given).numpy(), to_format(mean, form), rtol=1e-5)
    dy = torch.from_numpy(to_format(rng.randn(*best.shape).astype(case["dtype"]), form))
    # Both are linear for a fixed choice of maxima.
    dx = maxima.input_gradient(given, maxima.forward(given), dy)
    np.testing.assert_allclose(float((dx * given).sum()), float((dy.numpy() * to_format(best, form)).sum()), rtol=1e-4)
    taken = maxima.gathered_gradient(given, maxima.forward(given), given)
    np.testing.assert_array_equal(taken.numpy(), to_format(best, form))
    dx = means.input_gradient(given.shape, dy)
    np.testing.assert_allclose(
        float((dx * given).sum()), float((dy.numpy() * to_format(mean, form)).sum()), rtol=1e-4, atol=1e-3
    )


def test_images_are_not_copied() -> None:
    """NHWC data are channels_last views on the way in and on the way out."""
    x, w = torch.randn(2, 6, 6, 4), torch.randn(3, 3, 4, 8)
    attrs = {"data_format": "NHWC", "padding": "SAME", "strides": [1] * 4, "dilations": [1] * 4}
    y = conv.Convolution(attrs, "test").forward(x, w)
    assert y.is_contiguous()
    pool = pooling.MaxPooling([1, 2, 2, 1], [1, 2, 2, 1], "SAME", "NHWC")
    assert pool.forward(y).is_contiguous()
    assert pool.input_gradient(y, pool.forward(y), pool.forward(y)).is_contiguous()
    seen = windows.channels_second(x, windows.format_of("NHWC"))
    assert seen.data_ptr() == x.data_ptr() and seen.is_contiguous(memory_format=torch.channels_last)
