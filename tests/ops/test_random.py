"""Random functions against TF 1.15's results."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.ops.recorded_state import check, names
from tfcompat.ops.random_gamma_gradient import gamma_derivative

# Numbers that go through a logarithm are TensorFlow's to within two units in the last place (docs/random.md).
ROUNDING = 4e-7


@pytest.mark.parametrize("name", names("random"))
def test_as_in_tensorflow(name: str) -> None:
    check("random", name, rtol=ROUNDING)


# alpha, sample, d sample / d alpha as TF 1.15's RandomGammaGrad gives it in float64
GAMMA_DERIVATIVES = [
    (0.01, 1e-5, 1.09521582e-02),
    (0.5, 0.3, 1.00980195e00),
    (1.0, 1.0, 1.17356303e00),
    (2.0, 1.5, 9.36639068e-01),
    (5.0, 9.0, 1.36711819e00),
    (50.0, 52.0, 1.02314435e00),
    (1000.0, 900.0, 9.48402638e-01),
    (3.0, 1e-3, 2.72199228e-03),
    (0.1, 8.0, 1.14411194e01),
]


def test_derivative_of_gamma_samples() -> None:
    alpha, sample, want = (torch.tensor(column, dtype=torch.float64) for column in zip(*GAMMA_DERIVATIVES, strict=True))
    np.testing.assert_allclose(gamma_derivative(alpha, sample).numpy(), want.numpy(), rtol=1e-8)
    single = gamma_derivative(alpha.float(), sample.float())
    assert single.dtype == torch.float32
    np.testing.assert_allclose(single.numpy(), want.numpy(), rtol=2e-6)
