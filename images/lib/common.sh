# Progress, failure, cache folders, hashes, stages. Sourced by images/build.

started=${EPOCHREALTIME/./}

say() {
    local now=${EPOCHREALTIME/./}
    local ms=$(((now - started) / 1000))
    printf '[%4d.%ds] %s\n' $((ms / 1000)) $((ms / 100 % 10)) "$*" >&2
}

# fail STATUS TEXT...: one clear line, more lines for the advice.
fail() {
    local status=$1
    shift
    printf 'images/build: %s\n' "$@" >&2
    exit "$status"
}

cache=${OTHERWORLD_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/otherworld}
stages=$cache/stages
epoch=1735689600 # 2025-01-01T00:00:00Z, the one date in every image

# One build at a time per cache: kernel builds share a work folder, which keeps ccache and paths warm.
take_lock() {
    mkdir -p "$cache" "$stages" "$cache/images" "$cache/debs"
    exec 8>"$cache/build.lock"
    if ! flock -n 8; then
        say "another build uses $cache; waiting for it"
        flock 8
    fi
    rm -rf "$stages"/.new-* "$cache"/.tool-* "$cache"/debs/.get-* # what an interrupted build left
}

# hash_files ROOT...: one hash over the paths and contents of all files below the given paths, relative to images/.
hash_files() {
    (cd "$here" && find "$@" -type f | sort | tr '\n' '\0' | xargs -0 sha256sum) | sha256sum | cut -c1-16
}

# stage_key PACKAGES ROOT...: the key of a stage: its files, and the locked versions of the packages whose names begin so.
stage_key() {
    local packages=$1 files
    shift
    files=$(hash_files "$@")
    { echo "$files"; lock_lines | grep -E "^[a-z]+ (${packages// /|})" | sort; } | sha256sum | cut -c1-16
}

# The inputs of one image. The same rule stands in ImageInputs.cs, so that the command line tool needs no shell to find an image.
image_hash() {
    case $1 in
        otherworld) hash_files build lib packages.lock kernel guest ;;
        unpatched) hash_files build lib packages.lock kernel/config ;;
        stock) hash_files build lib packages.lock guest/stock ;;
        debian) hash_files build lib packages.lock kernel guest debian observer ;;
        protected) hash_files build lib packages.lock kernel guest debian observer protected ;;
    esac
}

image_path() { echo "$cache/images/$1/$(image_hash "$1")"; }

# stage NAME KEY FUNCTION: the folder of a finished stage, made by FUNCTION DIR in a new folder and then renamed.
# The path is left in $stage_path.
stage() {
    local name=$1 key=$2 make=$3
    local path=$stages/$name-$key new=$stages/.new-$name-$key
    if [ -d "$path" ]; then
        say "$name: found $path"
        touch "$path"
    else
        rm -rf "$new"
        mkdir -p "$new"
        "$make" "$new"
        mv -T "$new" "$path"
    fi
    stage_path=$path # last: a stage may need others
}

# Keeps the newest COUNT stages of one kind; images hold hard links of their own, so nothing in use is lost.
prune_stages() {
    local kind=$1 count=$2
    # shellcheck disable=SC2012
    ls -dt "$stages/$kind"-* 2>/dev/null | tail -n +$((count + 1)) | while read -r old; do rm -rf "$old"; done
}
