{{- define "soma.name" -}}
{{- printf "%s" .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* Call with (dict "root" $ "component" "api"). */}}
{{- define "soma.selector" -}}
app.kubernetes.io/name: {{ .root.Chart.Name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "soma.labels" -}}
{{ include "soma.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | quote }}
{{- end -}}

{{- define "soma.image" -}}
{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
{{- end -}}

{{- define "soma.secret" -}}
{{ required "existingSecret: name the Secret with SOMA_POSTGRES_URL, SOMA_POSTGRES_OWNER_URL, SOMA_REDIS_URL and SOMA_ADMIN_TOKEN" .Values.existingSecret }}
{{- end -}}

{{/* What is no secret. */}}
{{- define "soma.settings" -}}
- name: SOMA_API_HOST
  value: 0.0.0.0
- name: SOMA_INDEXER
  value: worker
- name: SOMA_MILVUS_ADDRESS
  value: {{ required "milvus.address: give host:port of Milvus" .Values.milvus.address | quote }}
- name: SOMA_MILVUS_COLLECTION_PREFIX
  value: {{ .Values.milvus.collectionPrefix | quote }}
- name: SOMA_EMBEDDING_PROVIDER
  value: {{ .Values.embedding.provider | quote }}
- name: SOMA_EMBEDDING_URL
  value: {{ .Values.embedding.url | quote }}
- name: SOMA_EMBEDDING_MODEL
  value: {{ .Values.embedding.model | quote }}
- name: SOMA_EMBEDDING_DIMENSION
  value: {{ .Values.embedding.dimension | quote }}
{{- range $name, $value := .Values.env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* Call with (dict "root" $ "keys" (list ...) "optional" (list ...)). */}}
{{- define "soma.secrets" -}}
{{- $name := include "soma.secret" .root -}}
{{- range .keys }}
- name: {{ . }}
  valueFrom:
    secretKeyRef: { name: {{ $name | quote }}, key: {{ . }} }
{{- end }}
{{- range .optional }}
- name: {{ . }}
  valueFrom:
    secretKeyRef: { name: {{ $name | quote }}, key: {{ . }}, optional: true }
{{- end }}
{{- end -}}

{{- define "soma.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "soma.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- define "soma.placement" -}}
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The Deployment of one program. Call with (dict "root" $ "component" "api" "port" 10101 "args" (list)). */}}
{{- define "soma.deployment" -}}
{{- $values := index .root.Values .component -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "soma.name" .root }}-{{ .component }}
  labels: {{ include "soma.labels" . | nindent 4 }}
spec:
  replicas: {{ $values.replicas }}
  selector:
    matchLabels: {{ include "soma.selector" . | nindent 6 }}
  strategy:
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  template:
    metadata:
      labels: {{ include "soma.labels" . | nindent 8 }}
      annotations:
        prometheus.io/scrape: 'true'
        prometheus.io/path: /metrics
        prometheus.io/port: {{ .port | quote }}
        {{- with .root.Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
    spec:
      automountServiceAccountToken: false
      terminationGracePeriodSeconds: {{ .root.Values.terminationGracePeriodSeconds }}
      securityContext: {{ include "soma.podSecurity" .root | nindent 8 }}
      {{- include "soma.placement" .root | nindent 6 }}
      containers:
        - name: {{ .component }}
          image: {{ include "soma.image" .root }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          args: {{ toJson .args }}
          env:
            {{- include "soma.settings" .root | nindent 12 }}
            - name: {{ printf "SOMA_%s_PORT" (upper .component) }}
              value: {{ .port | quote }}
            {{- include "soma.secrets" (dict "root" .root "keys" (list "SOMA_POSTGRES_URL" "SOMA_REDIS_URL" "SOMA_ADMIN_TOKEN") "optional" (list "SOMA_MILVUS_TOKEN" "SOMA_EMBEDDING_API_KEY")) | nindent 12 }}
          ports:
            - { name: http, containerPort: {{ .port }} }
          startupProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 2
            failureThreshold: 60
          # No I/O behind it: a database that is away is no reason to restart the pod.
          livenessProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 10
            timeoutSeconds: 5
          readinessProbe:
            httpGet: { path: /readyz, port: http }
            periodSeconds: 5
            timeoutSeconds: 5
          lifecycle:
            # Requests that are still routed here are answered before the program is told to stop.
            preStop:
              exec: { command: [node, -e, 'setTimeout(() => {}, 5000)'] }
          resources: {{ toYaml $values.resources | nindent 12 }}
          securityContext: {{ include "soma.containerSecurity" .root | nindent 12 }}
{{- end -}}
