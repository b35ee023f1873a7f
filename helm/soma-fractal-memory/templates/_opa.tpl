{{- define "soma.policyConfigMap" -}}
{{- .Values.opa.existingConfigMap | default (printf "%s-policy" (include "soma.name" .)) | quote -}}
{{- end -}}

{{/* An OPA server in the API's pod, which it alone asks: 8181 on loopback; 8282 has health only. */}}
{{- define "soma.opaContainer" -}}
- name: opa
  image: {{ include "soma.imageOf" .Values.opa.image }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args:
    - run
    - --server
    - --addr=127.0.0.1:8181
    - --diagnostic-addr=0.0.0.0:8282
    - --disable-telemetry
    - --log-level=error
    - /policy
  ports:
    - { name: opa-health, containerPort: 8282, protocol: TCP }
  livenessProbe:
    httpGet: { path: /health, port: opa-health }
    periodSeconds: 10
  readinessProbe:
    httpGet: { path: '/health?bundles', port: opa-health }
    periodSeconds: 5
  resources: {{ toYaml .Values.opa.resources | nindent 4 }}
  securityContext: {{ include "soma.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - { name: policy, mountPath: /policy, readOnly: true }
{{- end -}}
