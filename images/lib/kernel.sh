# The kernel: Debian's source package, our configuration, patches and kernel/otherworld. Sourced by images/build.

# Where the kernel build believes to be; the real paths are mapped to these in all debug information.
mapped_source=/usr/src/linux
mapped_output=/usr/src/linux-build

kernel_key() { stage_key "linux-source gcc binutils libc6-dev dwarves" kernel/config kernel/patches kernel/otherworld lib/kernel.sh; }
protected_key() { stage_key "linux-source gcc binutils libc6-dev dwarves" kernel/config kernel/patches kernel/otherworld protected lib/kernel.sh; }
unpatched_key() { stage_key "linux-source gcc binutils libc6-dev dwarves" kernel/config lib/kernel.sh; }
stock_kernel_key() { stage_key "linux-image" lib/kernel.sh; }

# make_source DIR: the unpacked, unpatched source of the locked version.
make_source() {
    fetch_package linux-source-6.1 "$1/deb"
    say "source: unpacking"
    mkdir "$1/linux"
    tar -xJf "$1/deb/usr/src/linux-source-6.1.tar.xz" -C "$1/linux" --strip-components=1
    rm -rf "$1/deb"
}

# prepare_tree WORK: WORK/linux becomes the patched tree (the plain one with patched=0, that of protected mode with protected=1), WORK/obj an
# empty output folder with the configuration.
prepare_tree() {
    local work=$1
    stage source "$(locked_version linux-source-6.1)" make_source
    rm -rf "$work/linux" "$work/obj"
    mkdir -p "$work/obj"
    cp -al "$stage_path/linux" "$work/linux" # hard links; patch(1) writes new files and renames them

    [ "${patched:-1}" = 0 ] || apply_ours "$work"
    kernel_make "$work" tinyconfig >"$work/config.log" 2>&1 || fail 1 "'make tinyconfig' failed; see $work/config.log"
    (cd "$work/obj" && "$work/linux/scripts/kconfig/merge_config.sh" -m .config "$here"/kernel/config/*.config ${protected:+"$here/protected/protected.config"}) >>"$work/config.log" 2>&1
    kernel_make "$work" olddefconfig >>"$work/config.log" 2>&1 || fail 1 "'make olddefconfig' failed; see $work/config.log"
}

apply_ours() {
    local work=$1 patch
    say "kernel: applying our files"
    cp -r "$here/kernel/otherworld" "$work/linux/kernel/otherworld"
    while read -r patch; do
        patch -d "$work/linux" -p1 --no-backup-if-mismatch -s -f <"$here/kernel/patches/$patch" >&2 ||
            fail 1 "the patch images/kernel/patches/$patch does not apply to linux-source-6.1 $(locked_version linux-source-6.1)"
    done < <(patch_series)
    [ -z "${protected:-}" ] || apply_protected "$work"
}

# What protected mode adds to the tree with our patches.
apply_protected() {
    local patch
    cp -r "$here/protected/tree/." "$1/linux/"
    for patch in otherworld-protect otherworld-verify; do
        patch -d "$1/linux" -p1 --no-backup-if-mismatch -s -f <"$here/protected/$patch.patch" >&2 ||
            fail 1 "images/protected/$patch.patch does not apply to the tree with the patches of images/kernel"
    done
}

# The patches in order: the file 'series' if there is one, otherwise by name.
patch_series() {
    local dir=$here/kernel/patches
    if [ -f "$dir/series" ]; then
        sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$dir/series"
    else
        find "$dir" -name '*.patch' -printf '%P\n' 2>/dev/null | sort
    fi
}

# kernel_make WORK ARGUMENT...: make with everything fixed that would otherwise differ between two builds.
kernel_make() {
    local work=$1 map compiler=gcc
    shift
    map="-fdebug-prefix-map=$work/linux=$mapped_source -fdebug-prefix-map=$work/obj=$mapped_output"
    if [ "${use_ccache:-1}" = 1 ]; then
        compiler="ccache gcc"
        export CCACHE_DIR=$cache/ccache CCACHE_BASEDIR=$work CCACHE_NOHASHDIR=1 CCACHE_MAXSIZE=2G
    fi
    env -u MAKEFLAGS -u ARCH -u CROSS_COMPILE nice -n 10 make -C "$work/linux" O="$work/obj" -j"$(nproc)" ARCH=x86_64 \
        CC="$compiler" HOSTCC="$compiler" KCFLAGS="$map" KAFLAGS="$map" \
        KBUILD_BUILD_TIMESTAMP="@$epoch" KBUILD_BUILD_USER=otherworld KBUILD_BUILD_HOST=otherworld KBUILD_BUILD_VERSION=1 "$@"
}

# compile_kernel WORK: runs the long make and shows how far it is.
compile_kernel() {
    local work=$1 log=$1/make.log pid done_objects shown=0
    say "kernel: compiling about 970 files (words of make: $log)"
    kernel_make "$work" vmlinux >"$log" 2>&1 &
    pid=$!
    while kill -0 $pid 2>/dev/null; do
        sleep 1
        shown=$((shown + 1))
        [ $((shown % 10)) = 0 ] || continue
        done_objects=$(grep -cE '^  (CC|AS) ' "$log" || true)
        say "kernel: $done_objects objects, now: $(tail -n 1 "$log" | tr -s ' ')"
    done
    wait $pid || {
        grep -nE 'error|Error|undefined reference' "$log" | tail -n 20 >&2 || true
        fail 1 "the kernel did not compile; all of it is in $log"
    }
}

# make_kernel DIR: vmlinux, vmlinux.debug, System.map and config in DIR.
make_kernel() {
    local to=$1 work=${kernel_work:-$cache/work/kernel}
    prepare_tree "$work"
    compile_kernel "$work"
    say "kernel: BTF and stripping"
    # BTF is kept for tools outside the guest only: inside the loaded image it would cost 2 MB of memory and a BPF system call.
    pahole --btf_encode_detached="$work/vmlinux.btf" "$work/obj/vmlinux"
    # crash(8) takes a stack for that of the dying task by a return address in a function of this name. Ours does the same: it leaves for the waiting kernel.
    objcopy --add-section .BTF="$work/vmlinux.btf" --redefine-sym ow_crash=machine_kexec "$work/obj/vmlinux" "$to/vmlinux.debug"
    strip -s -o "$to/vmlinux" "$work/obj/vmlinux"
    readelf -nW "$to/vmlinux" | grep -q 'Xen' || fail 1 "the stripped vmlinux lost its PVH note"
    cp "$work/obj/System.map" "$to/System.map"
    cp "$work/obj/.config" "$to/config"
    kernel_make "$work" -s kernelrelease | tail -n 1 >"$to/release"
}

# make_unpatched_kernel DIR: the same source, configuration and compiler without anything of ours, to compare with. What the
# configuration says of Otherworld means nothing there.
make_unpatched_kernel() {
    local patched=0 kernel_work=$cache/work/unpatched
    make_kernel "$1"
}

# make_protected_kernel DIR: with protected mode.
make_protected_kernel() {
    local protected=1 kernel_work=${kernel_work:-$cache/work/protected}
    make_kernel "$1"
}

# make_stock_kernel DIR: Debian's kernel and the few modules our machine needs, out of the package.
make_stock_kernel() {
    local to=$1 name module
    name=$(lock_lines | awk '$2 ~ /^linux-image-.*-cloud-amd64$/ { print $2 }')
    fetch_package "$name" "$to/deb"
    cp "$to"/deb/boot/vmlinuz-* "$to/bzImage"
    cp "$to"/deb/boot/config-* "$to/config"
    echo "${name#linux-image-}" >"$to/release"
    mkdir "$to/modules"
    for module in virtio_ring virtio virtio_mmio virtio_blk virtio_console virtio-rng; do
        find "$to/deb/lib/modules" -name "$module.ko" -exec cp {} "$to/modules/" \;
    done
    rm -rf "$to/deb"
}
