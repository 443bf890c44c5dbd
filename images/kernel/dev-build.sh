#!/bin/bash
# Build the guest kernel for development: dev-build.sh OUT [make target...]
#
# OUT/src is a hard-linked copy of Debian's source with our patches and a link to
# otherworld/, OUT/obj the build. Both are brought up to date on each call; only what
# changed is compiled. KERNEL_SOURCE names the unpacked linux-source-6.1; without it, the one
# that the last build of an image has left in the cache.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 1 ] || { echo "usage: $0 OUT [make target...]" >&2; exit 2; }
source=${KERNEL_SOURCE:-$(ls -dt "${OTHERWORLD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/otherworld}"/stages/source-*/linux 2>/dev/null | head -1)}
[ -d "$source" ] || { echo "no Linux source: run ./otherworld image build, or set KERNEL_SOURCE to an unpacked linux-source-6.1" >&2; exit 2; }
command -v rsync >/dev/null || { echo "rsync is missing: apt-get install rsync" >&2; exit 2; }
mkdir -p "$1"; out=$(cd "$1" && pwd); shift

stamp=$(cat "$here"/patches/*.patch | sha256sum)
if [ "$(cat "$out/patches.stamp" 2>/dev/null)" != "$stamp" ]; then
	mkdir -p "$out/src.new"
	rm -rf "$out/src.new" && cp -al "$source" "$out/src.new"
	for patch in "$here"/patches/*.patch; do
		patch -d "$out/src.new" -p1 -s --no-backup-if-mismatch < "$patch"
	done
	ln -s "$here/otherworld" "$out/src.new/kernel/otherworld"
	# Files that did not change keep their old time stamp: nothing is rebuilt for them.
	if [ -d "$out/src" ]; then
		rsync -rc --delete --exclude=/kernel/otherworld "$out/src.new/" "$out/src/"
		rm -rf "$out/src.new"
	else
		mv "$out/src.new" "$out/src"
	fi
	echo "$stamp" > "$out/patches.stamp"
fi

export KBUILD_BUILD_TIMESTAMP='1970-01-01 00:00:00' KBUILD_BUILD_USER=otherworld \
	KBUILD_BUILD_HOST=otherworld KBUILD_BUILD_VERSION=1
make=(nice -n 10 make -C "$out/src" O="$out/obj" ARCH=x86_64 CC="ccache gcc" -s)
mkdir -p "$out/obj"
stamp=$(cat "$here"/config/*.config "$here"/otherworld/Kconfig | sha256sum)
if [ "$(cat "$out/config.stamp" 2>/dev/null)" != "$stamp" ]; then
	"${make[@]}" tinyconfig
	(cd "$out/obj" && "$out/src/scripts/kconfig/merge_config.sh" -m .config \
		"$here"/config/base.config "$here"/config/lean.config \
		"$here"/config/otherworld.config > merge.log)
	"${make[@]}" olddefconfig
	echo "$stamp" > "$out/config.stamp"
fi
"${make[@]}" -j"$(nproc)" "${@:-vmlinux}"
if [ $# -eq 0 ]; then
	cp "$out/obj/vmlinux" "$out/vmlinux.debug"
	objcopy --strip-all "$out/obj/vmlinux" "$out/vmlinux"
	cp "$out/obj/System.map" "$out/System.map"
	ls -l "$out/vmlinux" "$out/vmlinux.debug"
fi
