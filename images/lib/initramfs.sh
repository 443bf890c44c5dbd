# Root file systems: busybox and our static programs in an uncompressed cpio archive. Sourced by images/build.

# The applets that get a name of their own in /bin; busybox finds all others when the shell asks for them.
applets="sh ash cat chmod cp cut date dd df dmesg echo env false free grep head hexdump hostname kill ln ls md5sum mkdir mknod more mount mv
    od poweroff ps pwd reboot rm rmdir sed seq sha256sum sleep sort stat stty sync tail tee test time top touch tr true umount uname vi wc
    which xargs yes"

guest_key() { stage_key "gcc binutils libc6-dev linux-libc-dev busybox e2fsck cpio" guest lib/initramfs.sh; }
stock_root_key() { stage_key "linux-image busybox cpio" guest/stock lib/initramfs.sh lib/kernel.sh; }

# make_root DIR: the part both images share.
make_root() {
    local root=$1 applet
    fetch_package busybox-static "$root/.deb"
    mkdir -p "$root"/{bin,dev,proc,sys,data,etc,root,run,tmp}
    chmod 1777 "$root/tmp"
    cp "$root/.deb/bin/busybox" "$root/bin/busybox"
    rm -rf "$root/.deb"
    for applet in $applets; do ln -s busybox "$root/bin/$applet"; done
    ln -s bin "$root/sbin"
    echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
    echo 'root:x:0:' >"$root/etc/group"
}

# compile_tool NAME DIR: a static program from guest/NAME/*.c (or by its own Makefile) as DIR/NAME.
compile_tool() {
    local name=$1 to=$2 source=$here/guest/$1
    say "guest: compiling $name"
    if [ -f "$source/Makefile" ]; then
        local copy
        copy=$(mktemp -d "$cache/.tool-XXXXXX")
        cp -r "$here/guest" "$here/kernel" "$copy/"
        make -s -C "$copy/guest/$name" CC=gcc CFLAGS="$tool_flags" OUT="$to/$name" >&2 || fail 1 "the guest program $name did not compile"
        rm -rf "$copy"
    else
        compile_here "guest/$name" "$to/$name"
    fi
    strip -s "$to/$name"
}

# compile_here FOLDER PROGRAM: all of FOLDER/*.c as one static program. Run inside the folder: no path of this machine gets into
# the program.
compile_here() {
    # shellcheck disable=SC2086
    (cd "$here/$1" && gcc $tool_flags -I../include -o "$2" ./*.c -lm) >&2 || fail 1 "the guest program $(basename "$2") did not compile"
    strip -s "$2"
}
tool_flags="-std=gnu17 -O2 -Wall -Wextra -Werror -static -no-pie -fno-ident -Wl,--build-id=none -U_FORTIFY_SOURCE -fno-stack-protector -march=x86-64"

# make_initramfs DIR: the initramfs of our kernel; what only tests need stays beside it and goes on the data disk, and so does
# a second load, for a system on the disk.
make_initramfs() {
    local to=$1 root=$1/root name
    make_root "$root"
    for name in $(cd "$here/guest" && find . -mindepth 2 -maxdepth 2 \( -name '*.c' -o -name Makefile \) -printf '%h\n' | sort -u); do
        compile_tool "${name#./}" "$root/bin"
    done
    mv "$root/bin/init" "$root/init"
    mkdir "$to/tests"
    mv "$root/bin/witness" "$root/bin/paths" "$to/tests/"
    cp "$root/bin/load" "$to/load"
    fetch_package e2fsck-static "$root/.deb" # a crash kernel checks what the dead one left half done
    find "$root/.deb" -name e2fsck.static -exec mv {} "$root/bin/e2fsck" \;
    rm -rf "$root/.deb"
    cp -r "$here/guest/etc/." "$root/etc/"
    pack_cpio "$root" "$to/initramfs.cpio"
    rm -rf "$root"
}

# make_stock_initramfs DIR: a plain busybox root with an init script, and the modules of Debian's kernel.
make_stock_initramfs() {
    local to=$1 root=$1/root
    make_root "$root"
    mkdir -p "$root/lib/modules"
    cp "$stock_kernel/modules"/*.ko "$root/lib/modules/"
    cp -r "$here/guest/stock/." "$root/"
    chmod 755 "$root/init"
    pack_cpio "$root" "$to/initramfs.cpio"
    rm -rf "$root"
}

# pack_cpio ROOT FILE: names sorted, dates and owners fixed, inodes renumbered: the same bytes every time.
pack_cpio() {
    find "$1" -exec touch -h -d "@$epoch" {} +
    (cd "$1" && find . -mindepth 1 -printf '%P\0' | sort -z | cpio --null --quiet --reproducible -o -H newc --owner=+0:+0) >"$2"
}
