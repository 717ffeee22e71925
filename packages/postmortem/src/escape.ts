/** Text for a Markdown paragraph, list item or table cell: no heading, link, image, mention, HTML or table can come of it. */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/[\\`*_[\]<|~#$]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('://', ':\\//')
    .replaceAll(/\bwww\./gi, (start) => `${start.slice(0, -1)}\\.`)
    .replaceAll(/(^|[^\w])@(?=\w)/g, '$1＠')
    .replace(/^(\s*(?:\d+(?=[.)](?:\s|$)))?)([-+=>.)])/, '$1\\$2')
}

export function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"'`]/g, (character) => `&#${character.codePointAt(0)};`)
}
