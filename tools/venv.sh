#!/bin/sh
# Makes .venv hold what a requirements file lists: sh tools/venv.sh requirements.txt [FOLDER in place of .venv]
# Does nothing, and needs no network, when .venv already does. PYTHON names the interpreter to make .venv with.
set -eu
cd "$(dirname "$0")/.."
PYTHON=${PYTHON:-}
requirements=$1
venv=${2:-.venv}
stamp=$venv/installed-$requirements
unfinished=$venv/unfinished # there while something is being installed

# Prints "fit", or why the program $1 cannot be used, or nothing when it is no Python.
# Old Pythons must be able to read this, so that they can say what they are.
verdict() {
    "$1" -c '
import sys
number = "%d.%d" % sys.version_info[:2]
if sys.version_info < (3, 11):
    print("Python %s is too old" % number)
elif sys.version_info >= (3, 15):
    print("Python %s is too new: the pinned NumPy has no wheel for it" % number)
else:
    try:
        import ensurepip, venv
        print("fit")
    except ImportError:
        print("Python %s lacks venv; on Debian or Ubuntu: apt-get install python%s-venv" % (number, number))
' 2>/dev/null || true
}

# Sets python to PYTHON, or else to the first of the usual names that is fit.
choose_python() {
    if [ -n "$PYTHON" ]; then set -- "$PYTHON"; else set -- python3 python3.14 python3.13 python3.12 python3.11; fi
    found=
    for python; do
        answer=$(verdict "$python")
        [ "$answer" != fit ] || return 0
        found="$found
  $python: ${answer:-not found}"
    done
    echo "Downhill needs Python 3.11 to 3.14 with venv. Looked for:$found
Install one of these, or name one: make lab PYTHON=/path/to/python3" >&2
    exit 1
}

# What .venv is to be: its place (scripts and the editable install hold the path) and all that it was installed from.
wanted() {
    pwd
    cat pyproject.toml requirements.txt "$1"
}

# Whether .venv is whole, its Python is fit and, when PYTHON is given, of the same version.
usable() {
    [ ! -e $unfinished ] && [ "$(verdict $venv/bin/python)" = fit ] &&
        { [ -z "$PYTHON" ] || [ "$("$PYTHON" -V)" = "$($venv/bin/python -V)" ]; }
}

[ -z "$PYTHON" ] || choose_python
if ! usable; then
    choose_python
    rm -rf $venv
    mkdir -p $venv
    : >$unfinished
    echo "Making $venv with $python"
    "$python" -m venv $venv
elif [ "$(cat "$stamp" 2>/dev/null)" = "$(wanted "$requirements")" ]; then
    exit 0
fi

: >$unfinished
trap 'exit 130' INT # some shells go on when pip was interrupted
if ! $venv/bin/python -m pip install --disable-pip-version-check -r "$requirements"; then
    rm $unfinished # pip leaves things whole when it fails by itself, without a network for example
    echo "The install failed. It needs the network; when it has succeeded once, nothing else does." >&2
    exit 1
fi
wanted requirements.txt >$venv/installed-requirements.txt # the other file includes this one
wanted "$requirements" >"$stamp"
rm $unfinished
