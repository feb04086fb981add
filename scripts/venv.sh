#!/bin/sh
# Makes .venv with Python 3.11 or newer and installs the pinned requirements and the package into it.
set -eu
cd "$(dirname "$0")/.."

suits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if ! [ -x .venv/bin/python ]; then
    for python in ${PYTHON:-python3.11 python3 python3.12 python3.13}; do
        suits "$python" && break
        python=
    done
    if [ -z "$python" ]; then
        echo "No Python 3.11 or newer found. Install one, or name it: make PYTHON=/path/to/python3" >&2
        exit 1
    fi
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        echo "$python cannot make a virtual environment: install its venv module" \
            "(Debian, Ubuntu: the package python3-venv), or name another Python: make PYTHON=..." >&2
        exit 1
    fi
fi

# A reader's settings for other environments: pip refuses --user in one like this, and would
# install elsewhere with the others.
export PIP_USER=0
unset PIP_TARGET PIP_PREFIX PIP_ROOT PYTHONHOME

.venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }

if ! pip install --quiet -r requirements.txt -c constraints.txt -e .; then
    if .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] == (3, 11))'; then
        echo "constraints.txt does not suit this Python: installing within requirements.txt" >&2
        pip install --quiet -r requirements.txt -e .
    else
        exit 1
    fi
fi
# Carriers of axe-core and reveal.js: without what they would install.
if ! pip install --quiet --no-deps -r requirements-access.txt; then
    echo "axe-core or reveal.js is not available: no check of accessibility, no slides" >&2
fi
touch .venv/.installed
