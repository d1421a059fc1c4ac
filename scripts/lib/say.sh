# How the scripts speak: on stderr, since stdout may carry an MCP conversation. To be sourced.

if [ -t 2 ]; then bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'; else bold= red= plain=; fi

say() { printf '%s==>%s %s\n' "$bold" "$plain" "$*" >&2; }

# fail WHAT NEXT...: what went wrong, then what to do about it, a line each; and the end.
fail() {
  printf '%s==> %s%s\n' "$red$bold" "$1" "$plain" >&2
  shift
  [ $# -eq 0 ] || printf '    %s\n' "$@" >&2
  exit 1
}
