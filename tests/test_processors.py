"""tools/processors.py chooses runs that cover what processors differ in, and its variables really take effect."""

import os
import subprocess
import sys

import numpy as np
import pytest

from tools import processors

pytestmark = pytest.mark.machinery

WITH_AVX512 = {"dispatched": ["X86_V3", "X86_V4", "AVX512_ICL"], "avx512": True}
WITHOUT = {"dispatched": ["X86_V3"], "avx512": False}


def test_a_processor_uses_no_more_than_its_level():
    switched_off = {
        kernels: processors.environment(kernels, WITH_AVX512)["NPY_DISABLE_CPU_FEATURES"].split()
        for kernels in processors.LEVELS
    }
    assert switched_off["SkylakeX"] == switched_off["Cooperlake"] == []
    assert switched_off["Haswell"] == switched_off["Zen"] == ["X86_V4", "AVX512_ICL"]
    assert switched_off["Sandybridge"] == switched_off["Nehalem"] == ["X86_V3", "X86_V4", "AVX512_ICL"]
    assert processors.environment("Nehalem", WITHOUT)["NPY_DISABLE_CPU_FEATURES"] == "X86_V3"
    older = {"dispatched": ["AVX2", "FMA3", "AVX512F", "AVX512_SKX"]}  # the names of NumPy 2.1
    assert processors.environment("Zen", older)["NPY_DISABLE_CPU_FEATURES"] == "AVX512F AVX512_SKX"


@pytest.mark.parametrize(
    ("own", "avx512", "chosen"),
    [
        ("SkylakeX", True, ["Haswell", "Nehalem"]),
        ("Haswell", True, ["SkylakeX", "Nehalem"]),
        ("Nehalem", True, ["SkylakeX", "Haswell"]),
        ("Haswell", False, ["Sandybridge", "Nehalem"]),
        ("Sandybridge", False, ["Haswell", "Nehalem"]),
    ],
)
def test_two_runs_cover_avx512_and_none(own, avx512, chosen):
    runs = {name: {} for name in ("SkylakeX", "Haswell", "Sandybridge", "Nehalem") if avx512 or name != "SkylakeX"}
    assert list(processors.few(runs, [own])) == chosen
    levels = {processors.LEVELS[name] for name in [own, *chosen]}
    assert 2 in levels
    assert (4 in levels) == avx512


@pytest.mark.skipif(not processors.ask()["kernels"], reason="NumPy does not use OpenBLAS here")
def test_the_variables_take_effect():
    here = processors.ask()
    there = processors.ask(processors.environment("Nehalem", here))
    assert there["kernels"] == ["Nehalem"]
    assert there["dispatched"] == []


def test_this_process_computes_as_it_was_told_to():
    """Under make test-processors, too: what a parent sets reaches the tests and the kernels of notebooks."""
    told = os.environ.get("OPENBLAS_CORETYPE")
    kernels = processors.ask()["kernels"]
    if told in ("Haswell", "Sandybridge", "Nehalem", "SkylakeX") and kernels:
        assert kernels == [told]
    code = "import numpy; print(*[k for k, v in numpy._core._multiarray_umath.__cpu_features__.items() if v])"
    features = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not set(os.environ.get("NPY_DISABLE_CPU_FEATURES", "").split()) & set(features)
    assert np.array_equal(np.eye(3) @ np.eye(3), np.eye(3))
