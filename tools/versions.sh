#!/bin/sh
# Runs the tests on other versions than the pinned ones: sh tools/versions.sh oldest|newest [arguments of pytest]
#   oldest   what requirements-oldest.txt lists, and the pinned test tools
#   newest   the newest release of all that requirements*.txt name
# Installs from nothing, into build/versions. PYTHON names the interpreter; newest also takes one too new for the pins.
set -eu
cd "$(dirname "$0")/.."
versions=${1:-}
venv=build/versions/$versions
python=$venv/bin/python

install() {
    "$python" -m pip install --disable-pip-version-check "$@"
}

case $versions in oldest | newest) shift ;; *)
    echo "usage: sh tools/versions.sh oldest|newest [arguments of pytest]" >&2
    exit 2
    ;;
esac
rm -rf "$venv"
"${PYTHON:-python3}" -m venv "$venv"
if [ "$versions" = oldest ]; then
    grep -v '^-r' requirements-dev.txt >"$venv/tools.txt"
    install -r requirements-oldest.txt -r "$venv/tools.txt"
    # Left out: what needs a newer JupyterLab (the extension of this jupytext, and how tools/lab.js finds cells), and
    # where Matplotlib before 3.11 draws otherwise (letters within a pixel, numbers at the edge of 3-D figures).
    set -- -m "not browser" \
        --deselect tests/test_text.py::test_a_character_on_a_whole_pixel_is_that_of_agg \
        --deselect tests/test_text.py::test_a_line_lies_where_agg_puts_it \
        --deselect "tests/test_figure_text.py::test_pictures[surface" "$@"
else
    # shellcheck disable=SC2046 # one word a name
    install $(sed -n 's/^\([a-z][^=<>]*\)[=<>].*/\1/p' requirements.txt requirements-dev.txt)
fi
install --no-deps --ignore-requires-python -e . # its upper limit is that of the pins
"$python" -VV
"$python" -m pip list --disable-pip-version-check

export JUPYTER_PLATFORM_DIRS=1 # jupyter-core before 5.8 warns when nobody chose
# Left out: what compares with the pins. Few random settings of each live figure are tried; the extreme ones all are.
exec "$python" -m pytest --numprocesses=logical --settings=10 \
    --deselect tests/test_environment.py::test_installed_version "$@"
