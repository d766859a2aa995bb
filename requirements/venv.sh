#!/bin/sh
# Makes .venv with the first Python that is recent enough and can make one; $PYTHON, when set, is the only choice.
set -eu

if [ -x .venv/bin/python ] && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    exit 0
fi

for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
    if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$candidate" -m venv --clear .venv
    fi
done

echo "Marelle needs Python 3.11 or newer, with its venv module (on Debian: apt-get install python3-venv)." >&2
echo "Tried: ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}. Name another: make PYTHON=/path/to/python3.11" >&2
exit 1
