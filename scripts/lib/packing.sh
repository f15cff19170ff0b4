# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Packs a release. Sourced by scripts/release, which sets $version and $SOURCE_DATE_EPOCH.

# The libraries that the executable may need, and the Debian packages that have them. All else is linked into it.
allowed_libraries='
libc.so.6           libc6
libm.so.6           libc6
ld-linux-x86-64.so.2  libc6
ld-linux-aarch64.so.1 libc6
libz.so.1           zlib1g
libstdc++.so.6      libstdc++6
libgcc_s.so.1       libgcc-s1
'

# needed_packages PROGRAM: those that have what it needs, sorted.
needed_packages() {
    local library packages
    for library in $(needed_libraries "$1"); do
        packages+=$(awk -v library="$library" '$1 == library { print $2 }' <<<"$allowed_libraries")$'\n'
    done
    LC_ALL=C sort -u <<<"$packages" | sed '/^$/d'
}

needed_libraries() { LC_ALL=C objdump -p "$1" | awk '$1 == "NEEDED" { print $2 }'; }

check_libraries() {
    local library
    for library in $(needed_libraries "$1"); do
        awk -v library="$library" '$1 == library { found = 1 } END { exit !found }' <<<"$allowed_libraries" ||
            fail "The executable needs $library, which is not among the libraries that it may need: see scripts/lib/packing.sh."
    done
    say "It needs $(needed_libraries "$1" | paste -sd ' ')."
}

# stage FOLDER PROGRAM: all that is distributed, as it lies below a prefix such as /usr/local.
stage() {
    local folder=$1 program=$2 share=$1/share
    mkdir -p "$folder/bin" "$share/man/man1" "$share/bash-completion/completions" "$share/zsh/site-functions" \
        "$share/fish/vendor_completions.d"
    install -m 755 "$program" "$folder/bin/alicorn"
    python3 scripts/lib/manual.py --program "$program" --folder "$share/man/man1"
    "$program" --generate-completion-script bash >"$share/bash-completion/completions/alicorn"
    "$program" --generate-completion-script zsh >"$share/zsh/site-functions/_alicorn"
    "$program" --generate-completion-script fish >"$share/fish/vendor_completions.d/alicorn.fish"
    cp LICENSE README.md CHANGELOG.md "$folder"
    scripts/lib/notices .build/static/checkouts >"$folder/NOTICE"
    settle "$folder"
}

# settle FOLDER: permissions and times that say nothing of who made it.
settle() {
    find "$1" -type d -exec chmod 755 {} +
    find "$1" -type f ! -path '*/bin/*' -exec chmod 644 {} +
    find "$1" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
}

# pack_archive STAGED FILE
pack_archive() {
    tar -C "$(dirname "$1")" --sort=name --format=gnu --owner=0 --group=0 --numeric-owner -cf - "$(basename "$1")" |
        gzip -9 --no-name >"$2"
}

# pack_debian STAGED FILE
pack_debian() {
    local tree=$work/debian documents=$work/debian/usr/share/doc/alicorn
    mkdir -p "$tree/DEBIAN" "$tree/usr"
    cp -a "$1/bin" "$1/share" "$tree/usr"
    # What came with packages is here in another place than what somebody has put there.
    mv "$tree/usr/share/zsh/site-functions" "$tree/usr/share/zsh/vendor-completions"
    mkdir -p "$documents"
    gzip -9 --no-name "$tree"/usr/share/man/man1/*.1
    gzip -9 --no-name --stdout "$1/CHANGELOG.md" >"$documents/changelog.gz"
    {
        echo "Alicorn is under the Apache License 2.0, which is /usr/share/common-licenses/Apache-2.0 on a Debian system."
        echo
        cat "$1/NOTICE"
    } >"$documents/copyright"
    cat >"$tree/DEBIAN/control" <<END
Package: alicorn
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: The authors of Alicorn <alicorn@localhost>
Depends: $(dependencies "$tree/usr/bin/alicorn")
Installed-Size: $(du --apparent-size -sk "$tree/usr" | cut -f 1)
Section: web
Priority: optional
Description: application server and tools for HTTP and WebSocket
 alicorn serves applications over HTTP and WebSocket on one port, with uvicorn's
 command line. It talks to WebSocket servers from the command line, finds out why
 a connection fails, puts load on servers, and is a server that shows every frame
 for testing clients.
END
    (cd "$tree" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
    settle "$tree"
    dpkg-deb --root-owner-group -Zxz --build "$tree" "$2" >/dev/null
}

# dependencies PROGRAM: as a package states them. With dpkg-dev, its own reckoning, which has to come to the same packages as the
# list above; without, these, and the version of the C library that its symbols ask for.
dependencies() {
    local stated packages
    packages=$(needed_packages "$1")
    if command -v dpkg-shlibdeps >/dev/null; then
        mkdir -p "$work/shlibdeps/debian"
        touch "$work/shlibdeps/debian/control"
        stated=$(cd "$work/shlibdeps" && dpkg-shlibdeps -O -e"$1" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
        [ "$(tr , '\n' <<<"$stated" | awk '{ print $1 }' | LC_ALL=C sort -u)" = "$packages" ] ||
            fail "dpkg-shlibdeps says that it depends on $stated, but by scripts/lib/packing.sh it is $(paste -sd ' ' <<<"$packages")."
    else
        local least
        least=$(LC_ALL=C objdump -T "$1" | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -n 1)
        stated=$(sed "s/^libc6\$/libc6 (>= ${least#GLIBC_})/" <<<"$packages" | paste -sd , | sed 's/,/, /g')
    fi
    printf '%s\n' "$stated"
}
