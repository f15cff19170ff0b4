# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What every script needs before it can work. Sourced, never run: `source scripts/lib/setup.sh`.
#
# Each `ensure_...` function does nothing when all is there, installs what it can, and otherwise says in one sentence
# what is missing and what to do. Those for optional parts return 1, those for needed parts end the script.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

# One line about what goes on, on standard error: standard output belongs to results.
say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

# Swift 6.3 or later. A toolchain is not installed behind the user's back: there are several ways to have one.
ensure_swift() {
    local advice="Install it from https://www.swift.org/install/ and run this again."
    command -v swift >/dev/null || fail "Alicorn needs Swift 6.3 or later, and there is no swift in the PATH. $advice"
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    at_least "$version" 6.3 || fail "Alicorn needs Swift 6.3 or later; swift in the PATH is ${version:-unknown}. $advice"
}

# zlib's header, and what Swift itself needs to fetch and to link.
ensure_system_packages() {
    [ "$(uname -s)" = Linux ] || return 0 # Xcode brings all of it
    local missing=()
    compgen -G '/usr/include/zlib.h' >/dev/null || missing+=(zlib1g-dev)
    compgen -G '/usr/lib*/gcc/*/*/libstdc++.so' >/dev/null || missing+=(g++)
    command -v git >/dev/null || missing+=(git)
    command -v pkg-config >/dev/null || missing+=(pkg-config)
    [ -e /etc/ssl/certs/ca-certificates.crt ] || [ -d /etc/pki/tls ] || missing+=(ca-certificates)
    [ ${#missing[@]} -gt 0 ] || return 0
    local reason
    reason=$(install_packages "${missing[@]}") ||
        fail "Alicorn needs packages $reason. Install ${missing[*]} (the names are Debian's) and run this again."
}

# A program that some of the tests need, by the name of its package. Optional: returns 1 after one sentence when it cannot be.
ensure_optional() {
    local program=$1 tests=$2 reason
    if [ -x "/usr/sbin/$program" ] || command -v "$program" >/dev/null; then return 0; fi
    reason=$(install_packages "$program") && return 0
    say "There is no $program, and it is one of the packages $reason: $tests are skipped."
    return 1
}

# Python's peers for the tests, in .venv. Optional: returns 1 after one sentence when it cannot be.
ensure_python_env() {
    local requirements=scripts/requirements.txt stamp=.venv/requirements.txt
    export ALICORN_PYTHON="$root/.venv/bin/python"
    if [ -x "$ALICORN_PYTHON" ] && cmp -s "$requirements" "$stamp"; then return 0; fi
    local skipped="the parts that need Python are skipped."
    if ! command -v python3 >/dev/null || ! python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        say "There is no python3 of version 3.11 or later: $skipped"
    elif ! python3 -m venv --clear .venv >/dev/null 2>&1; then
        say "python3 cannot make a virtual environment (Debian: apt-get install python3-venv): $skipped"
    elif ! say "Installing Python's peers in .venv ..." \
        || ! .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$requirements" >&2; then
        say "pip could not install $requirements: $skipped"
    else
        cp "$requirements" "$stamp"
        return 0
    fi
    unset ALICORN_PYTHON
    return 1
}

# The path of an executable of this package, built in the given configuration. $ALICORN overrides where `alicorn` is.
build_product() {
    local product=$1 configuration=$2
    if [ "$product" = alicorn ] && [ -n "${ALICORN:-}" ]; then
        printf '%s\n' "$ALICORN"
        return
    fi
    say "Building $product ($configuration) ..."
    # `set -e` does not reach into $(...), where this is called.
    swift build --configuration "$configuration" --product "$product" >&2 || return 1
    printf '%s/%s\n' "$(swift build --configuration "$configuration" --show-bin-path)" "$product"
}

# A tool of the Swift toolchain, such as llvm-cov: in the PATH, or beside the real `swift`.
toolchain_tool() {
    local tool=$1 swift
    if [ "$(uname -s)" = Darwin ]; then
        xcrun --find "$tool"
        return
    fi
    swift=$(swift -print-target-info 2>/dev/null | sed -n 's|.*"runtimeResourcePath" *: *"\(.*\)/lib/swift".*|\1/bin|p')
    if [ -x "$swift/$tool" ]; then printf '%s\n' "$swift/$tool"; else command -v "$tool"; fi
}

at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# Installs Debian packages; nothing that they bring is started. Says why not on standard output, to follow "packages".
install_packages() {
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "that are missing, and there is no sudo"
            return 1
        fi
        as_root=(sudo)
    fi
    if ! command -v apt-get >/dev/null; then
        echo "that are missing, and there is no apt-get"
        return 1
    fi
    say "Installing $* ..."
    if ! { "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
            apt-get install -y -qq --no-install-recommends "$@"; } >&2; then
        echo "that could not be installed"
        return 1
    fi
}
