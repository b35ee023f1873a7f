#!/bin/sh
# Builds the helm program of the version in go.mod, once: later calls only print where it is.
# Go keeps what it downloads and compiles in its own caches (GOMODCACHE, GOCACHE).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/.*helm.sh\/helm\/v3 v\([0-9.]*\).*/\1/p' "$here/go.mod" | head -1)
minor=$(sed -n 's/.*k8s.io\/client-go v0\.\([0-9]*\)\..*/\1/p' "$here/go.mod" | head -1)
out=${SOMA_SERVICES_DIR:-$here/../../.services}/helm-$version
if [ ! -x "$out/helm" ]; then
  go=$("$here/../go.sh")
  mkdir -p "$out"
  # Without a cluster helm believes in the Kubernetes that it is told of here.
  capabilities=helm.sh/helm/v3/pkg/chartutil
  (cd "$here" && CGO_ENABLED=0 "$go" build -mod=readonly -trimpath \
    -ldflags "-s -w -X helm.sh/helm/v3/internal/version.version=v$version \
      -X $capabilities.k8sVersionMajor=1 -X $capabilities.k8sVersionMinor=$minor" \
    -o "$out/helm.new" helm.sh/helm/v3/cmd/helm)
  mv "$out/helm.new" "$out/helm"
fi
echo "$out/helm"
