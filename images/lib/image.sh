# From stages to a finished image: the data disk, the manifest, the rename into place. Sourced by images/build.

disk_size=128M
disk_uuid=6f746865-7277-6f72-6c64-000000000001
disk_seed=6f746865-7277-6f72-6c64-000000000002

build_image() {
    local name=$1 path
    path=$(image_path "$name")
    if [ -f "$path/manifest.json" ] && [ "$force" = 0 ]; then
        say "$name: already built"
        point_at "$path"
        echo "$path"
        return
    fi
    say "$name: building $path"
    require_tools
    local new=$cache/images/$name/.new
    rm -rf "$new"
    mkdir -p "$new"
    "assemble_$name" "$new"
    [ "$(image_path "$name")" = "$path" ] ||
        fail 1 "the files in $here changed during the build; run it again, finished stages are kept"
    write_manifest "$name" "$new"
    rm -rf "$path"
    mv -T "$new" "$path"
    point_at "$path"
    say "$name: ready"
    echo "$path"
}

# images/NAME/current names the image built last, for people; programs go by the hash.
point_at() { ln -sfn "$(basename "$1")" "$(dirname "$1")/current"; }

assemble_otherworld() {
    local to=$1
    stage kernel "$(kernel_key)" make_kernel
    local kernel=$stage_path
    stage initramfs "$(guest_key)" make_initramfs
    local root=$stage_path
    ln "$kernel/vmlinux" "$kernel/vmlinux.debug" "$kernel/System.map" "$kernel/config" "$root/initramfs.cpio" "$to/"
    make_disk "$to" "$root/tests"
    release=$(cat "$kernel/release")
    files="vmlinux:vmlinux vmlinux_debug:vmlinux.debug system_map:System.map config:config initramfs:initramfs.cpio disk:disk.ext4"
    prune_stages kernel 4
    prune_stages initramfs 4
}

# The kernel alone: it runs with the root and the disk of 'otherworld'.
assemble_unpatched() {
    stage unpatched-kernel "$(unpatched_key)" make_unpatched_kernel
    ln "$stage_path/vmlinux" "$stage_path/vmlinux.debug" "$stage_path/System.map" "$stage_path/config" "$1/"
    release=$(cat "$stage_path/release")
    files="vmlinux:vmlinux vmlinux_debug:vmlinux.debug system_map:System.map config:config"
    prune_stages unpatched-kernel 2
}

assemble_stock() {
    local to=$1
    stage stock-kernel "$(stock_kernel_key)" make_stock_kernel
    stock_kernel=$stage_path
    stage stock-initramfs "$(stock_root_key)" make_stock_initramfs
    ln "$stock_kernel/bzImage" "$stock_kernel/config" "$stage_path/initramfs.cpio" "$to/"
    release=$(cat "$stock_kernel/release")
    files="kernel:bzImage config:config initramfs:initramfs.cpio"
}

# make_disk DIR TESTS: the data disk. It holds the kernel and root file system that get armed as the next crash kernel, and
# the programs of the tests.
make_disk() {
    local to=$1 tests=$2 tree=$1/.tree
    say "disk: $disk_size ext4"
    mkdir -p "$tree/boot" "$tree/work"
    cp -r "$tests" "$tree/tests"
    cp "$to/vmlinux" "$tree/boot/vmlinux"
    cp "$to/initramfs.cpio" "$tree/boot/initramfs.cpio"
    find "$tree" -exec touch -h -d "@$epoch" {} +
    # lazy_itable_init off: the guest must not find half a file system to finish in the background.
    truncate -s $disk_size "$to/disk.ext4"
    E2FSPROGS_FAKE_TIME=$epoch mke2fs -q -t ext4 -b 4096 -I 256 -N 4096 -J size=4 -m 0 -e remount-ro -L otherworld -U $disk_uuid \
        -E hash_seed=$disk_seed,root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0 \
        -d "$tree" "$to/disk.ext4" >&2
    # mke2fs copies each file's change time, which no program can set beforehand: it would tell when the image was built.
    (cd "$tree" && find . -mindepth 1 -printf 'set_inode_field /%P ctime @'$epoch'\nset_inode_field /%P atime @'$epoch'\n') >"$to/.times"
    E2FSPROGS_FAKE_TIME=$epoch debugfs -w -f "$to/.times" "$to/disk.ext4" >"$to/.times.log" 2>&1
    rm -rf "$tree" "$to/.times" "$to/.times.log"
}

packages_of_otherworld() { lock_lines; }
packages_of_unpatched() { lock_lines; }
packages_of_stock() { lock_lines; }

# write_manifest NAME DIR: what is in the image; the sums are what 'image verify' goes by.
write_manifest() {
    local name=$1 dir=$2 item role file separator=
    {
        printf '{\n  "format": 1,\n  "name": "%s",\n  "hash": "%s",\n  "release": "%s",\n' "$name" "$(image_hash "$name")" "$release"
        printf '  "packages": [\n'
        "packages_of_$name" | awk '$1 != "need" { printf "%s    \"%s %s\"", s, $2, $3; s = ",\n" } END { print "" }'
        printf '  ],\n  "files": {\n'
        for item in $files; do
            role=${item%%:*}
            file=$dir/${item#*:}
            printf '%s    "%s": { "path": "%s", "size": %d, "sha256": "%s" }' "$separator" "$role" "${item#*:}" \
                "$(stat -c %s "$file")" "$(sha256sum "$file" | cut -d' ' -f1)"
            separator=$',\n'
        done
        printf '\n  }\n}\n'
    } >"$dir/.manifest"
    mv "$dir/.manifest" "$dir/manifest.json"
}
