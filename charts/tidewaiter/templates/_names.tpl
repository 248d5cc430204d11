{{/* One name for everything of a release; the cluster-scoped objects carry it too, so two releases never share one. */}}
{{- define "tidewaiter.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "tidewaiter.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}:{{ $tag }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ $tag }}
{{- end -}}
{{- end -}}

{{- define "tidewaiter.labels" -}}
app.kubernetes.io/name: tidewaiter
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "tidewaiter.selector" -}}
app.kubernetes.io/name: tidewaiter
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{/* The restricted Pod security standard, and a root filesystem nobody can write to. */}}
{{- define "tidewaiter.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "tidewaiter.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* Reads image pull secrets everywhere? */}}
{{- define "tidewaiter.secretsEverywhere" -}}
{{- if has "*" .Values.pullSecrets.namespaces -}}true{{- end -}}
{{- end -}}
