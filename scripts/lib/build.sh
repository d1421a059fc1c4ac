# Configures and builds a preset. To be sourced, behind say.sh; `root` is the repository.

# build PRESET [TARGET...]: everything, or these targets. A build that is up to date says nothing.
# The lock is for clients that start several of us at the same time.
build() {
  local preset=$1
  shift
  local folder=$root/build/$preset
  mkdir -p "$folder"
  exec 9>"$folder/.lock"
  flock -n 9 || { say "Waiting for another build of $preset"; flock 9; }
  [ -f "$folder/build.ninja" ] || configure "$preset"
  is_up_to_date "$folder" "$@" || run_ninja "$preset" "$@"
  exec 9>&-
}

is_up_to_date() { [[ $(ninja -C "$@" -n 2>&1 </dev/null) == *"no work to do"* ]]; }

configure() {
  local version
  version=$(g++ -dumpversion 2>/dev/null || echo 0)
  [ "${version%%.*}" -ge 12 ] ||
    fail "g++ 12 or newer is needed; this machine has $version." "Debian 12 has it: apt-get install g++"
  say "Configuring $1"
  cmake -S "$root" --preset "$1" >/dev/null </dev/null ||
    fail "CMake could not configure the build." \
      "Its message is above. If it names a library, that package is missing or too old." \
      "Debian 12 has all of them; scripts/lib/packages.sh has their names." \
      "After a change of the system: rm -rf build/$1, and start this again."
}

run_ninja() {
  local preset=$1 quiet=(--quiet)
  shift
  [ -t 2 ] && quiet=()
  say "Building $preset (the first time takes minutes)"
  NINJA_STATUS="[$preset %f/%t] " ninja -C "$root/build/$preset" "${quiet[@]}" "$@" >&2 </dev/null ||
    fail "The build of $preset failed; the compiler's message is above." \
      "If it was killed, the machine has too little memory: try  ninja -j1 -C build/$preset"
}
