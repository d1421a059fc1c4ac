# Provides Node 22 or newer for the black-box tests. To be sourced, behind say.sh and packages.sh.

node_package=node@22.23.3

# Afterwards `node` and `npm` are on the PATH. A machine whose Node is older gets one of its own in
# .cache/, from npm; nothing outside the repository changes.
need_node() {
  local ours=$root/.cache/node
  is_new_enough node || PATH=$ours/node_modules/.bin:$PATH
  is_new_enough node && command -v npm >/dev/null && return
  command -v npm >/dev/null || need_packages nodejs npm
  is_new_enough node && return
  say "Fetching $node_package into .cache/"
  mkdir -p "$ours"
  npm install --prefix "$ours" --no-save --ignore-scripts=false "$node_package" >&2 </dev/null &&
    is_new_enough "$ours/node_modules/.bin/node" ||
    fail "npm could not fetch Node." "Is the network up?" \
      "Any Node 22 or newer that is first on the PATH will do."
  hash -r
}

is_new_enough() {
  local version
  version=$("$1" --version 2>/dev/null) || return 1
  version=${version#v}
  [ "${version%%.*}" -ge 22 ]
}
