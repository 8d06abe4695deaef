#include "cleave/report/explorable_map.h"

namespace cleave::report {

// Points are written into the pixels of a canvas themselves: 70 000 of them take a few milliseconds, so that moving
// stays smooth without a graphics library.
std::string_view map_script() {
  return R"js(data => {
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer;
  const points = new Uint16Array(bytes(data.points)), rows = new Int32Array(bytes(data.rows));
  const n = rows.length;
  for (const c of data.colourings) {
    c.classes = new Int16Array(bytes(c.classes));
    c.rgb = c.colours.map(h => [1, 3, 5].map(i => parseInt(h.slice(i, i + 2), 16)));
    c.counts = c.names.map(() => 0);
    for (const k of c.classes) if (k >= 0) c.counts[k]++;
  }
  // A shuffled order, the same every time: no class covers the others.
  const order = Uint32Array.from({length: n}, (_, i) => i);
  for (let i = n - 1, state = 1; i > 0; i--) {
    state = Math.imul(state, 1664525) + 1013904223 >>> 0;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  const box = document.currentScript.previousElementSibling;
  const make = (tag, name, parent) => {
    const e = document.createElement(tag);
    e.className = name;
    parent.append(e);
    return e;
  };
  const stage = make('div', 'stage', box), canvas = make('canvas', '', stage), card = make('div', 'card', stage);
  const side = make('div', 'side', box), tabs = make('div', 'tabs', side), legend = make('div', 'legend', side);
  const context = canvas.getContext('2d');
  const picture = make('canvas', '', card), words = make('div', '', card);
  let sheet = null;
  if (data.thumbnails) {
    sheet = new Image();
    sheet.src = data.thumbnails.src;
    const zoom = Math.max(1, Math.round(96 / data.thumbnails.height));
    picture.width = data.thumbnails.width * zoom;
    picture.height = data.thumbnails.height * zoom;
  } else picture.remove();

  let current = data.colourings[0], only = null, under = -1;
  let width = 0, height = 0, ratio = 1, scale = 1, left = 0, top = 0;  // screen = map * scale + (left, top)
  const fit = () => {
    ratio = window.devicePixelRatio || 1;
    width = canvas.width = Math.round(stage.clientWidth * ratio);
    height = canvas.height = Math.round(stage.clientHeight * ratio);
  };
  const home = () => {
    scale = Math.min(width, height) * .96 / 65536;
    left = (width - 65536 * scale) / 2;
    top = (height - 65536 * scale) / 2;
  };
  let asked = false;
  const ask = () => { if (!asked) { asked = true; requestAnimationFrame(draw); } };
  function draw() {
    asked = false;
    const image = context.createImageData(width, height), pixels = new Uint32Array(image.data.buffer);
    const magnified = scale * 65536 / Math.min(width, height);
    const radius = Math.max(.5, Math.min(9, Math.sqrt(3e4 / n) * 1.1 * Math.pow(magnified, .45))) * ratio;
    const reach = Math.floor(radius), limit = radius * radius;
    const colour = current ? current.rgb.map(([r, g, b]) => (255 << 24 | b << 16 | g << 8 | r) >>> 0) : [];
    const grey = 0xff9a958f, faint = 0x40a09a94;
    for (let pass = 0; pass < 2; pass++) {       // what is not looked at lies below
      for (let o = 0; o < n; o++) {
        const i = order[o], k = current ? current.classes[i] : -1, quiet = only !== null && k !== only;
        if (quiet === (pass === 1)) continue;
        const x = points[2 * i] * scale + left | 0, y = points[2 * i + 1] * scale + top | 0;
        if (x < reach || y < reach || x >= width - reach || y >= height - reach) continue;
        const paint = quiet ? faint : k >= 0 ? colour[k] : grey;
        for (let dy = -reach; dy <= reach; dy++) {
          for (let dx = -reach; dx <= reach; dx++) {
            if (dx * dx + dy * dy <= limit) pixels[(y + dy) * width + x + dx] = paint;
          }
        }
      }
    }
    context.putImageData(image, 0, 0);
    if (under >= 0) {
      context.lineWidth = 2 * ratio;
      context.strokeStyle = getComputedStyle(box).color;
      context.beginPath();
      context.arc(points[2 * under] * scale + left, points[2 * under + 1] * scale + top, radius + 3 * ratio, 0, 7);
      context.stroke();
    }
  }
  const show = () => {
    card.style.display = under < 0 ? 'none' : 'block';
    if (under < 0) return;
    words.textContent = '';
    const line = text => { make('div', '', words).textContent = text; };
    line('example ' + rows[under]);
    for (const c of data.colourings) {
      const k = c.classes[under];
      line(k < 0 ? 'no ' + c.name : c.names[k].startsWith(c.name) ? c.names[k] : c.name + ' ' + c.names[k]);
    }
    if (sheet) {
      const t = data.thumbnails, pen = picture.getContext('2d');
      pen.drawImage(sheet, under % t.columns * t.width, Math.floor(under / t.columns) * t.height, t.width, t.height,
                    0, 0, picture.width, picture.height);
    }
    const x = (points[2 * under] * scale + left) / ratio, y = (points[2 * under + 1] * scale + top) / ratio;
    card.style.left = (x > stage.clientWidth - 170 ? x - 16 - card.offsetWidth : x + 16) + 'px';
    card.style.top = Math.max(4, Math.min(y - 30, stage.clientHeight - card.offsetHeight - 4)) + 'px';
  };
  const place = event => {
    const r = canvas.getBoundingClientRect();
    return [(event.clientX - r.left) * ratio, (event.clientY - r.top) * ratio];
  };
  const find = (x, y) => {
    let best = -1, least = (14 * ratio) ** 2;
    for (let i = 0; i < n; i++) {
      if (only !== null && current.classes[i] !== only) continue;
      const dx = points[2 * i] * scale + left - x, dy = points[2 * i + 1] * scale + top - y, d = dx * dx + dy * dy;
      if (d < least) { least = d; best = i; }
    }
    return best;
  };
  const zoom = (x, y, by) => {
    const least = Math.min(width, height) / 65536 * .5, next = Math.max(least, Math.min(scale * by, least * 2000));
    left = x - (x - left) * next / scale;
    top = y - (y - top) * next / scale;
    scale = next;
    ask();
  };
  const held = new Map();
  canvas.addEventListener('pointerdown', e => { canvas.setPointerCapture(e.pointerId); held.set(e.pointerId, place(e)); });
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, e => held.delete(e.pointerId));
  canvas.addEventListener('pointermove', e => {
    const to = place(e), from = held.get(e.pointerId);
    if (from) {
      if (held.size === 2) {                     // two fingers
        const other = [...held].find(([id]) => id !== e.pointerId)[1];
        const span = p => Math.max(20, Math.hypot(p[0] - other[0], p[1] - other[1]));
        zoom(other[0], other[1], span(to) / span(from));
      } else {
        left += to[0] - from[0];
        top += to[1] - from[1];
      }
      held.set(e.pointerId, to);
      ask();
    }
    const found = find(to[0], to[1]);
    if (found !== under || from) { under = found; show(); ask(); }
  });
  canvas.addEventListener('pointerleave', () => { under = -1; show(); ask(); });
  canvas.addEventListener('wheel', e => {
    e.preventDefault();
    zoom(...place(e), Math.exp(-Math.max(-60, Math.min(60, e.deltaY)) * .006));
    show();
  }, {passive: false});
  canvas.addEventListener('dblclick', () => { home(); ask(); });
  const choose = c => {
    current = c;
    only = null;
    tabs.textContent = legend.textContent = '';
    if (data.colourings.length > 1) {
      for (const other of data.colourings) {
        const tab = make('button', other === c ? 'chosen' : '', tabs);
        tab.textContent = 'by ' + other.name;
        tab.onclick = () => choose(other);
      }
    }
    const show_class = (k, name, colour, count) => {
      if (!count) return;
      const entry = make('button', '', legend);
      make('i', '', entry).style.background = colour;
      make('span', '', entry).textContent = name;
      make('small', '', entry).textContent = count.toLocaleString('en');
      entry.onclick = () => {
        only = only === k ? null : k;
        [...legend.children].forEach(e => e.classList.toggle('quiet', only !== null && e !== entry));
        ask();
      };
    };
    c.names.forEach((name, k) => show_class(k, name, c.colours[k], c.counts[k]));
    show_class(-1, 'none', '#8f959a', n - c.counts.reduce((a, b) => a + b, 0));
    ask();
  };
  fit();
  home();
  new ResizeObserver(() => { fit(); home(); ask(); }).observe(stage);
  window.addEventListener('beforeprint', draw);
  if (current) choose(current);
  draw();
})js";
}

}  // namespace cleave::report
