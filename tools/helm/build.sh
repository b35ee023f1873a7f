#!/bin/sh
# build.sh [3|4] builds the helm program of that major version (3 unless told), of the release in go.mod, once:
# later calls only print where it is. Go keeps what it downloads and compiles in its own caches (GOMODCACHE, GOCACHE).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
major=${1:-3}
version=$(sed -n "s/.*helm.sh\/helm\/v$major v\([0-9.]*\).*/\1/p" "$here/go.mod" | head -1)
minor=$(sed -n 's/.*k8s.io\/client-go v0\.\([0-9]*\)\..*/\1/p' "$here/go.mod" | head -1)
out=${SOMA_SERVICES_DIR:-$here/../../.services}/helm-$version
if [ ! -x "$out/helm" ]; then
  go=$("$here/../go.sh")
  mkdir -p "$out"
  # Without a cluster Helm 3 believes in the Kubernetes that it is told of here; Helm 4 reads it in go.mod.
  capabilities=helm.sh/helm/v3/pkg/chartutil
  (cd "$here" && CGO_ENABLED=0 "$go" build -mod=readonly -trimpath \
    -ldflags "-s -w -X helm.sh/helm/v$major/internal/version.version=v$version \
      -X $capabilities.k8sVersionMajor=1 -X $capabilities.k8sVersionMinor=$minor" \
    -o "$out/helm.new" "helm.sh/helm/v$major/cmd/helm")
  mv "$out/helm.new" "$out/helm"
fi
echo "$out/helm"
