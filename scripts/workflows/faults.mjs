const PINNED = /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}\s+# v\d+(\.\d+)*$/
const FORM_PARTS = new Set(['input', 'textarea', 'dropdown', 'checkboxes', 'markdown'])

/**
 * What is wrong with a workflow, beyond what actionlint sees.
 *
 * @param {string} text
 * @param {(text: string) => any} parse  YAML parser
 * @returns {string[]}
 */
export function workflowFaults(text, parse) {
  const faults = []
  text.split('\n').forEach((line, index) => {
    const used = /^\s*(?:-\s+)?uses:\s*(.+?)\s*$/.exec(line)?.[1]
    if (used !== undefined && !used.startsWith('./') && !PINNED.test(used)) {
      faults.push(`line ${index + 1}: ${used} is not pinned as owner/name@<40 hex digits> # vX.Y.Z`)
    }
  })
  const workflow = parse(text)
  const { permissions } = workflow
  if (permissions === undefined) faults.push('no top-level permissions: it would get the default token rights')
  if (permissions === 'write-all' || Object.values(permissions ?? {}).includes('write'))
    faults.push('rights to write belong to the job that needs them')
  if ('pull_request_target' in (workflow.on ?? {})) faults.push('pull_request_target runs foreign code with our secrets')
  for (const [name, job] of Object.entries(workflow.jobs ?? {})) {
    if (job['timeout-minutes'] === undefined) faults.push(`job ${name} has no timeout-minutes`)
    const writes = Object.values(job.permissions ?? {}).includes('write')
    for (const step of job.steps ?? []) {
      if (!String(step.uses ?? '').startsWith('actions/checkout@') || writes) continue
      if (step.with?.['persist-credentials'] !== false)
        faults.push(`job ${name}: checkout keeps the token (persist-credentials: false)`)
    }
  }
  return faults
}

/**
 * What GitHub would refuse or ignore in an issue form.
 *
 * @param {any} form
 * @param {Set<string>} labels  the labels that exist
 * @returns {string[]}
 */
export function formFaults(form, labels) {
  const faults = ['name', 'description', 'body'].filter((field) => !form?.[field]).map((field) => `no ${field}`)
  for (const label of form?.labels ?? []) if (!labels.has(label)) faults.push(`label ${label} is not in labels.yml`)
  const ids = new Set()
  for (const part of form?.body ?? []) {
    if (!FORM_PARTS.has(part.type)) faults.push(`unknown part ${part.type}`)
    if (part.type === 'markdown') continue
    if (!part.id || ids.has(part.id)) faults.push(`part ${part.id ?? '(none)'} needs an id of its own`)
    ids.add(part.id)
    if (!part.attributes?.label) faults.push(`part ${part.id} has no label`)
    if (/dropdown|checkboxes/.test(part.type) && !(part.attributes?.options?.length > 0))
      faults.push(`part ${part.id} has no options`)
  }
  return faults
}
