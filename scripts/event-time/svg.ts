/** Small SVG by hand: text in, text out. Numbers are pixels, written to a tenth. */

type Attributes = Readonly<Record<string, string | number>>;

/** All pictures are this wide. */
export const WIDTH = 720;

/** One look for all. The background is drawn, so that the text can be read on a page of any colour. */
const STYLE = `text{font:12px system-ui,'Segoe UI',Helvetica,Arial,sans-serif;fill:#24292f}
.small{font-size:11px}.muted{fill:#666e77}.head{font-weight:600}.end{text-anchor:end}.middle{text-anchor:middle}
.halo{paint-order:stroke;stroke:#fdfdfb;stroke-width:3px;stroke-linejoin:round}
.grid{stroke:#e3e3dc}.axis{stroke:#8c959f}.now{stroke:#8c959f;stroke-dasharray:2 4}
.open{fill:#eef4fd;stroke:#5b8ac9;stroke-dasharray:4 3}.closed{fill:#cfe0f7;stroke:#5b8ac9}.final{fill:#a3c1ea;stroke:#3d6aa8}
.withdrawn{fill:#f0efec;stroke:#8c959f;stroke-dasharray:1 3}
.watermark{fill:none;stroke:#d9480f;stroke-width:2}.mark{fill:#d9480f}
.intime{fill:#1f7a4a}.other{fill:#0b5c8a}.late{stroke:#c1121f;stroke-width:2.5;fill:none}.correcting{fill:#b7791f}.future{fill:#7d3c98}
.unassigned{fill:#fdfdfb;stroke:#1f7a4a;stroke-width:1.5}`;

/** An element; children are markup already. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? tenth(value) : escaped(value)}"`)
    .join('');
  return children.length > 0 ? `<${name}${written}>${children.join('')}</${name}>` : `<${name}${written}/>`;
}

export function text(x: number, y: number, content: string, style = ''): string {
  return element('text', { x, y, ...(style && { class: style }) }, escaped(content));
}

export function line(x1: number, y1: number, x2: number, y2: number, style: string): string {
  return element('path', { d: `M${tenth(x1)} ${tenth(y1)}L${tenth(x2)} ${tenth(y2)}`, class: style });
}

export function rectangle(x: number, y: number, width: number, height: number, style: string): string {
  return element('rect', { x, y, width: Math.max(width, 1), height, class: style });
}

/** A line that goes right, then up, from corner to corner. */
export function steps(corners: readonly (readonly [x: number, y: number])[], style: string): string {
  const [first, ...others] = corners;
  if (!first) return '';
  const d = others.map(([x, y]) => `H${tenth(x)}V${tenth(y)}`).join('');
  return element('path', { d: `M${tenth(first[0])} ${tenth(first[1])}${d}`, class: style });
}

/** About how wide a text of the small size is. */
export function widthOf(content: string): number {
  return content.length * 6.1;
}

/** A whole picture, with its description for those who do not see it. */
export function picture(height: number, description: string, parts: readonly string[]): string {
  const box = { x: 0.5, y: 0.5, width: WIDTH - 1, height: height - 1, rx: 6 };
  return (
    element(
      'svg',
      { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${WIDTH} ${tenth(height)}`, role: 'img' },
      `\n${element('title', {}, escaped(description))}\n<style>${STYLE}</style>\n`,
      element('rect', { ...box, fill: '#fdfdfb', stroke: '#d0d0c8' }),
      ...parts.map((part) => `\n${part}`),
      '\n',
    ) + '\n'
  );
}

function tenth(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
