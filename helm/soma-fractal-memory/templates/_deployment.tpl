{{/* The Deployment of one program. Call with (dict "root" $ "component" "api" "port" 10101 "args" (list)). */}}
{{- define "soma.deployment" -}}
{{- $values := index .root.Values .component -}}
{{- $opa := and (eq .component "api") .root.Values.opa.enabled -}}
{{- $scaled := and $values.autoscaling.enabled (not .root.Values.restore.file) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "soma.name" .root }}-{{ .component }}
  namespace: {{ .root.Release.Namespace }}
  labels: {{ include "soma.labels" . | nindent 4 }}
spec:
  {{- if not $scaled }}
  replicas: {{ if .root.Values.restore.file }}0{{ else }}{{ $values.replicas }}{{ end }}
  {{- end }}
  revisionHistoryLimit: 5
  selector:
    matchLabels: {{ include "soma.selector" . | nindent 6 }}
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  template:
    metadata:
      labels: {{ include "soma.labels" . | nindent 8 }}
      {{- if or $opa .root.Values.podAnnotations }}
      annotations:
        {{- if $opa }}
        checksum/policy: {{ toJson .root.Values.opa.policy | sha256sum }}
        {{- end }}
        {{- with .root.Values.podAnnotations }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- end }}
    spec:
      serviceAccountName: {{ include "soma.serviceAccount" .root }}
      terminationGracePeriodSeconds: {{ .root.Values.terminationGracePeriodSeconds }}
      securityContext: {{ include "soma.podSecurity" .root | nindent 8 }}
      {{- include "soma.placement" . | nindent 6 }}
      {{- with .root.Values.topologySpreadConstraints }}
      topologySpreadConstraints:
        {{- range . }}
        - {{ toYaml . | nindent 10 | trim }}
          labelSelector:
            matchLabels: {{ include "soma.selector" $ | nindent 14 }}
        {{- end }}
      {{- end }}
      initContainers:
        # The migration may run beside the first pods, and a tool other than Helm knows no hooks.
        - name: wait-for-migration
          image: {{ include "soma.image" .root }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          args: [wait-for-database.js, migrated]
          env:
            {{- include "soma.secrets" (dict "root" .root "keys" (list "SOMA_POSTGRES_URL") "optional" (list)) | trim | nindent 12 }}
            - name: SOMA_WAIT_SECONDS
              value: {{ .root.Values.migrate.waitSeconds | quote }}
          resources: {{ toYaml .root.Values.migrate.resources | nindent 12 }}
          securityContext: {{ include "soma.containerSecurity" .root | nindent 12 }}
      containers:
        - name: {{ .component }}
          image: {{ include "soma.image" .root }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          args: {{ toJson .args }}
          env:
            {{- include "soma.settings" .root | nindent 12 }}
            - name: {{ printf "SOMA_%s_PORT" (upper .component) }}
              value: {{ .port | quote }}
            {{- if $opa }}
            - name: SOMA_OPA_URL
              value: http://127.0.0.1:8181/v1/data/soma/allow
            {{- end }}
            {{- include "soma.serviceSecrets" .root | trim | nindent 12 }}
          ports:
            - { name: http, containerPort: {{ .port }}, protocol: TCP }
          startupProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 2
            timeoutSeconds: 2
            failureThreshold: 60
          # No I/O behind it: a database that is away is no reason to restart the pod.
          livenessProbe:
            httpGet: { path: /healthz, port: http }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 3
          # It gives each dependency two seconds.
          readinessProbe:
            httpGet: { path: /readyz, port: http }
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 3
          lifecycle:
            # Requests that are still routed here are answered before the program is told to stop.
            preStop:
              exec: { command: [node, -e, 'setTimeout(() => {}, 5000)'] }
          resources: {{ toYaml $values.resources | nindent 12 }}
          securityContext: {{ include "soma.containerSecurity" .root | nindent 12 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
        {{- if $opa }}
        {{- include "soma.opaContainer" .root | nindent 8 }}
        {{- end }}
      volumes:
        - name: tmp
          emptyDir: { sizeLimit: 64Mi }
        {{- if $opa }}
        - name: policy
          configMap: { name: {{ include "soma.policyConfigMap" .root }} }
        {{- end }}
{{- end -}}
