"use strict";
// The page: what a person does to the picture.
(() => {
  const models = JSON.parse(document.getElementById("data").textContent);
  const style = document.getElementById("style").textContent;
  const stage = document.getElementById("stage");
  const holder = document.getElementById("picture");
  const tip = document.getElementById("tip");
  const nodes = new Map();
  const open = new Set();
  const collect = (node) => {
    nodes.set(node.id, node);
    if (node.open) open.add(node.id);
    (node.nodes ?? []).forEach(collect);
  };
  models.forEach(collect);

  const view = { x: 0, y: 0, scale: 1 };
  let drawn = null;

  const move = () => {
    holder.style.transform = `translate(${view.x}px, ${view.y}px) scale(${view.scale})`;
  };
  const draw = () => {
    const focused = document.activeElement?.closest?.(".node")?.dataset.id;
    drawn = picture.render(models, style, (node) => open.has(node.id), { interactive: true });
    holder.innerHTML = drawn.svg;
    if (focused !== undefined) element(focused)?.focus({ preventScroll: true });
  };
  const element = (id) => holder.querySelector(`.node[data-id="${CSS.escape(id)}"]`);
  const READABLE = 0.6;
  const fit = (least = 0.05) => {
    const { clientWidth, clientHeight } = stage;
    const scale = Math.min(clientWidth / drawn.width, clientHeight / drawn.height, 1);
    view.scale = Math.max(scale, least);
    view.x = Math.max((clientWidth - drawn.width * view.scale) / 2, 0);
    view.y = Math.max((clientHeight - drawn.height * view.scale) / 2, 0);
    move();
  };
  const zoom = (factor, x = stage.clientWidth / 2, y = stage.clientHeight / 2) => {
    const scale = Math.min(Math.max(view.scale * factor, 0.05), 8);
    view.x = x - ((x - view.x) * scale) / view.scale;
    view.y = y - ((y - view.y) * scale) / view.scale;
    view.scale = scale;
    move();
  };
  const toggle = (id) => {
    const before = drawn.places.get(id);
    if (!open.delete(id)) open.add(id);
    tip.hidden = true;
    draw();
    // What was clicked stays where it is.
    const after = drawn.places.get(id);
    view.x += (before.x + before.width / 2 - after.x - after.width / 2) * view.scale;
    view.y += (before.y - after.y) * view.scale;
    move();
  };
  const each = (isOpen) => {
    for (const [id, node] of nodes) {
      if (isOpen && node.nodes) open.add(id);
      else if (node.role !== "repeat") open.delete(id);
    }
    draw();
    fit(READABLE);
  };

  const explain = (target, x, y) => {
    const node = nodes.get(target?.dataset.id);
    if (!node?.facts) {
      tip.hidden = true;
      return;
    }
    tip.replaceChildren();
    for (const [name, text] of node.facts) {
      const line = document.createElement("div");
      line.dir = "auto";
      if (name) {
        const label = document.createElement("b");
        label.textContent = `${name}  `;
        line.append(label);
      }
      line.append(text);
      tip.append(line);
    }
    tip.hidden = false;
    const { offsetWidth, offsetHeight } = tip;
    tip.style.left = `${Math.min(x + 14, stage.clientWidth - offsetWidth - 8)}px`;
    tip.style.top = `${Math.max(Math.min(y + 14, stage.clientHeight - offsetHeight - 8), 8)}px`;
  };

  let drag = null;
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    drag = { x: event.clientX, y: event.clientY, moved: false };
  });
  addEventListener("pointermove", (event) => {
    if (!drag) {
      explain(event.target.closest?.(".node"), event.clientX, event.clientY);
      return;
    }
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!drag.moved && Math.hypot(dx, dy) < 4) return;
    Object.assign(drag, { x: event.clientX, y: event.clientY, moved: true });
    stage.classList.add("dragged");
    tip.hidden = true;
    view.x += dx;
    view.y += dy;
    move();
  });
  addEventListener("pointerup", (event) => {
    const node = event.target.closest?.('.node[role="button"]');
    if (drag && !drag.moved && node) toggle(node.dataset.id);
    drag = null;
    stage.classList.remove("dragged");
  });
  addEventListener("pointercancel", () => (drag = null));
  stage.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), event.clientX, event.clientY);
    },
    { passive: false },
  );
  holder.addEventListener("focusin", (event) => {
    const target = event.target.closest(".node");
    if (!target?.matches(":focus-visible")) return;
    const { right, top } = target.getBoundingClientRect();
    explain(target, right, top);
  });
  holder.addEventListener("focusout", () => (tip.hidden = true));

  const PANS = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const node = event.target.closest?.('.node[role="button"]');
    if (node && (event.key === "Enter" || event.key === " ")) toggle(node.dataset.id);
    else if (event.key === "+" || event.key === "=") zoom(1.25);
    else if (event.key === "-") zoom(0.8);
    else if (event.key === "0") fit();
    else if (event.key === "Escape") tip.hidden = true;
    else if (PANS[event.key]) {
      view.x += PANS[event.key][0];
      view.y += PANS[event.key][1];
      move();
    } else return;
    event.preventDefault();
  });
  const actions = {
    unfold: () => each(true),
    fold: () => each(false),
    in: () => zoom(1.25),
    out: () => zoom(0.8),
    fit: () => fit(),
  };
  for (const [id, action] of Object.entries(actions)) {
    document.getElementById(id).addEventListener("click", action);
  }
  draw();
  fit(READABLE);
})();
