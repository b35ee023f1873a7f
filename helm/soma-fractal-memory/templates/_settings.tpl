{{/* The Secret that the chart makes and keeps: passwords of what it bundles, and the operator's token. */}}
{{- define "soma.generatedSecret" -}}
{{ include "soma.name" . }}-generated
{{- end -}}

{{- define "soma.needsGenerated" -}}
{{- if or .Values.postgres.bundled .Values.redis.bundled (not .Values.existingSecret) }}true{{ end -}}
{{- end -}}

{{/* The Secret that has a key. Call with (dict "root" $ "key" "SOMA_REDIS_URL"). */}}
{{- define "soma.secretOf" -}}
{{- $values := .root.Values -}}
{{- $made := dict
  "SOMA_POSTGRES_URL" $values.postgres.bundled
  "SOMA_POSTGRES_OWNER_URL" $values.postgres.bundled
  "SOMA_REDIS_URL" $values.redis.bundled
  "SOMA_ADMIN_TOKEN" (not $values.existingSecret) -}}
{{- if get $made .key -}}
{{ include "soma.generatedSecret" .root }}
{{- else -}}
{{ required (printf "existingSecret: name the Secret that has %s, or let the chart bundle the server it is for" .key) $values.existingSecret }}
{{- end -}}
{{- end -}}

{{/* Variables from Secrets. Call with (dict "root" $ "keys" (list …) "optional" (list …)). */}}
{{- define "soma.secrets" -}}
{{- $root := .root -}}
{{- range .keys }}
- name: {{ . }}
  valueFrom:
    secretKeyRef: { name: {{ include "soma.secretOf" (dict "root" $root "key" .) | quote }}, key: {{ . }} }
{{- end }}
{{- if $root.Values.existingSecret }}
{{- range .optional }}
- name: {{ . }}
  valueFrom:
    secretKeyRef: { name: {{ $root.Values.existingSecret | quote }}, key: {{ . }}, optional: true }
{{- end }}
{{- end }}
{{- end -}}

{{- define "soma.milvusAddress" -}}
{{- if .Values.milvus.bundled -}}
{{ include "soma.name" . }}-milvus:19530
{{- else -}}
{{ required "milvus.address: give host:port of Milvus, or set milvus.bundled" .Values.milvus.address }}
{{- end -}}
{{- end -}}

{{/* What is no secret, for the API and the worker. */}}
{{- define "soma.settings" -}}
- name: SOMA_API_HOST
  value: 0.0.0.0
- name: SOMA_INDEXER
  value: worker
- name: SOMA_MILVUS_ADDRESS
  value: {{ include "soma.milvusAddress" . | quote }}
- name: SOMA_MILVUS_COLLECTION_PREFIX
  value: {{ .Values.milvus.collectionPrefix | quote }}
- name: SOMA_EMBEDDING_PROVIDER
  value: {{ .Values.embedding.provider | quote }}
{{- with .Values.embedding.url }}
- name: SOMA_EMBEDDING_URL
  value: {{ . | quote }}
{{- end }}
{{- with .Values.embedding.model }}
- name: SOMA_EMBEDDING_MODEL
  value: {{ . | quote }}
{{- end }}
- name: SOMA_EMBEDDING_DIMENSION
  value: {{ .Values.embedding.dimension | quote }}
- name: SOMA_LOG_LEVEL
  value: {{ .Values.logLevel | quote }}
{{- range $name, $value := .Values.env }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end -}}

{{- define "soma.serviceSecrets" -}}
{{- include "soma.secrets" (dict "root" .
  "keys" (list "SOMA_POSTGRES_URL" "SOMA_REDIS_URL" "SOMA_ADMIN_TOKEN")
  "optional" (concat (list "SOMA_MILVUS_TOKEN" "SOMA_EMBEDDING_API_KEY" "SOMA_CHAT_API_KEY" "SOMA_PREDICTION_API_KEY" "SOMA_ENCRYPTION_KEYS" "SOMA_VAULT_TOKEN" "SOMA_OPA_TOKEN") .Values.secretKeys)) -}}
{{- end -}}
