"""The sharpness of a network, found by power iteration, beside the eigenvalues of its Hessian."""

import numpy as np
import pytest

from workbench.networks.curvature import hessian_times, sharpness
from workbench.networks.network import MLP


@pytest.mark.parametrize("activation", ["tanh", "ReLU"])
def test_the_sharpness_is_the_largest_eigenvalue(activation):
    rng = np.random.default_rng(1)
    network = MLP((4, 6, 3), activation, seed=2, dtype=np.float64)
    x, labels = rng.normal(size=(20, 4)), rng.integers(3, size=20)
    before = {key: p.copy() for key, p in network.params.items()}
    count = sum(p.size for p in before.values())
    times = hessian_times(network, x, labels)
    H = np.array([times(direction) for direction in np.eye(count)])
    np.testing.assert_allclose(H, H.T, atol=1e-6)
    values, directions = np.linalg.eigh(H)
    found, direction = sharpness(network, x, labels, accuracy=1e-9, most=1000)
    assert found == pytest.approx(values[-1], rel=1e-4)
    assert abs(direction @ directions[:, -1]) == pytest.approx(np.linalg.norm(direction), rel=1e-2)
    assert sharpness(network, x, labels, direction)[0] == pytest.approx(found, rel=1e-3)
    for key, p in before.items():
        np.testing.assert_array_equal(network.params[key], p)


def test_a_unit_that_nearly_turns_on_does_not_count_as_curvature():
    """A step over the bend of ReLU would add the jump of the gradient, divided by the length of the step."""
    network = MLP((1, 1, 2), seed=0, dtype=np.float64)
    network.params["W1"][...], x, labels = 0.5, np.ones((1, 1)), np.array([1])
    v = np.ones(sum(p.size for p in network.params.values()))

    def curvature(above):
        network.params["b1"][...] = -0.5 + above
        return v @ hessian_times(network, x, labels)(v)

    assert curvature(3e-9) == pytest.approx(curvature(1e-6), rel=1e-3)
