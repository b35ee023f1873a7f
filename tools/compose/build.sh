#!/bin/sh
# Builds main.go, the reader of Docker Compose of the version in go.mod, once: later calls only print where it is.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/.*compose-spec\/compose-go\/v2 v\([0-9.]*\).*/\1/p' "$here/go.mod" | head -1)
out=${SOMA_SERVICES_DIR:-$here/../../.services}/compose-go-$version
if [ ! -x "$out/compose" ]; then
  go=$("$here/../go.sh")
  mkdir -p "$out"
  (cd "$here" && CGO_ENABLED=0 "$go" build -mod=readonly -trimpath -ldflags '-s -w' \
    -o "$out/compose.new" .)
  mv "$out/compose.new" "$out/compose"
fi
echo "$out/compose"
