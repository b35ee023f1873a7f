//go:build tools

// Package tools names the program that build.sh builds.
package tools

import _ "helm.sh/helm/v3/cmd/helm"
