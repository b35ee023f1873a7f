#!/bin/sh
# Renders each profile of the chart, as it is, with everything on, and with a restore, and has others judge
# what comes out: the schemas of Kubernetes (oldest and newest), kube-score and checkov; and promtool the
# alerts, which tools/helm/alerts.test.yaml lets ring and fall silent. Prints a line for each; what fails is
# printed whole, and the exit code is then 1. Needs Go and Python with venv, once.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
chart=$root/helm/soma-fractal-memory
services=${SOMA_SERVICES_DIR:-$root/.services}
helm=$("$here/build.sh")
score=$("$root/tools/kube-score/build.sh")
promtool=$("$root/tools/promtool/build.sh")
venv=$services/chart-checks
if ! cmp -s "$here/requirements.txt" "$venv/requirements.txt"; then
  rm -rf "$venv"
  "${SOMA_PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
  cp "$here/requirements.txt" "$venv/requirements.txt"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# judge NAME COMMAND...
judge() {
  name=$1
  shift
  if "$@" >"$work/said" 2>&1; then
    echo "$name: passed"
  else
    echo "$name: FAILED"
    cat "$work/said"
    failed=1
  fi
}

judge 'alerts, promtool check' "$promtool" check rules --lint=all --lint-fatal "$chart/files/alerts.yaml"
judge 'alerts, promtool test' "$promtool" test rules "$here/alerts.test.yaml"

# The schemas of the Prometheus operator and of the Gateway API are not among those of Kubernetes.
builtin='metrics.serviceMonitor.enabled=false,metrics.prometheusRule.enabled=false,gateway.enabled=false'

for profile in values values-production values-production-ha; do
  for form in as-it-is everything restore; do
    file=$work/$profile-$form.yaml
    set -- template soma "$chart" --namespace soma --values "$chart/$profile.yaml"
    case $form in
      everything) set -- "$@" --values "$here/everything.yaml" ;;
      restore) set -- "$@" --set backup.enabled=true,restore.file=soma.backup ;;
    esac
    "$helm" "$@" --set "$builtin" --kube-version 1.36.3 >"$file"
    for version in 1.27 1.36; do
      judge "$profile, $form, Kubernetes $version" \
        "$venv/bin/kubernetes-validate" --strict --quiet -k "$version" "$file"
    done
    judge "$profile, $form, kube-score" "$score" score --output-format ci "$file"
    judge "$profile, $form, checkov" "$venv/bin/checkov" --file "$file" --framework kubernetes \
      --config-file "$here/checkov.yaml" --quiet --compact --skip-download
  done
done
exit "$failed"
