{{/* The head of a policy for some components, or for every pod. Call with (dict "root" $ "name" "clients"
"components" (list "api") "types" (list "Ingress")); rules follow it. */}}
{{- define "soma.networkPolicy" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "soma.name" .root }}-{{ .name }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{ include "soma.labels" (dict "root" .root "component" "network") | nindent 4 }}
spec:
  podSelector:
    matchLabels:
      app.kubernetes.io/name: {{ .root.Chart.Name }}
      app.kubernetes.io/instance: {{ .root.Release.Name }}
    {{- with .components }}
    matchExpressions:
      - { key: app.kubernetes.io/component, operator: In, values: {{ toJson . }} }
    {{- end }}
  policyTypes: {{ toJson .types }}
{{- end -}}
