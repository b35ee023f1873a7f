#!/bin/sh
# Builds kube-apiserver and etcd of the versions in go.mod, once (about four minutes of two processors):
# later calls only print the folder they are in.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's/.*k8s.io\/kubernetes v\([0-9.]*\).*/\1/p' "$here/go.mod" | head -1)
out=${SOMA_SERVICES_DIR:-$here/../../.services}/kubernetes-$version
if [ ! -x "$out/kube-apiserver" ] || [ ! -x "$out/etcd" ]; then
  go=$("$here/../go.sh")
  mkdir -p "$out/new"
  # Kubernetes knows its version only from its linker.
  base=k8s.io/component-base/version
  (cd "$here" && CGO_ENABLED=0 "$go" build -mod=readonly -trimpath \
    -ldflags "-s -w -X $base.gitVersion=v$version -X $base.gitMajor=${version%%.*} -X $base.gitMinor=$(echo "$version" | cut -d. -f2)" \
    -o "$out/new/" k8s.io/kubernetes/cmd/kube-apiserver ./etcd)
  mv "$out/new/kube-apiserver" "$out/new/etcd" "$out/"
  rmdir "$out/new"
fi
echo "$out"
