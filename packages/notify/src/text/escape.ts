/**
 * Plain text as Markdown that renders as itself: no links, images, headings, lists, quotes, code, HTML or mentions.
 * An at-sign gets a joint that keeps chat from seeing a name there.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/[\\`*_{}[\]<>#|~!&]/g, String.raw`\$&`)
    .replaceAll('@', '@\u2060')
    .replaceAll(/(https?):\/\//gi, '$1:\u2060//')
    .replaceAll(/^(\s{0,12})([-+=]|\d{1,9}[.)])/gm, (_, space: string, mark: string) => escapeListMark(space, mark))
}

/** Breaks what starts a list, a rule or an underlined heading at the beginning of a line. */
function escapeListMark(space: string, mark: string): string {
  const last = mark.length - 1
  return `${space}${mark.slice(0, last)}\\${mark.slice(last)}`
}

/** The three characters that Slack reads as its own; without them there is no link and no mention. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** An address that may be linked: http or https, without credentials; anything else is not a link. */
export function linkable(url: string): string | undefined {
  if (url.length > 2_000 || !URL.canParse(url)) return undefined
  const { protocol, username, password, href } = new URL(url)
  return (protocol === 'https:' || protocol === 'http:') && username === '' && password === '' ? href : undefined
}
