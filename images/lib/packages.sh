# Debian packages: the versions in packages.lock, fetching and unpacking, installing the tools.
#
# Lines of packages.lock:
#   fetch NAME VERSION SHA256   downloaded and unpacked into the cache, never installed
#   tool  NAME VERSION          installed, this very version: it decides what the images contain
#   need  NAME                  installed, any version

lock_file=$here/packages.lock

# shellcheck disable=SC2317
lock_lines() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$lock_file"; }

locked_version() { lock_lines | awk -v n="$1" '$2 == n { print $3 }'; }

installed_version() { dpkg-query -W -f '${db:Status-Status} ${Version}' "$1" 2>/dev/null | awk '$1 == "installed" { print $2 }'; }

have_debian() {
    command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
        fail 3 "images are built from Debian 12 packages, but this machine has no apt-get and dpkg-query" \
            "build on Debian 12 and move the result: ./otherworld image export, ./otherworld image import"
}

# require_tools: every 'tool' and 'need' package of the lock file is installed, or gets installed when we are root.
require_tools() {
    have_debian
    local kind name version missing=()
    while read -r kind name version _; do
        case $kind in
            tool) [ "$(installed_version "$name")" = "$version" ] || missing+=("$name=$version") ;;
            need) [ -n "$(installed_version "$name")" ] || missing+=("$name") ;;
        esac
    done < <(lock_lines)
    [ ${#missing[@]} -gt 0 ] || return 0

    if [ "$(id -u)" != 0 ]; then
        [ -n "$(apt-cache madison "${missing[0]%%=*}" 2>/dev/null)" ] ||
            fail 3 "Debian packages are missing, and this machine has no list of what the archive offers; install them with:" \
                "  sudo apt-get update && sudo apt-get install -y ${missing[*]}"
        require_offered "${missing[@]}"
        fail 3 "Debian packages are missing; install them with:" "  sudo apt-get install -y ${missing[*]}"
    fi
    say "packages: installing ${missing[*]}"
    apt-get update -qq >&2 || say "packages: 'apt-get update' failed; going on with the lists that are here"
    require_offered "${missing[@]}"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends --allow-downgrades "${missing[@]}" >"$cache/apt.log" 2>&1 ||
        fail 3 "apt-get could not install: ${missing[*]}" "its words are in $cache/apt.log"
}

# require_offered NAME=VERSION...: stops when the archive no longer has a locked version.
require_offered() {
    local item gone=()
    for item in "$@"; do
        [[ $item == *=* ]] || continue
        [ -n "$(apt-cache madison "${item%%=*}" 2>/dev/null | awk -F'|' -v v="${item#*=}" '{ gsub(/ /, "", $2) } $2 == v')" ] || gone+=("$item")
    done
    [ ${#gone[@]} = 0 ] || fail 3 "the package archive no longer offers what images/packages.lock names: ${gone[*]}" \
        "'apt-get update' may help; otherwise take today's versions with: images/build --latest all"
}

# fetch_package NAME DIR: unpacks the locked version of a package into DIR.
fetch_package() {
    local name=$1 to=$2 kind version sum file
    have_debian
    read -r kind version sum < <(lock_lines | awk -v n="$name" '$2 == n { print $1, $3, $4 }')
    [ "${kind:-}" = fetch ] || fail 1 "images/packages.lock has no line 'fetch $name'"
    file=$cache/debs/$sum.deb
    if [ ! -f "$file" ]; then
        say "packages: downloading $name $version"
        download_package "$name" "$version" "$file.new"
        local got
        got=$(sha256sum "$file.new" | cut -d' ' -f1)
        if [ "$got" != "$sum" ]; then
            rm -f "$file.new"
            fail 3 "the download of $name $version has SHA-256 $got, but images/packages.lock wants $sum"
        fi
        mv "$file.new" "$file"
    fi
    mkdir -p "$to"
    dpkg-deb -x "$file" "$to"
}

download_package() {
    local name=$1 version=$2 to=$3 dir
    dir=$(mktemp -d "$cache/debs/.get-XXXXXX")
    if ! (cd "$dir" && apt-get download -q "$name=$version" >apt.log 2>&1); then
        [ "$(id -u)" != 0 ] || apt-get update -qq >&2 || true
        if ! (cd "$dir" && apt-get download -q "$name=$version" >apt.log 2>&1); then
            rm -rf "$dir"
            require_offered "$name=$version"
            fail 3 "cannot download $name $version; is this machine on line? 'apt-get update' as root may help"
        fi
    fi
    mv "$dir"/*.deb "$to"
    rm -rf "$dir"
}

# lock_latest_versions: rewrites packages.lock with the candidate versions of the archive.
lock_latest_versions() {
    have_debian
    [ "$(id -u)" != 0 ] || apt-get update -qq >&2
    local new=$lock_file.new line kind name version sum cloud
    cloud=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image-/ { print $2; exit }')
    while IFS= read -r line; do
        read -r kind name _ <<<"$line"
        case ${kind:-} in
            fetch | tool)
                if [[ $name == linux-image-*-cloud-amd64 ]] && [ -n "$cloud" ]; then name=$cloud; fi
                version=$(apt-cache policy "$name" | awk '/Candidate:/ { print $2 }')
                [ -n "$version" ] && [ "$version" != "(none)" ] ||
                    fail 3 "the package archive offers no $name; images are built on Debian 12 (bookworm)"
                sum=
                [ "$kind" = tool ] || sum=" $(apt-cache show "$name=$version" | awk '/^SHA256:/ { print $2; exit }')"
                echo "$kind $name $version$sum"
                ;;
            *) printf '%s\n' "$line" ;;
        esac
    done <"$lock_file" >"$new"
    mv "$new" "$lock_file"
    say "packages: versions of today are in images/packages.lock"
}
