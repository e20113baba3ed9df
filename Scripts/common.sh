# Shared by the shell scripts in this folder, which source it: paths and messages.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
script=$(basename "$0")

say() { printf '%s: %s\n' "$script" "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# Puts a Swift of 6.2 or newer on PATH: the installed one, else the newest under /opt.
use_swift() {
    local folder version best=
    if ! command -v swift >/dev/null; then
        for folder in /opt/swift*/usr/bin; do
            [ -x "$folder/swift" ] && best=$folder
        done
        [ -n "$best" ] || die "no Swift here. Ponder needs Swift 6.2 or newer: install it from" \
            "https://www.swift.org/install/linux and put its usr/bin on PATH (or unpack it to /opt/swift)."
        PATH=$best:$PATH
        export PATH
    fi
    version=$(swift --version 2>&1) || die "$(command -v swift) does not start: $version"
    version=$(sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' <<<"$version" | head -n 1)
    [ -n "$version" ] || die "$(command -v swift) does not tell its version; Ponder needs Swift 6.2 or newer."
    if [ "${version%.*}" -lt 6 ] || { [ "${version%.*}" -eq 6 ] && [ "${version#*.}" -lt 2 ]; }; then
        die "Swift $version at $(command -v swift) is too old: Ponder needs 6.2 or newer," \
            "see https://www.swift.org/install/linux."
    fi
}

# Installs Debian packages; asks nothing. Call it only with missing packages.
apt_install() {
    local sudo=() log
    command -v apt-get >/dev/null || die "this system has no apt-get; please install the like of: $*"
    if [ "$(id -u)" -ne 0 ]; then
        sudo=(sudo -n)
        "${sudo[@]}" true 2>/dev/null ||
            die "installing needs root, and sudo does not work without a password. Run: sudo apt-get install $*"
    fi
    say "apt-get install $*"
    log=$(mktemp)
    "${sudo[@]}" apt-get -qq update >"$log" 2>&1 || say "apt-get update failed; trying with the lists that are there"
    if ! "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -y --no-install-recommends install "$@" >>"$log" 2>&1; then
        grep '^[EW]:' "$log" >&2 || tail -n 20 "$log" >&2
        rm -f "$log"
        die "apt-get could not install: $*"
    fi
    rm -f "$log"
}

# Prints a Python of 3.10 or newer that can make virtual environments; installs Debian's if there is none.
usable_python() {
    local candidate probe='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'
    for candidate in python3 /usr/bin/python3; do
        if "$candidate" -c "$probe" >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    say "no Python 3.10 or newer that can make a virtual environment"
    apt_install python3 python3-venv
    /usr/bin/python3 -c "$probe" || die "python3 still cannot make a virtual environment"
    echo /usr/bin/python3
}

# Makes virtual environment $1 unless it exists.
make_venv() {
    local python
    [ -x "$1/bin/pip" ] && return
    python=$(usable_python) || exit 1
    say "python3 -m venv ${1#"$root"/}"
    "$python" -m venv "$1" >&2 || die "python3 could not make the virtual environment $1"
}

# Installs torch 2.13 in virtual environment $1: the CPU build if pip finds one, because it is a tenth of the size. Tried in
# turn: pip's configured index, PyTorch's own index of CPU builds, any torch 2.13 that pip finds.
install_torch() {
    local pip=("$1/bin/pip" install --quiet --disable-pip-version-check)
    say "pip install torch 2.13, the CPU build if pip can see it"
    "${pip[@]}" 'torch==2.13.0+cpu' >/dev/null 2>&1 ||
        "${pip[@]}" --retries 1 --extra-index-url https://download.pytorch.org/whl/cpu 'torch==2.13.0+cpu' \
            >/dev/null 2>&1 ||
        "${pip[@]}" 'torch==2.13.*' >&2 ||
        die "pip could not install torch 2.13; set LIBTORCH to the folder of a libtorch instead," \
            "see https://pytorch.org/get-started/locally"
}

# Prints the path of promtool, Prometheus' own check of metrics: the installed one, else Debian's, unpacked below .deps
# without installing the server that comes with it.
find_promtool() {
    local folder=$root/.deps/prometheus
    if command -v promtool; then return; fi
    if [ ! -x "$folder/usr/bin/promtool" ]; then
        say "apt-get download prometheus, for promtool"
        mkdir -p "$folder"
        (
            cd "$folder"
            apt-get -qq download prometheus >&2 || { apt-get -qq update && apt-get -qq download prometheus; } >&2
            dpkg-deb -x prometheus_*.deb . && rm prometheus_*.deb
        ) || die "apt-get could not download prometheus"
    fi
    echo "$folder/usr/bin/promtool"
}

# Makes .deps/peers and installs what requirements file $1 names, unless that is done. The peers measure Ponder from outside;
# building and running Ponder does not need them.
install_peers() {
    local venv=$root/.deps/peers
    if [ -x "$venv/bin/python" ] && "$venv/bin/python" - "$1" <<'PYTHON'; then return; fi
import importlib.metadata, re, sys
for line in open(sys.argv[1]):
    name, pinned = re.match(r"([A-Za-z0-9_.-]*)[^=]*(?:==([0-9.]+))?", line).groups()
    if name:
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            sys.exit(1)
        if not version.startswith(pinned or ""):
            sys.exit(1)
PYTHON
    make_venv "$venv"
    install_torch "$venv"
    say "pip install -r $1 into .deps/peers"
    "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$1" >&2 || die "pip could not install $1"
}

# Prints the comment at the top of the script, and exits.
show_help() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
    exit 0
}
