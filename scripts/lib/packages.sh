# Installs the Debian packages that are missing. To be sourced, behind say.sh.

build_packages=(
  g++ cmake ninja-build ccache ca-certificates python3
  libboost1.81-dev libcurl4-openssl-dev libssl-dev
  nlohmann-json3-dev libfmt-dev libspdlog-dev libgtest-dev libgmock-dev
)
# nginx, the proxy, openssl and the browser are peers that the tests start themselves.
test_packages=(nginx-light tinyproxy openssl chromium clang-format-19)

# need_packages NAME...: afterwards they are there. Costs one dpkg-query when they were before.
need_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "This is not a Debian system, so nothing is installed. Needed are the equivalents of: $*"
    return
  fi
  local -a missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  say "Installing ${missing[*]}"
  become_root "${missing[@]}"
  refresh_package_lists
  without_starting_daemons install_packages "${missing[@]}" ||
    fail "apt-get could not install the packages." \
      "Its message is above. Is the network up, and is this Debian 12?" \
      "By hand: apt-get update && apt-get install ${missing[*]}"
  keep_from_starting_at_boot "${missing[@]}"
}

missing_packages() {
  local installed name
  installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null) || true
  for name; do
    [[ $'\n'$installed$'\n' == *$'\nii '"$name"$'\n'* ]] || echo "$name"
  done
}

# Sets as_root to what makes a command run as root; $@ is what is to be installed.
become_root() {
  if [ "$(id -u)" -eq 0 ]; then
    as_root=()
  elif ! command -v sudo >/dev/null; then
    fail "Packages are missing, and this is neither root nor is there sudo." \
      "As root: apt-get install $*" "Then start this again."
  elif sudo -n true 2>/dev/null || [ -t 2 ]; then
    as_root=(sudo)
  else
    fail "Packages are missing, and there is no terminal for sudo to ask for a password in." \
      "Start this once in a terminal, or: sudo apt-get install $*"
  fi
}

refresh_package_lists() {
  apt_get update || { sleep 3; apt_get update; } ||
    say "apt-get update failed twice; trying with the package lists at hand"
}

install_packages() { apt_get install -y --no-install-recommends "$@"; }

apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -q -o DPkg::Lock::Timeout=120 -o APT::Update::Error-Mode=any "$@" </dev/null >&2
}

# Debian starts a daemon when its package is installed, unless this file says no (101).
without_starting_daemons() {
  local policy=/usr/sbin/policy-rc.d status=0
  [ ! -e "$policy" ] || { "$@"; return; }
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap '"${as_root[@]}" rm -f /usr/sbin/policy-rc.d' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
  "${as_root[@]}" chmod 755 "$policy"
  "$@" || status=$?
  "${as_root[@]}" rm -f "$policy"
  trap - EXIT INT TERM
  return "$status"
}

keep_from_starting_at_boot() {
  command -v systemctl >/dev/null || return 0
  local name
  for name; do
    case $name in
      nginx-light) "${as_root[@]}" systemctl --quiet disable nginx >&2 || true ;;
      tinyproxy) "${as_root[@]}" systemctl --quiet disable tinyproxy >&2 || true ;;
    esac
  done
}
