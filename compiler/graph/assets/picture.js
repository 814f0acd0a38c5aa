"use strict";
// From a graph to SVG: sizes of boxes, their places (dagre's), and what is drawn.
// Nothing here knows of a browser, so that `dlmc graph` runs the same code.
const picture = (() => {
  // Widths of Helvetica and Arial in thousandths of the font size, from space to `~`.
  const WIDTHS = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
  ];
  const TITLE = { size: 14, bold: true };
  const DETAIL = { size: 12, bold: false };
  const NOTE = { size: 11, bold: false };
  const HEADING = { size: 18, bold: true };
  const PADDING = 14; // inside a box, beside its text
  const HEADER = 34; // of an unfolded block
  const MARGIN = 24; // around the picture
  const SHADOW = 4; // between the cards of what is repeated
  const CORNER = { layer: 6, function: 6, block: 10, repeat: 10, weight: 3 };

  const textWidth = (text, { size, bold }) => {
    let sum = 0;
    for (const character of text) {
      const code = character.codePointAt(0);
      if (code >= 32 && code < 127) sum += WIDTHS[code - 32];
      else if (code > 0x10ff && code !== 0x2026) sum += code < 0x2e80 ? 600 : 1000;
      else sum += code === 0x2026 ? 1000 : 600;
    }
    return (sum * size * (bold ? 1.08 : 1)) / 1000;
  };

  const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
  const escaped = (text) => String(text).replace(/[&<>"']/g, (mark) => ESCAPES[mark]);

  const number = (value) => String(Math.round(value * 10) / 10);

  const canOpen = (node) => node.nodes !== undefined;

  const lines = (node) => {
    const found = [[node.title, TITLE, "title"]];
    if (node.detail) found.push([node.detail, DETAIL, "detail"]);
    if (node.note) found.push([node.note, NOTE, "note"]);
    return found;
  };

  const isRound = (node) => node.role === "operator" && node.title.length <= 2;

  /** The size of a folded node. */
  const box = (node) => {
    if (isRound(node)) return { node, width: 32, height: 32 };
    const texts = lines(node);
    const widest = Math.max(...texts.map(([text, font]) => textWidth(text, font)));
    const height = texts.reduce((sum, [, font]) => sum + font.size + 5, 0) + 13;
    const mark = canOpen(node) ? 18 : 0;
    const width = Math.max(widest + 2 * PADDING + 2 * mark, 60);
    return { node, width: Math.ceil(width), height };
  };

  /** A node with its size; of an unfolded one with the places of all inside. */
  const place = (node, isOpen) => {
    if (!canOpen(node) || !isOpen(node)) return box(node);
    const inside = new Map(node.nodes.map((inner) => [inner.id, place(inner, isOpen)]));
    const graph = new dagre.graphlib.Graph({ multigraph: true });
    graph.setGraph({ rankdir: "TB", nodesep: 28, ranksep: 38, edgesep: 18 });
    for (const [id, { width, height }] of inside) graph.setNode(id, { width, height });
    const labelled = new Set();
    node.edges.forEach(([source, target, label, type], index) => {
      // A value that goes to several places is labelled once.
      const text = labelled.has(source + " " + label) ? "" : label;
      labelled.add(source + " " + label);
      // The label stands beside the line, which runs through the middle.
      const width = text ? 2 * (textWidth(text, NOTE) + 10) : 0;
      const height = text ? 14 : 0;
      const edge = { text, type, width, height, labelpos: "c" };
      graph.setEdge(source, target, edge, String(index));
    });
    dagre.layout(graph);
    if (isReversed(node.nodes.map(({ id }) => graph.node(id)))) mirror(graph);
    const size = extent(graph);
    const header = node.role === "model" ? 0 : HEADER;
    const around = node.role === "model" ? 0 : PADDING + 2;
    const heading = node.role === "model" ? 0 : textWidth(heads(node), TITLE) + 60;
    const width = Math.max(size.width + 2 * around, heading);
    const dx = (width - size.width) / 2 - size.left;
    for (const [id, inner] of inside) {
      const { x, y } = graph.node(id);
      inner.x = x - inner.width / 2 + dx;
      inner.y = y - inner.height / 2 + header + around / 2;
    }
    const rows = new Map();
    for (const { y, height } of inside.values()) {
      const middle = number(y + height / 2);
      rows.set(middle, Math.max(rows.get(middle) ?? 0, height));
    }
    const edges = graph.edges().map((key) => {
      const { text, type, points, ...edge } = graph.edge(key);
      const move = ({ x, y }) => ({ x: x + dx, y: y + header + around / 2 });
      const [source, target] = [inside.get(key.v), inside.get(key.w)];
      const line = path(source, target, points.slice(1, -1).map(move), rows);
      const ends = [source, target].map((end) => end.x + end.width / 2);
      const label = text ? { text, ...move(edge), ends } : null;
      return { type, line, label };
    });
    const height = size.height + header + around * 1.5;
    return { node, width, height, inside: [...inside.values()], edges };
  };

  /** Whether of nodes beside each other most stand against the order of the program. */
  const isReversed = (nodes) => {
    let balance = 0;
    nodes.forEach((first, index) => {
      for (const second of nodes.slice(index + 1)) {
        if (number(first.y) === number(second.y)) balance += Math.sign(first.x - second.x);
      }
    });
    return balance > 0;
  };

  const mirror = (graph) => {
    const { width } = graph.graph();
    const turn = (point) => (point.x = width - point.x);
    for (const id of graph.nodes()) turn(graph.node(id));
    for (const key of graph.edges()) {
      const edge = graph.edge(key);
      edge.points.forEach(turn);
      if (edge.x !== undefined) turn(edge);
    }
  };

  /** What the nodes and edges take; dagre's own size leaves out edges without labels. */
  const extent = (graph) => {
    let [left, right] = [0, graph.graph().width];
    for (const key of graph.edges()) {
      for (const { x } of graph.edge(key).points) {
        left = Math.min(left, x - 4);
        right = Math.max(right, x + 4);
      }
    }
    return { left, width: right - left, height: graph.graph().height };
  };

  const heads = (node) => [node.title, node.detail].filter(Boolean).join("   ");

  /**
   * A line from the foot of one node to the head of another.
   *
   * Between rows of nodes it bends, through a row it runs straight down: `rows` has the
   * height of each by its middle.
   */
  const path = (source, target, between, rows) => {
    const at = (x, y) => `${number(x)} ${number(y)}`;
    let [x, y] = [source.x + source.width / 2, source.y + source.height];
    let text = `M${at(x, y)}`;
    const bend = (toX, toY) => {
      const middle = (y + toY) / 2;
      const isStraight = Math.abs(toX - x) < 0.5;
      text += isStraight ? `L${at(toX, toY)}` : `C${at(x, middle)} ${at(toX, middle)} ${at(toX, toY)}`;
    };
    for (const point of between) {
      const half = (rows.get(number(point.y)) ?? 0) / 2;
      bend(point.x, point.y - half);
      [x, y] = [point.x, point.y + half];
      if (half > 0) text += `L${at(x, y)}`;
    }
    bend(target.x + target.width / 2, target.y);
    return text;
  };

  const words = (text, x, y, kind, anchor = "middle") =>
    `<text class="${kind}" x="${number(x)}" y="${number(y)}" text-anchor="${anchor}">` +
    `${escaped(text)}</text>`;

  const rectangle = (x, y, width, height, radius) =>
    `<rect x="${number(x)}" y="${number(y)}" width="${number(width)}" ` +
    `height="${number(height)}" rx="${number(radius)}"/>`;

  const shapeOf = (placed) => {
    const { node, x, y, width, height } = placed;
    if (isRound(node)) {
      const [cx, cy] = [number(x + width / 2), number(y + height / 2)];
      return `<circle cx="${cx}" cy="${cy}" r="${number(width / 2)}"/>`;
    }
    const radius = CORNER[node.role] ?? height / 2;
    let text = "";
    if (node.count > 1 && node.role !== "repeat") {
      for (const step of [2, 1]) {
        text += rectangle(x + step * SHADOW, y + step * SHADOW, width, height, radius);
      }
    }
    return text + rectangle(x, y, width, height, radius);
  };

  /** Name and value of each fact, one a line. */
  const factsOf = (node) =>
    (node.facts ?? []).map(([name, text]) => (name ? `${name}: ${text}` : text));

  const drawn = (placed, options) => {
    const { node, x, y, width, height } = placed;
    const attributes = [`class="node ${node.role}"`];
    if (options.interactive) {
      attributes.push(`data-id="${escaped(node.id)}"`, 'tabindex="0"');
      const label = [heads(node), node.note].filter(Boolean).join(", ");
      attributes.push(`aria-label="${escaped(label)}"`);
      if (canOpen(node)) {
        attributes.push('role="button"', `aria-expanded="${Boolean(placed.inside)}"`);
      } else attributes.push('role="img"');
    }
    const facts = options.interactive ? [] : factsOf(node);
    let text = `<g ${attributes.join(" ")}>`;
    if (facts.length) text += `<title>${escaped(facts.join("\n"))}</title>`;
    text += shapeOf(placed);
    const center = x + width / 2;
    if (placed.inside) {
      const start = x + PADDING + (options.interactive ? 16 : 0);
      const line = y + 22;
      text += words(node.title, start, line, "title", "start");
      if (node.detail) {
        const after = start + textWidth(node.title, TITLE) + 10;
        text += words(node.detail, after, line, "detail", "start");
      }
    } else {
      let line = y + (isRound(node) ? 2 : 6);
      for (const [content, font, kind] of lines(node)) {
        line += font.size + 5;
        text += words(content, center, line - 2, kind);
      }
    }
    if (options.interactive && canOpen(node)) {
      const mark = placed.inside ? "▾" : "▸";
      const middle = placed.inside ? y + 22 : y + height / 2 + 5;
      text += words(mark, x + PADDING, middle, "mark", "middle");
    }
    if (node.count > 1 && node.role !== "repeat") {
      const badge = `×${node.count}`;
      const wide = textWidth(badge, TITLE) + 14;
      const [left, top] = [x + width - wide + 8, y - 10];
      text += `<g class="badge">${rectangle(left, top, wide, 20, 10)}`;
      text += `${words(badge, left + wide / 2, top + 14.5, "count")}</g>`;
    }
    text += "</g>";
    return placed.inside ? text + contents(placed, options) : text;
  };

  const contents = (placed, options) => {
    let text = `<g transform="translate(${number(placed.x)} ${number(placed.y)})">`;
    for (const edge of placed.edges) {
      text += `<path class="edge" d="${edge.line}" marker-end="url(#arrow)">`;
      text += `<title>${escaped(edge.type)}</title></path>`;
    }
    for (const inner of placed.inside) text += drawn(inner, options);
    for (const { label } of placed.edges) {
      if (!label) continue;
      // On the side that the line neither comes from nor turns to.
      const isLeft = label.ends.some((end) => end > label.x + 4);
      const x = label.x + (isLeft ? -7 : 7);
      text += words(label.text, x, label.y + 4, "shape", isLeft ? "end" : "start");
    }
    return `${text}</g>`;
  };

  /** Where each node is, in the picture's coordinates. */
  const places = (placed, found = new Map()) => {
    for (const inner of placed.inside ?? []) {
      const [x, y] = [placed.left + inner.x, placed.top + inner.y];
      found.set(inner.node.id, { x, y, width: inner.width, height: inner.height });
      places({ ...inner, left: x, top: y }, found);
    }
    return found;
  };

  const ARROW =
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="7" ' +
    'markerHeight="7" orient="auto"><path class="arrow" d="M0 0L8 4L0 8z"/></marker></defs>';

  /**
   * Draw models below each other.
   *
   * `isOpen(node)` says whether a node that can be unfolded is. Gives the SVG as a
   * text, its size, and the place of each node by its id.
   */
  const render = (models, style, isOpen, options = {}) => {
    let [height, width, body] = [MARGIN, 0, ""];
    const found = new Map();
    for (const model of models) {
      const placed = place(model, (node) => node === model || isOpen(node));
      const [[title], ...below] = lines(model);
      height += HEADING.size;
      body += words(title, MARGIN, height, "heading", "start");
      for (const [text, font] of below) {
        height += 18;
        body += words(text, MARGIN, height, "detail", "start");
        width = Math.max(width, textWidth(text, font) + 2 * MARGIN);
      }
      placed.x = MARGIN;
      placed.y = height + MARGIN;
      body += contents(placed, options);
      places({ ...placed, left: placed.x, top: placed.y }, found);
      const widest = Math.max(placed.width, textWidth(title, HEADING));
      width = Math.max(width, widest + 2 * MARGIN);
      height = placed.y + placed.height + 2 * MARGIN;
    }
    height -= MARGIN;
    const size = `width="${number(width)}" height="${number(height)}"`;
    const names = escaped(models.map(({ title }) => title).join(", "));
    const role = options.interactive ? "" : `role="img" aria-label="${names}" `;
    const svg =
      `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${role}` +
      `viewBox="0 0 ${number(width)} ${number(height)}" class="picture">` +
      `<style>${style}</style>${ARROW}` +
      `<rect class="paper" width="100%" height="100%"/>${body}</svg>`;
    return { svg, width, height, places: found };
  };

  return { render, factsOf, escaped };
})();
