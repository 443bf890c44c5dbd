# The image 'debian': a Debian 12 root file system with real applications on the disk, under our kernel. Sourced by images/build.
#
# Packages are unpacked, never installed: no maintainer script runs, so no root is needed and the same packages give the same
# files. What scripts would have done is in prepare_root, and what an administrator would have written is in debian/root.

debian_lock=$here/debian/packages.lock
debian_size=512M
debian_uuid=6f746865-7277-6f72-6c64-000000000003
php=8.2

debian_lines() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$debian_lock"; }

packages_of_debian() { lock_lines; debian_lines; }
packages_of_protected() { packages_of_debian; }

debian_key() {
    { hash_files debian guest/include/otherworld lib/debian.sh; lock_lines | grep -E '^tool (e2fsprogs|gcc|binutils|libc6-dev)'; } | sha256sum | cut -c1-16
}

assemble_debian() {
    stage kernel "$(kernel_key)" make_kernel
    assemble_under "$stage_path" "$1"
}

# The same system under the kernel of protected mode.
assemble_protected() {
    stage protected-kernel "$(protected_key)" make_protected_kernel
    assemble_under "$stage_path" "$1"
    prune_stages protected-kernel 2
}

# assemble_under KERNEL DIR: the image with the kernel of a stage.
assemble_under() {
    local kernel=$1 to=$2
    stage initramfs "$(guest_key)" make_initramfs
    local root=$stage_path
    stage observer "$(observer_key)" make_observer
    local observer=$stage_path
    stage debian-root "$(debian_key)" make_debian_root
    ln "$kernel/vmlinux" "$kernel/vmlinux.debug" "$kernel/System.map" "$kernel/config" "$root/initramfs.cpio" "$to/"
    make_debian_disk "$to" "$stage_path" "$root/load" "$observer/observe"
    release=$(cat "$kernel/release")
    files="vmlinux:vmlinux vmlinux_debug:vmlinux.debug system_map:System.map config:config initramfs:initramfs.cpio disk:disk.ext4"
    prune_stages debian-root 2
}

observer_key() { stage_key "gcc binutils libc6-dev linux-libc-dev" observer lib/initramfs.sh; }

# make_observer DIR: the client that a second machine runs, DIR/observe.
make_observer() {
    say "observer: compiling observe"
    compile_here observer "$1/observe"
}

# make_debian_root DIR: DIR/root, the whole tree, and DIR/owners, who owns what does not belong to root.
make_debian_root() {
    local to=$1
    mkdir "$to/root"
    fetch_debian
    unpack_debian "$to/root"
    slim_debian "$to/root"
    prepare_root "$to/root"
    prepare_php "$to/root"
    prepare_apache "$to/root"
    cp -r "$here/debian/root/." "$to/root/"
    mkdir -p "$to/root"/{boot,work,dev,proc,sys,run,tmp,usr/local/bin}
    chmod 1777 "$to/root/tmp"
    prepare_mariadb "$to/root"
    make_procedures "$to/root/usr/local"
    cp "$here/debian/owners" "$to/owners"
}

# fetch_debian: all locked packages into the cache, in one go.
fetch_debian() {
    local kind name version sum dir missing=()
    while read -r kind name version sum; do
        [ -f "$cache/debs/$sum.deb" ] || missing+=("$name=$version")
    done < <(debian_lines)
    [ ${#missing[@]} -gt 0 ] || return 0
    have_debian
    say "packages: downloading ${#missing[@]} for the image debian"
    dir=$(mktemp -d "$cache/debs/.get-XXXXXX")
    if ! (cd "$dir" && apt-get download -q "${missing[@]}" >apt.log 2>&1); then
        [ "$(id -u)" != 0 ] || apt-get update -qq >&2 || true
        if ! (cd "$dir" && apt-get download -q "${missing[@]}" >apt.log 2>&1); then
            rm -rf "$dir"
            require_offered "${missing[@]}"
            fail 3 "cannot download packages; is this machine on line? 'apt-get update' as root may help"
        fi
    fi
    for file in "$dir"/*.deb; do
        sum=$(sha256sum "$file" | cut -d' ' -f1)
        debian_lines | grep " $sum\$" >/dev/null || fail 3 "$(basename "$file") is not what images/debian/packages.lock names: SHA-256 $sum"
        mv "$file" "$cache/debs/$sum.deb"
    done
    rm -rf "$dir"
}

unpack_debian() {
    local root=$1 name sum
    say "debian: unpacking $(debian_lines | wc -l) packages"
    mkdir -p "$root"/usr/{bin,sbin,lib,lib64}
    for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done
    while read -r _ name _ sum; do
        # Not dpkg-deb -x: some packages still bring a folder /bin, which would take the place of the link.
        dpkg-deb --fsys-tarfile "$cache/debs/$sum.deb" | tar -xp --no-same-owner --keep-directory-symlink -C "$root" || fail 1 "cannot unpack $name"
    done < <(debian_lines)
}

# What no experiment needs and every check of the file system would have to read: manuals (copyright files stay), icons,
# MariaDB's tools for repair and conversion, each with half a server in it.
slim_debian() {
    local root=$1
    find "$root/usr/share/doc" -type f ! -name copyright -delete
    find "$root/usr/share/doc" -type l -delete
    find "$root/usr/share/doc" -depth -type d -empty -delete
    rm -rf "$root"/usr/share/{man,info,locale,lintian,bug,i18n,zoneinfo,icons,pixmaps,applications,bash-completion} "$root"/usr/share/vim/vim90/{doc,lang,tutor,spell}
    rm -rf "$root"/usr/lib/{systemd,udev,tmpfiles.d,sysusers.d} "$root/usr/lib/x86_64-linux-gnu/gconv" "$root"/usr/share/{mysql/mysql-test,apache2/icons}
    rm -f "$root"/usr/bin/{aria_*,myisam*,innochecksum,my_print_defaults,perror,replace,resolveip,resolve_stack_dump} \
        "$root"/usr/bin/mariadb{-binlog,-check,-conv,-dump,-import,-plugin,-show,-slap,-tzinfo-to-sql,-upgrade,-waitpid,d-safe-helper}
    find "$root/usr/bin" -lname '[am][ary]*' -xtype l -delete # their other names
}

prepare_root() {
    local root=$1
    cp "$root/usr/share/base-passwd/passwd.master" "$root/etc/passwd"
    cp "$root/usr/share/base-passwd/group.master" "$root/etc/group"
    printf 'mysql:x:100:101:MariaDB Server:/nonexistent:/bin/false\nredis:x:101:102::/var/lib/redis:/bin/false\n' >>"$root/etc/passwd"
    printf 'mysql:x:101:\nredis:x:102:\n' >>"$root/etc/group"
    ln -sf dash "$root/usr/bin/sh"
    ln -sf mawk "$root/usr/bin/awk"
    ln -sf vim.basic "$root/usr/bin/vim"
    ln -sf vim.basic "$root/usr/bin/vi"
    mkdir -p "$root"/var/{log/redis,log/mysql,log/apache2,lib/redis,lib/otherworld,lib/otherworld-php/sessions,tmp,www/html} "$root/root"
    rm -rf "$root/var/run" "$root/var/lock"
    ln -s /run "$root/var/run"
    ln -s /run/lock "$root/var/lock"
    ldconfig -r "$root" -X || fail 1 "ldconfig failed in the root of debian"
    rm -rf "$root/var/cache/ldconfig"
}

# As php's own scripts do it: the settings of production, and every module that is there.
prepare_php() {
    local root=$1 from module ini priority
    mkdir -p "$root/etc/php/$php"/{mods-available,apache2/conf.d} "$root/var/lib/php/sessions"
    cp "$root/usr/lib/php/$php/php.ini-production" "$root/etc/php/$php/apache2/php.ini"
    find "$root/usr/share" -path "*/php$php-*/*.ini" -exec cp {} "$root/etc/php/$php/mods-available/" \;
    for ini in "$root/etc/php/$php/mods-available"/*.ini; do
        module=$(basename "$ini")
        priority=$(sed -n 's/^; priority=//p' "$ini")
        ln -s "/etc/php/$php/mods-available/$module" "$root/etc/php/$php/apache2/conf.d/${priority:-20}-$module"
    done
}

prepare_apache() {
    local root=$1 etc=$1/etc/apache2 name
    mkdir -p "$etc"/{mods-enabled,conf-enabled,sites-enabled} "$root/var/www/html"
    for name in alias authz_core authz_host dir env mime mpm_prefork php$php setenvif; do
        ln -s "../mods-available/$name.load" "$etc/mods-enabled/$name.load"
        [ ! -f "$etc/mods-available/$name.conf" ] || ln -s "../mods-available/$name.conf" "$etc/mods-enabled/$name.conf"
    done
    ln -s ../sites-available/000-default.conf "$etc/sites-enabled/000-default.conf"
    ln -s ../conf-available/otherworld.conf "$etc/conf-enabled/otherworld.conf"
}

# The data directory, by MariaDB's own program, run out of the new root with its own libraries: no chroot, so no root needed.
prepare_mariadb() {
    local root=$1 data=$1/var/lib/mysql
    say "debian: making MariaDB's data directory"
    ln -sf /etc/mysql/mariadb.cnf "$root/etc/mysql/my.cnf"
    rm -rf "$data"
    mkdir -p "$data"
    chmod 700 "$data"
    {
        printf 'CREATE DATABASE mysql;\nUSE mysql;\n' # one statement a line, says the bootstrap mode
        for part in mysql_system_tables mysql_performance_tables mysql_system_tables_data fill_help_tables maria_add_gis_sp_bootstrap mysql_sys_schema; do
            [ ! -f "$root/usr/share/mysql/$part.sql" ] || cat "$root/usr/share/mysql/$part.sql"
        done
        cat "$here/debian/tables.sql"
    } >"$root/../bootstrap.sql"
    "$root/lib64/ld-linux-x86-64.so.2" --library-path "$root/usr/lib/x86_64-linux-gnu" "$root/usr/sbin/mariadbd" --no-defaults --bootstrap \
        --basedir="$root/usr" --lc-messages-dir="$root/usr/share/mysql" --datadir="$data" --tmpdir=/tmp --skip-log-bin \
        --innodb-log-file-size=8M --innodb-use-native-aio=0 --innodb-buffer-pool-size=16M --plugin-dir="$root/usr/lib/mysql/plugin" \
        <"$root/../bootstrap.sql" >"$root/../bootstrap.log" 2>&1 || fail 1 "MariaDB's data directory was not made; see $root/../bootstrap.log"
    rm -f "$root/../bootstrap.sql" "$root/../bootstrap.log"
}

# make_procedures DIR: the library of crash procedures and its header, and one object for each application that can load one.
make_procedures() {
    local to=$1 library=$here/guest/include/otherworld name
    local flags="-std=gnu17 -O2 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -fno-ident -Wl,--build-id=none -Wl,-s"
    say "debian: compiling crash procedures"
    mkdir -p "$to/lib/otherworld" "$to/include"
    cp "$library/otherworld.h" "$to/include/"
    # shellcheck disable=SC2086
    (cd "$library" && gcc $flags -fvisibility=default -o "$to/lib/libotherworld.so" ./otherworld.c) >&2 || fail 1 "libotherworld.so did not compile"
    for name in "$here"/debian/procedures/*.c; do
        name=$(basename "$name" .c)
        # shellcheck disable=SC2086
        (cd "$here/debian/procedures" && gcc $flags -I"$library" -o "$to/lib/otherworld/$name.so" "./$name.c" "$library/otherworld.c") >&2 ||
            fail 1 "the crash procedure of $name did not compile"
    done
    cp "$here/debian/procedures/sessions.php" "$to/lib/otherworld/"
}

# make_debian_disk DIR STAGE PROGRAM...: the disk with the tree, programs of ours and, as on every disk of ours, the kernel that
# gets armed.
make_debian_disk() {
    local to=$1 root=$2/root
    say "disk: $debian_size ext4"
    cp -al "$root" "$to/.tree"
    cp "$to/vmlinux" "$to/initramfs.cpio" "$to/.tree/boot/"
    cp "${@:3}" "$to/.tree/usr/local/bin/"
    find "$to/.tree" -exec touch -h -d "@$epoch" {} +
    truncate -s $debian_size "$to/disk.ext4"
    E2FSPROGS_FAKE_TIME=$epoch mke2fs -q -t ext4 -b 4096 -I 256 -N 12288 -J size=16 -m 0 -e remount-ro -L otherworld -U $debian_uuid \
        -E hash_seed=$disk_seed,root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0 \
        -d "$to/.tree" "$to/disk.ext4" >&2
    (
        cd "$to/.tree"
        find . -mindepth 1 -printf "set_inode_field \"/%P\" ctime @$epoch\nset_inode_field \"/%P\" atime @$epoch\nset_inode_field \"/%P\" uid 0\nset_inode_field \"/%P\" gid 0\n"
        owned_files "$2/owners"
    ) >"$to/.fields"
    E2FSPROGS_FAKE_TIME=$epoch debugfs -w -f "$to/.fields" "$to/disk.ext4" >"$to/.fields.log" 2>&1
    rm -rf "$to/.tree" "$to/.fields" "$to/.fields.log"
}

# Lines 'PATH UID GID MODE' of debian/owners: everything below PATH (run in the tree) gets the owner, PATH itself the mode, too.
owned_files() {
    local path uid gid mode
    sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$1" | while read -r path uid gid mode; do
        find "./$path" -printf "set_inode_field \"/%P\" uid $uid\nset_inode_field \"/%P\" gid $gid\n" | sed "s|\"/|\"/$path/|; s|/\"|\"|"
        [ -z "$mode" ] || echo "set_inode_field \"/$path\" mode 04$mode"
    done
}

# lock_latest_debian: resolves debian/packages against nothing installed and writes the lock.
lock_latest_debian() {
    have_debian
    local status=$cache/empty.status wanted name version
    : >"$status"
    wanted=$(sed -e 's/#.*//' "$here/debian/packages" | awk 'NF == 1')
    # shellcheck disable=SC2086
    apt-get -o Dir::State::status="$status" -s --no-install-recommends install $wanted | awk '$1 == "Inst" { sub(/^\(/, "", $3); print $2, $3 }' |
        sort | while read -r name version; do
        ! grep -qx "without $name" "$here/debian/packages" || continue
        echo "fetch $name $version $(apt-cache show "$name=$version" | awk '/^SHA256:/ { print $2; exit }')"
    done >"$debian_lock.new"
    [ -s "$debian_lock.new" ] || fail 3 "apt-get could not resolve images/debian/packages"
    mv "$debian_lock.new" "$debian_lock"
}
