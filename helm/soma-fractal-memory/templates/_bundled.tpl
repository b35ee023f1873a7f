{{/* A small server of the release: a StatefulSet of one, its Service and its volume. Call with (dict
"root" $ "component" "postgres" "ports" (dict "postgres" 5432) "data" "/path" "scratch" (list "/path")
"container" "rest of the container, as YAML" "volumes" "more volumes" "mounts" "more mounts"). */}}
{{- define "soma.bundled" -}}
{{- $values := index .root.Values .component -}}
{{- $context := . -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "soma.name" .root }}-{{ .component }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{ include "soma.labels" . | nindent 4 }}
spec:
  clusterIP: None
  selector: {{ include "soma.selector" . | nindent 4 }}
  ports:
    {{- range $name, $port := .ports }}
    - { name: {{ $name }}, port: {{ $port }}, targetPort: {{ $name }}, protocol: TCP }
    {{- end }}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: {{ include "soma.name" .root }}-{{ .component }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{ include "soma.labels" . | nindent 4 }}
spec:
  replicas: 1
  serviceName: {{ include "soma.name" .root }}-{{ .component }}
  selector:
    matchLabels: {{ include "soma.selector" . | nindent 6 }}
  template:
    metadata:
      # No version: a new one of the chart is no reason to restart a database.
      labels: {{ include "soma.selector" . | nindent 8 }}
    spec:
      serviceAccountName: {{ include "soma.serviceAccount" .root }}
      terminationGracePeriodSeconds: 60
      securityContext: {{ include "soma.podSecurity" .root | nindent 8 }}
      {{- include "soma.placement" $context | nindent 6 }}
      containers:
        - name: {{ .component }}
          image: {{ include "soma.imageOf" $values.image }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          ports:
            {{- range $name, $port := .ports }}
            - { name: {{ $name }}, containerPort: {{ $port }}, protocol: TCP }
            {{- end }}
          {{- .container | nindent 10 }}
          resources: {{ toYaml $values.resources | nindent 12 }}
          securityContext: {{ include "soma.containerSecurity" .root | nindent 12 }}
          volumeMounts:
            - { name: data, mountPath: {{ .data }} }
            {{- range $index, $path := .scratch }}
            - { name: scratch, mountPath: {{ $path }}, subPath: {{ printf "scratch-%d" $index }} }
            {{- end }}
            {{- with .mounts }}
            {{- . | nindent 12 }}
            {{- end }}
      volumes:
        - name: scratch
          emptyDir: { sizeLimit: 256Mi }
        {{- if not $values.persistence.enabled }}
        - name: data
          emptyDir: { sizeLimit: {{ $values.persistence.size }} }
        {{- end }}
        {{- with .volumes }}
        {{- . | nindent 8 }}
        {{- end }}
  {{- if $values.persistence.enabled }}
  volumeClaimTemplates:
    - apiVersion: v1
      kind: PersistentVolumeClaim
      metadata:
        name: data
        labels: {{ include "soma.selector" . | nindent 10 }}
      spec:
        accessModes: [ReadWriteOnce]
        {{- with $values.persistence.storageClass }}
        storageClassName: {{ . | quote }}
        {{- end }}
        resources:
          requests: { storage: {{ $values.persistence.size }} }
  {{- end }}
{{- end -}}
