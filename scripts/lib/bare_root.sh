# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# A bare Debian, and tries of `alicorn` in it. Sourced by scripts/release.

# make_bare_root FOLDER: the smallest Debian or Ubuntu there is, of the release that this machine has: a program runs on the C library
# that it was linked with, or a later one. Kept in .cache for the next time. Returns 1 after one sentence when it cannot be.
make_bare_root() {
    local suite kept mirror
    if [ "$(id -u)" -ne 0 ]; then
        say "A bare Debian takes root's rights: the tries in it are skipped."
        return 1
    fi
    ensure_optional debootstrap "the tries in a bare Debian" || return 1
    suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    kept=$root/.cache/bare-root-$suite
    if [ ! -d "$kept" ]; then
        # The mirror that this machine's own packages come from.
        mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | head -n 1)
        say "Making a bare $suite ..."
        rm -rf "$kept.new"
        if ! debootstrap --variant=minbase "$suite" "$kept.new" ${mirror:+"$mirror"} >"$work/debootstrap.log" 2>&1; then
            say "debootstrap failed: $(tail -n 1 "$work/debootstrap.log"). The tries in a bare Debian are skipped."
            rm -rf "$kept.new"
            return 1
        fi
        mv "$kept.new" "$kept"
    fi
    cp -a "$kept" "$1"
}

# The words before those that are to run there, of which the first is the folder. With /proc, where Swift finds the arguments of a
# program; it is mounted for that one process alone, and goes with it.
# shellcheck disable=SC2016 # the inner shell's
in_root=(unshare --mount sh -c 'mount -t proc proc "$0/proc" && exec chroot "$0" "$@"')

# try_in_root ROOT PROGRAM VERSION: it says its version there, and serves this machine.
try_in_root() {
    local said
    said=$("${in_root[@]}" "$1" "$2" --version) || fail "$2 does not start in a bare Debian."
    [ "$said" = "$3" ] || fail "$2 --version says $said in a bare Debian, and not $3."
    python3 scripts/lib/try_serving.py "${in_root[@]}" "$1" "$2" || fail "$2 does not serve in a bare Debian."
}

# try_package ROOT FILE VERSION: it installs, works, and leaves nothing behind.
try_package() {
    local before after
    cp "$2" "$1/tmp/alicorn.deb"
    before=$(files_of "$1")
    chroot "$1" dpkg --install /tmp/alicorn.deb >"$work/dpkg.log" 2>&1 || fail "dpkg does not install it: $(cat "$work/dpkg.log")"
    [ -z "$(chroot "$1" dpkg --verify alicorn)" ] || fail "dpkg finds other files than the package has."
    try_in_root "$1" /usr/bin/alicorn "$3"
    local file
    for file in man/man1/alicorn.1.gz man/man1/alicorn-serve.1.gz bash-completion/completions/alicorn \
        zsh/vendor-completions/_alicorn fish/vendor_completions.d/alicorn.fish doc/alicorn/copyright doc/alicorn/changelog.gz; do
        [ -s "$1/usr/share/$file" ] || fail "The package has no /usr/share/$file."
    done
    chroot "$1" dpkg --purge alicorn >"$work/dpkg.log" 2>&1 || fail "dpkg does not remove it: $(cat "$work/dpkg.log")"
    after=$(files_of "$1")
    [ "$before" = "$after" ] || fail "The package leaves behind: $(diff <(echo "$before") <(echo "$after") | grep '^[<>]')"
}

# Of all but dpkg's own notes.
files_of() { (cd "$1" && find . -path ./var/lib/dpkg -prune -o -path ./var/log -prune -o -path ./proc -prune -o -print | LC_ALL=C sort); }

# Builds the container where there is something to do it with, and has it say its version.
container() {
    local engine
    for engine in podman docker; do
        if ! "$engine" info >/dev/null 2>&1; then continue; fi
        say "Building the container with $engine ..."
        "$engine" build --tag "alicorn:$version" --file Containerfile . >&2 || fail "The container does not build."
        [ "$("$engine" run --rm "alicorn:$version" --version)" = "$version" ] || fail "The container does not say its version."
        return 0
    done
    say "There is neither podman nor docker that works: the container is skipped."
    return 1
}
