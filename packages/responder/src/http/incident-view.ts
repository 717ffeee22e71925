import type { Incident } from '@firebreak/core'

/** An incident as JSON: what a person or a script asks for, without the loop's book-keeping. */
export function viewIncident(incident: Readonly<Incident>): object {
  const { stream, code, service, number, status, severity, worst, reasons, inconclusive, linked, impact, suspicion } =
    incident
  const time = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString())
  return {
    id: stream,
    code,
    service,
    number,
    status,
    severity,
    worst,
    onsetAt: time(incident.onsetAt),
    openedAt: time(incident.openedAt),
    mitigatedAt: time(incident.mitigatedAt),
    verifiedAt: time(incident.verifiedAt),
    resolvedAt: time(incident.resolvedAt),
    acknowledgement: incident.acknowledgement && {
      ...incident.acknowledgement,
      at: time(incident.acknowledgement.at),
      until: time(incident.acknowledgement.until),
    },
    pinned: incident.pinned?.severity,
    reasons,
    inconclusive,
    linked,
    impact,
    suspicion,
    signals: Array.from(incident.signals.values(), ({ signal, count }) => ({ ...signal, count })),
    pages: Array.from(incident.pages.values(), ({ request, sent, failed, withdrawn }) => ({
      to: request.to,
      severity: request.severity,
      reason: request.reason,
      sent: sent.map(({ notifier, receipt }) => ({ notifier, state: receipt.state })),
      failed: failed.length,
      withdrawn,
    })),
    approvals: Array.from(incident.approvals.values(), ({ approval, action, digest, expiresAt, decision }) => ({
      approval,
      action,
      digest,
      expiresAt,
      decision,
    })),
    postmortem: incident.postmortem,
    version: incident.version,
  }
}
