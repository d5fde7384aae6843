"""Run the tests as other processors compute: python -m tools.processors [--few] [PYTEST ARGUMENT ...]

OpenBLAS and NumPy choose their kernels by what a processor can do, and sums come out differently in the last bits.
One processor can take the choices of all that can do less: OPENBLAS_CORETYPE names the kernels of OpenBLAS, and
NPY_DISABLE_CPU_FEATURES switches off what NumPy would use beyond them. Each kernel of LEVELS gets a run of the
notebooks and of all tests that compute; with --few only two do, so that together with this processor's own choice
there is one run with AVX-512 wherever it can be had, and one without AVX2.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The kernels of OpenBLAS, and the level of x86-64 that NumPy may use on a processor for which OpenBLAS chooses them:
# 2 has SSE4.2, 3 AVX2 and FMA, 4 AVX-512.
LEVELS = {"SkylakeX": 4, "Cooperlake": 4, "Haswell": 3, "Zen": 3, "Sandybridge": 2, "Nehalem": 2}
# What a test computes does not depend on how long it takes or on a browser.
ARGUMENTS = ["-m", "not browser and not machinery", "--settings=20", "--numprocesses=logical"]

ASK = """
import json, numpy, threadpoolctl
features = numpy._core._multiarray_umath
print(json.dumps({
    "kernels": [d["architecture"] for d in threadpoolctl.threadpool_info() if d["internal_api"] == "openblas"],
    "dispatched": [name for name in features.__cpu_dispatch__ if features.__cpu_features__[name]],
    "avx512": features.__cpu_features__.get("AVX512_SKX", False),
}))
"""


def level(feature):
    """The level of x86-64 that a feature of NumPy's belongs to; releases name them differently: X86_V3, AVX2, FMA3."""
    return 4 if "AVX512" in feature or feature.endswith("V4") else 3


def ask(environment=()):
    """What NumPy and its OpenBLAS would use in a new process: "kernels", "dispatched" and "avx512"."""
    asked = subprocess.run([sys.executable, "-c", ASK], env=os.environ | dict(environment), capture_output=True)
    if asked.returncode:
        raise SystemExit(f"NumPy does not start with {dict(environment)}:\n{asked.stderr.decode()}")
    return json.loads(asked.stdout)


def environment(kernels, here):
    """The variables that make NumPy compute as on a processor for which OpenBLAS chooses these kernels."""
    switched_off = [name for name in here["dispatched"] if level(name) > LEVELS[kernels]]
    return {"OPENBLAS_CORETYPE": kernels, "NPY_DISABLE_CPU_FEATURES": " ".join(switched_off)}


def possible(here):
    """From the kernels that can run here to their environment, without two that come out as the same."""
    found, seen = {}, set()
    for kernels, highest in LEVELS.items():
        if highest == 4 and not here["avx512"]:
            print(f"{kernels}: not run, since this processor has no AVX-512")
            continue
        variables = environment(kernels, here)
        gets = ask(variables)["kernels"]
        if tuple(gets) in seen:
            print(f"{kernels}: not run, since this OpenBLAS takes {', '.join(gets)} for it, which has its own run")
            continue
        seen.add(tuple(gets))
        found[kernels] = variables
    return found


def few(runs, own):
    """Two of the runs, as far from the machine's own choice of kernels, `own`, and from one another as there are."""
    levels = {LEVELS.get(kernels) for kernels in own}
    apart = [kernels for kernels in runs if LEVELS[kernels] not in levels]
    near = [kernels for kernels in runs if LEVELS[kernels] in levels and kernels not in own]
    first, *_, last = apart if len(apart) > 1 else apart + near
    return {kernels: runs[kernels] for kernels in (first, last)}


def run_tests(variables, arguments):
    """Run what computes, with these variables and arguments for pytest; returns pytest's exit status."""
    command = [sys.executable, "-m", "pytest", *ARGUMENTS, *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | variables, check=False).returncode


def main(arguments):
    here = ask()
    if not here["kernels"]:
        print("NumPy does not use OpenBLAS here, so its kernels cannot be chosen: nothing is run.")
        return 0
    print(f"This processor's own choice: {', '.join(here['kernels'])}", flush=True)
    runs = possible(here)
    if "--few" in arguments:
        arguments.remove("--few")
        runs = few(runs, here["kernels"])
    failed = []
    for kernels, variables in runs.items():
        print(f"\n{kernels}: {' '.join(f'{name}={value!r}' for name, value in variables.items())}", flush=True)
        if run_tests(variables, arguments):
            failed.append(kernels)
    print(f"\nComputed as {', '.join(runs)}: {'FAILED as ' + ', '.join(failed) if failed else 'all passed'}.")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
