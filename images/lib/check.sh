# Bit-reproducibility: the second build happens in another folder, and with an empty ccache, so that every file is compiled
# anew. (Not without ccache: with a base folder it hands the compiler relative paths, which end up in __FILE__.)
# Sourced by images/build.

check_reproducible() {
    local name=$1 first second kind other make=make_kernel differences=0
    [ "$name" != unpatched ] || fail 2 "'unpatched' is only compared with; check 'otherworld', which is made the same way"
    [ "$name" != protected ] || make=make_protected_kernel
    build_image "$name" >/dev/null
    first=$(image_path "$name")
    second=$(mktemp -d "$cache/check-XXXXXX")
    say "check: building $name again in $second"
    (
        ln -s "$cache/debs" "$second/debs"
        cache=$second
        kernel_work=$second/work
        mkdir "$second/kernel" "$second/root"
        if [ "$name" != stock ]; then
            "$make" "$second/kernel"
            make_initramfs "$second/root"
            ln "$second/kernel/vmlinux" "$second/root/"
            if [ "$name" = otherworld ]; then
                make_disk "$second/root" "$second/root/tests"
            else
                mkdir "$second/debian"
                make_debian_root "$second/debian"
            fi
        else
            make_stock_kernel "$second/kernel"
            stock_kernel=$second/kernel
            make_stock_initramfs "$second/root"
        fi
    )
    for kind in kernel/vmlinux kernel/vmlinux.debug kernel/System.map kernel/bzImage root/initramfs.cpio root/tests/witness root/tests/paths root/disk.ext4; do
        [ -f "$second/$kind" ] || continue
        other=$first/$(basename "$kind")
        # These are in the image on the data disk only; beside the initramfs they lie as files.
        [[ $kind != root/tests/* ]] || other=$stages/initramfs-$(guest_key)/${kind#root/}
        if cmp -s "$second/$kind" "$other"; then
            say "check: $(basename "$kind") is the same, bit by bit"
        else
            say "check: $(basename "$kind") DIFFERS"
            differences=1
        fi
    done
    if [ "$name" = debian ] || [ "$name" = protected ]; then
        # MariaDB puts the time and random numbers into every table it makes; all the rest of the disk is the same.
        if diff -rq --no-dereference --exclude=mysql "$stages/debian-root-$(debian_key)/root" "$second/debian/root" >&2; then
            say "check: the tree of the disk is the same, but for /var/lib/mysql"
        else
            say "check: the tree of the disk DIFFERS"
            differences=1
        fi
    fi
    [ $differences = 0 ] || fail 1 "$name is not reproducible; the second build is left in $second"
    rm -rf "$second"
}
