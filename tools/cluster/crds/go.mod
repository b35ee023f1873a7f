// Definitions of the kinds that others bring to a cluster: test/cluster takes the files out of these modules,
// whose sums are in go.sum; nothing is compiled.
module soma-fractal-memory/tools/cluster/crds

go 1.26.8
