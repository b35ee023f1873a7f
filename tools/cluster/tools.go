//go:build tools

// Package tools names the program that build.sh builds beside etcd.
package tools

import _ "k8s.io/kubernetes/cmd/kube-apiserver"
