#!/bin/sh
# Checks Python and the system libraries that Qt and OpenGL need; run by `make setup`.
# Root on Debian or Ubuntu: installs what is missing. Everyone else: prints the one line that does.
set -eu
python=${1:-python3}
folder=$(dirname "$0")

if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
    echo "SPIN Studio needs Python 3.11, 3.12 or 3.13; '$python' is $("$python" --version 2>&1 || true)." >&2
    echo "Name another one: make run PYTHON=python3.11" >&2
    exit 1
fi

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "Not a Debian or Ubuntu system: system libraries are not checked here;" \
         "'python main.py doctor' tells what is missing." >&2
    exit 0
fi

installed() {
    # Newer releases rename libraries for 64-bit time (libglib2.0-0t64).
    for name in "$1" "$1t64"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null || true)" = installed ] && return 0
    done
    return 1
}

missing=""
while read -r package; do
    installed "$package" || missing="$missing $package"
done < "$folder/system_packages.txt"
# A bare Debian has Python without the module that makes virtual environments.
"$python" -c 'import ensurepip' 2>/dev/null || missing="$missing python3-venv"

[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ]; then
    echo "Installing system libraries:$missing"
    apt-get update -qq
    # shellcheck disable=SC2086 # one word a package
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "System libraries are missing. Install them once, then repeat the command:" >&2
    echo "  sudo apt-get install$missing" >&2
    exit 1
fi
